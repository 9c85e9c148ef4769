/**
 * The cases of the public suite sockjs/sockjs-protocol, by its sections, for what is switched on. Its servers echo,
 * ours speaks frames: a subscription that is refused comes back with its topic. Hixie-76 (test_haproxy), JSONP,
 * HtmlFile, JSESSIONID and /info without websockets are switched off; `null` is no origin that may be allowed.
 */
import { describe, expect, it } from "vitest";
import {
  ask,
  expectCors,
  expectOptions,
  framed,
  NOT_CACHED,
  PRELUDE,
  refused,
  twoPolls,
  ProtocolVisitor,
} from "../testing/protocol-visitor.ts";

describe("Protocol and framing", () => {
  it("test_simpleSession", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    expect(await visitor.send('{"type":"hello"}')).toMatchObject({ status: 204, body: "" });
    expect(await visitor.poll()).toMatch(/^a\["\{\\"type\\":\\"welcome\\".*\]\n$/);
    expect((await visitor.post("/000/bad_session/xhr_send", '["a"]')).status).toBe(404);
    const waiting = await twoPolls(visitor);
    await visitor.send(ask("all"));
    expect((await waiting.answer).body).toBe(framed(refused("all")));
  });

  it("test_closeSession", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    await visitor.send("malformed");
    for (let i = 0; i < 2; i += 1) expect(await visitor.poll()).toBe('c[4000,"malformed-frame"]\n');
  });
});

describe("XhrPolling: `/*/*/xhr`, `/*/*/xhr_send`", () => {
  it("test_options", async () => {
    const visitor = await ProtocolVisitor.start();
    for (const path of ["/abc/abc/xhr", "/abc/abc/xhr_send"])
      await expectOptions(visitor, path, ["OPTIONS", "POST"]);
  });

  it("test_transport", async () => {
    const visitor = await ProtocolVisitor.start();
    const opened = await visitor.post(`${visitor.session}/xhr`);
    expect([opened.status, opened.body]).toEqual([200, "o\n"]);
    expect(opened.headers["content-type"]).toBe("application/javascript; charset=UTF-8");
    expect(opened.headers["cache-control"]).toBe(NOT_CACHED);
    expectCors(opened, visitor.site.origin);
    const sent = await visitor.send('{"type":"hello"}');
    expect([sent.status, sent.body]).toEqual([204, ""]);
    expect(sent.headers["content-type"]).toBe("text/plain; charset=UTF-8");
    expect(sent.headers["cache-control"]).toBe(NOT_CACHED);
    expectCors(sent, visitor.site.origin);
    expect(await visitor.poll()).toContain("welcome");
  });

  it("test_invalid_session", async () => {
    expect((await (await ProtocolVisitor.start()).send("x")).status).toBe(404);
  });

  it("test_invalid_json", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    const path = `${visitor.session}/xhr_send`;
    expect(await visitor.post(path, '["x')).toMatchObject({ status: 500, body: "Broken JSON encoding." });
    expect(await visitor.post(path, "")).toMatchObject({ status: 500, body: "Payload expected." });
    expect(await visitor.send('{"type":"hello"}')).toMatchObject({ status: 204, body: "" });
    expect(await visitor.poll()).toContain("welcome");
  });

  it("test_content_types", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    await visitor.send('{"type":"hello"}');
    await visitor.poll();
    const types = [
      "text/plain",
      "T",
      "application/json",
      "application/xml",
      "",
      "application/json; charset=utf-8",
    ];
    for (const type of [...types, "text/xml; charset=utf-8", "text/xml"]) {
      const body = JSON.stringify([ask("all")]);
      const answer = await visitor.post(`${visitor.session}/xhr_send`, body, { "Content-Type": type });
      expect([type, answer.status, answer.body]).toEqual([type, 204, ""]);
    }
    expect(await visitor.poll()).toBe(framed(...Array.from({ length: 8 }, () => refused("all"))));
  });

  it("test_request_headers_cors", async () => {
    const visitor = await ProtocolVisitor.start();
    const path = `${visitor.session}/xhr`;
    const asking = { "Access-Control-Request-Method": "POST" };
    const named = await visitor.options(path, { ...asking, "Access-Control-Request-Headers": "a, b, c" });
    expectCors(named, visitor.site.origin);
    expect(named.headers["access-control-allow-headers"]).toBe("a, b, c");
    for (const headers of [asking, { ...asking, "Access-Control-Request-Headers": "" }]) {
      expect((await visitor.options(path, headers)).headers["access-control-allow-headers"]).toBeUndefined();
    }
  });

  it("test_sending_empty_frame", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    expect((await visitor.send()).status).toBe(204);
    expect((await visitor.send('{"type":"hello"}')).status).toBe(204);
    expect(await visitor.poll()).toContain("welcome");
  });
});

describe("XhrStreaming: `/*/*/xhr_streaming`", () => {
  it("test_options", async () => {
    await expectOptions(await ProtocolVisitor.start(), "/abc/abc/xhr_streaming", ["OPTIONS", "POST"]);
  });

  it("test_transport", async () => {
    const visitor = await ProtocolVisitor.start();
    const stream = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers["content-type"]).toBe("application/javascript; charset=UTF-8");
    expect(stream.response.headers["cache-control"]).toBe(NOT_CACHED);
    expect(stream.response.headers["x-accel-buffering"]).toBe("no");
    expect(stream.response.headers["access-control-allow-origin"]).toBe(visitor.site.origin);
    expect(await stream.read()).toBe(PRELUDE);
    expect(await stream.read()).toBe("o\n");
    await visitor.send('{"type":"hello"}');
    expect(await stream.read()).toContain("welcome");
  });

  it("test_response_limit", async () => {
    const visitor = await ProtocolVisitor.start();
    const stream = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    await visitor.send('{"type":"hello"}');
    for (let frame = ""; !frame.includes("welcome");) frame = await stream.read();
    for (let i = 0; i < 4; i += 1) {
      await visitor.site.push.publish({ to: "user:jane", marker: `${i} ${"x".repeat(40_000)}` });
    }
    let all = "";
    for (let piece = await stream.read(); piece !== ""; piece = await stream.read()) all += piece;
    expect(all.length).toBeGreaterThan(131_072);
    expect(stream.response.complete).toBe(true);
  });
});

describe("EventSource: `/*/*/eventsource`", () => {
  it("test_transport", async () => {
    const visitor = await ProtocolVisitor.start();
    const stream = await visitor.stream("GET", `${visitor.session}/eventsource`);
    expect(stream.response.statusCode).toBe(200);
    expect(stream.response.headers["content-type"]).toBe("text/event-stream");
    expect(stream.response.headers["cache-control"]).toBe(NOT_CACHED);
    expect(await stream.read("\r\n")).toBe("\r\n");
    expect(await stream.read("\r\n\r\n")).toBe("data: o\r\n\r\n");
    await visitor.send('{"type":"hello"}');
    expect(await stream.read("\r\n\r\n")).toContain("welcome");
    await visitor.site.push.publish({ to: "user:jane", marker: "  \u0000\n\r " });
    expect(await stream.read("\r\n\r\n")).toContain(String.raw`\"  \\u0000\\n\\r \"`);
  });

  it("test_response_limit", async () => {
    const visitor = await ProtocolVisitor.start();
    const stream = await visitor.stream("GET", `${visitor.session}/eventsource`);
    await visitor.send('{"type":"hello"}');
    for (let frame = ""; !frame.includes("welcome");) frame = await stream.read("\r\n\r\n");
    for (let i = 0; i < 4; i += 1) {
      await visitor.site.push.publish({ to: "user:jane", marker: `${i} ${"x".repeat(40_000)}` });
    }
    for (let piece = "-"; piece !== "";) piece = await stream.read("\r\n\r\n");
    expect(stream.response.complete).toBe(true);
  });
});

describe("JSON Unicode Encoding", () => {
  it("test_xhr_server_encodes", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    await visitor.send('{"type":"hello"}');
    await visitor.poll();
    const ranges = [
      [0x20_0c, 0x20_0f],
      [0x20_28, 0x20_2f],
      [0x20_60, 0x20_6f],
      [0xff_f0, 0xff_ff],
    ] as const;
    const killers = ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    await visitor.site.push.publish({ to: "user:jane", marker: String.fromCodePoint(...killers) });
    const escapes = killers.map((code) => String.raw`\u` + code.toString(16).padStart(4, "0")).join("");
    expect(await visitor.poll()).toContain(escapes);
  });

  it("test_xhr_server_decodes", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    await visitor.send('{"type":"hello"}');
    await visitor.poll();
    const topic = "object:/\u00ad\u0600\u070f\u17b4\u200c\ufff0\u0300\u0344\u2126\ufb4e🙂";
    const escaped = JSON.stringify([ask(topic)]).replaceAll(
      /[^ -~]/g,
      (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, "0"),
    );
    expect((await visitor.post(`${visitor.session}/xhr_send`, escaped)).status).toBe(204);
    const [text = ""] = JSON.parse((await visitor.poll()).slice(1)) as string[];
    expect(JSON.parse(text)).toEqual({ type: "refused", topic });
  });
});

describe("Handling close", () => {
  it("test_close_frame", async () => {
    const visitor = await ProtocolVisitor.start();
    const first = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await first.read(), await first.read()]).toEqual([PRELUDE, "o\n"]);
    await visitor.send("malformed");
    expect(await first.read()).toBe('c[4000,"malformed-frame"]\n');
    const second = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await second.read(), await second.read()]).toEqual([PRELUDE, 'c[4000,"malformed-frame"]\n']);
    expect([await first.read(), await second.read()]).toEqual(["", ""]);
  });

  it("test_close_request, test_abort_xhr_streaming", async () => {
    const visitor = await ProtocolVisitor.start();
    const first = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await first.read(), await first.read()]).toEqual([PRELUDE, "o\n"]);
    const second = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await second.read(), await second.read()]).toEqual([
      PRELUDE,
      'c[2010,"Another connection still open"]\n',
    ]);
    expect(await second.read()).toBe("");
    first.hangUp();
    while (visitor.site.push.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const third = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await third.read(), await third.read()]).toEqual([PRELUDE, "o\n"]);
  });

  it("test_abort_xhr_polling", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    const waiting = await twoPolls(visitor);
    waiting.hangUp();
    while (visitor.site.push.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await visitor.poll()).toBe("o\n");
  });
});
