/**
 * The cases of the public suite sockjs/sockjs-protocol, by its sections, for what is switched on. Its servers echo,
 * ours speaks frames: a subscription that is refused comes back with its topic. Hixie-76 (test_haproxy), JSONP,
 * HtmlFile, JSESSIONID and /info without websockets are switched off; `null` is no origin that may be allowed.
 */
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { knock, type Answer } from "../testing/knock.ts";
import { TestSite, type TestSiteOptions } from "../testing/test-site.ts";
import { TestStream } from "../testing/test-stream.ts";

const NOT_CACHED = "no-store, no-cache, no-transform, must-revalidate, max-age=0";
const PRELUDE = `${"h".repeat(2048)}\n`;

/** A visitor's browser at a session of their own. */
class Visitor {
  readonly site: TestSite;
  readonly session = `/000/${randomUUID()}`;

  private constructor(site: TestSite) {
    this.site = site;
  }

  static async start(options?: TestSiteOptions): Promise<Visitor> {
    return new Visitor(await TestSite.start(options));
  }

  get headers(): Record<string, string> {
    return { Cookie: "__ac=jane", Origin: this.site.origin };
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.#knock("GET", path, { ...this.headers, ...headers });
  }

  async post(path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.#knock("POST", path, { ...this.headers, ...headers }, body);
  }

  async options(path: string, headers: Record<string, string>): Promise<Answer> {
    return await this.#knock("OPTIONS", path, { Origin: this.site.origin, ...headers });
  }

  async open(): Promise<void> {
    expect((await this.post(`${this.session}/xhr`)).body).toBe("o\n");
  }

  async send(...texts: readonly string[]): Promise<Answer> {
    return await this.post(`${this.session}/xhr_send`, JSON.stringify(texts));
  }

  async poll(): Promise<string> {
    return (await this.post(`${this.session}/xhr`)).body;
  }

  async stream(method: string, path: string): Promise<TestStream> {
    return await TestStream.open({
      port: this.site.port,
      method,
      path: `/push${path}`,
      headers: this.headers,
    });
  }

  socket(path: string): WebSocket {
    return new WebSocket(`ws://127.0.0.1:${this.site.port}/push${path}`, { headers: this.headers });
  }

  async #knock(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    const { port } = this.site;
    return await knock({
      port,
      method,
      path: `/push${path}`,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  }
}

/** What is said, and what comes back for it. */
function ask(topic: string): string {
  return JSON.stringify({ type: "subscribe", topic });
}
function refused(topic: string): string {
  return JSON.stringify({ type: "refused", topic });
}
function framed(...texts: readonly string[]): string {
  return `a${JSON.stringify(texts)}\n`;
}

/** What arrives at a socket, one by one; undefined once it is closed. */
function messagesOf(socket: WebSocket): () => Promise<string | undefined> {
  const waiting: (string | undefined)[] = [];
  let wake: (() => void) | undefined;
  const put = (text: string | undefined): void => {
    waiting.push(text);
    wake?.();
  };
  socket.on("message", (data: Buffer) => put(data.toString()));
  socket.on("close", () => put(undefined));
  socket.on("error", () => undefined);
  return async () => {
    while (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift();
  };
}

function expectCors(answer: Answer, origin: string): void {
  expect(answer.headers["access-control-allow-origin"]).toBe(origin);
  expect(answer.headers["access-control-allow-credentials"]).toBe("true");
}

async function expectOptions(visitor: Visitor, path: string, methods: readonly string[]): Promise<void> {
  const answer = await visitor.options(path, { "Access-Control-Request-Method": methods.join(", ") });
  expect([200, 204]).toContain(answer.status);
  expect(answer.headers["cache-control"]).toMatch(/public.*max-age=[1-9]\d{6}/);
  expect(answer.headers.expires).toBeDefined();
  expect(Number(answer.headers["access-control-max-age"])).toBeGreaterThan(1_000_000);
  for (const method of methods) expect(answer.headers["access-control-allow-methods"]).toContain(method);
  expect(answer.body).toBe("");
  expectCors(answer, visitor.site.origin);
}

/** Two polls at once: one is told that there is another, and that other one, which waits, is returned. */
async function twoPolls(visitor: Visitor): Promise<PendingPoll> {
  const polls = [0, 1].map(() => new PendingPoll(visitor));
  const [told, { body }] = await Promise.race(
    polls.map(async (poll, index) => [index, await poll.answer] as const),
  );
  expect(body).toBe('c[2010,"Another connection still open"]\n');
  return polls[1 - told] as PendingPoll;
}

/** A poll that nothing has come for yet. */
class PendingPoll {
  readonly answer: Promise<Answer>;
  readonly #hangUp = new AbortController();

  constructor({ site, session, headers }: Visitor) {
    const { signal } = this.#hangUp;
    this.answer = knock({ port: site.port, method: "POST", path: `/push${session}/xhr`, headers, signal });
    this.answer.catch(() => undefined);
  }

  hangUp(): void {
    this.#hangUp.abort();
  }
}

describe("Greeting url: `/`", () => {
  it("test_greeting", async () => {
    const visitor = await Visitor.start();
    for (const path of ["", "/"]) {
      const { status, headers, body } = await visitor.get(path);
      expect([status, headers["content-type"], body]).toEqual([
        200,
        "text/plain; charset=UTF-8",
        "Welcome to SockJS!\n",
      ]);
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });

  it("test_notFound", async () => {
    const visitor = await Visitor.start();
    for (const path of ["/a", "/a.html", "//", "///", "/a/a", "/a/a/", "/a/"]) {
      expect([path, (await visitor.get(path)).status]).toEqual([path, 404]);
    }
  });
});

describe("IFrame page: `/iframe*.html`", () => {
  it("test_simpleUrl, test_versionedUrl, test_queriedUrl", async () => {
    const visitor = await Visitor.start();
    const versions = ["", "-a", "-", "-0.1.2", "-0.1.2abc-dirty.2144"].map(
      (version) => `/iframe${version}.html`,
    );
    for (const path of [...versions, "/iframe-a.html?t=1234", "/iframe-0.1.2.html?t=123414"]) {
      const { status, headers, body } = await visitor.get(path);
      expect([path, status, headers["content-type"]]).toEqual([path, 200, "text/html; charset=UTF-8"]);
      expect(headers["cache-control"]).toMatch(/public.*max-age=[1-9]\d{6}/);
      expect(headers.expires).toBeDefined();
      expect(headers.etag).toBeDefined();
      expect(headers["last-modified"]).toBeUndefined();
      expect(headers["set-cookie"]).toBeUndefined();
      expect(body).toContain('<script src="/push/sockjs.min.js"></script>');
      expect(body).toContain("SockJS.bootstrap_iframe();");
    }
  });

  it("test_invalidUrl", async () => {
    const visitor = await Visitor.start();
    for (const path of [
      "/iframe.htm",
      "/iframe",
      "/IFRAME.HTML",
      "/IFRAME",
      "/iframe.HTML",
      "/iframe.xml",
      "/iframe-/.html",
    ]) {
      expect([path, (await visitor.get(path)).status]).toEqual([path, 404]);
    }
  });

  it("test_cacheability", async () => {
    const visitor = await Visitor.start();
    const { etag = "" } = (await visitor.get("/iframe.html")).headers;
    expect((await visitor.get("/iframe.html")).headers.etag).toBe(etag);
    const cached = await visitor.get("/iframe.html", { "If-None-Match": etag });
    expect([cached.status, cached.headers["content-type"], cached.body]).toEqual([304, undefined, ""]);
  });
});

describe("Info test: `/info`", () => {
  it("test_basic, test_entropy", async () => {
    const visitor = await Visitor.start();
    const answers = [await visitor.get("/info"), await visitor.get("/info")];
    const infos = answers.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    for (const answer of answers) {
      expect([answer.status, answer.headers["content-type"]]).toEqual([
        200,
        "application/json; charset=UTF-8",
      ]);
      expect(answer.headers["cache-control"]).toBe(NOT_CACHED);
      expect(answer.headers["set-cookie"]).toBeUndefined();
      expectCors(answer, visitor.site.origin);
    }
    expect(infos[0]).toEqual({
      websocket: true,
      cookie_needed: false,
      origins: ["*:*"],
      entropy: expect.any(Number),
    });
    expect(infos[0]?.["entropy"]).not.toBe(infos[1]?.["entropy"]);
  });

  it("test_options", async () => {
    await expectOptions(await Visitor.start(), "/info", ["OPTIONS", "GET"]);
  });
});

describe("Session URLs", () => {
  it("test_anyValue", async () => {
    const visitor = await Visitor.start();
    for (const session of ["/a/a", "/_/_", "/1/1", "/abcdefgh_i-j%20/abcdefg_i-j%20"]) {
      expect((await visitor.post(`${session}${randomUUID()}/xhr`)).body).toBe("o\n");
    }
  });

  it("test_invalidPaths", async () => {
    const visitor = await Visitor.start();
    for (const path of ["//", "/a./a", "/a/a.", "/./.", "/", "///"]) {
      expect([path, (await visitor.get(`${path}/xhr`)).status]).toEqual([path, 404]);
      expect([path, (await visitor.post(`${path}/xhr`)).status]).toEqual([path, 404]);
    }
  });

  it("test_ignoringServerId", async () => {
    const visitor = await Visitor.start();
    await visitor.open();
    await visitor.send('{"type":"hello"}');
    const elsewhere = visitor.session.replace("/000/", "/999/");
    expect((await visitor.post(`${elsewhere}/xhr`)).body).toContain("welcome");
  });
});

describe("Protocol and framing", () => {
  it("test_simpleSession", async () => {
    const visitor = await Visitor.start();
    await visitor.open();
    expect(await visitor.send('{"type":"hello"}')).toMatchObject({ status: 204, body: "" });
    expect(await visitor.poll()).toMatch(/^a\["\{\\"type\\":\\"welcome\\".*\]\n$/);
    expect((await visitor.post("/000/bad_session/xhr_send", '["a"]')).status).toBe(404);
    const waiting = await twoPolls(visitor);
    await visitor.send(ask("all"));
    expect((await waiting.answer).body).toBe(framed(refused("all")));
  });

  it("test_closeSession", async () => {
    const visitor = await Visitor.start();
    await visitor.open();
    await visitor.send("malformed");
    for (let i = 0; i < 2; i += 1) expect(await visitor.poll()).toBe('c[4000,"malformed-frame"]\n');
  });
});

describe("WebSocket protocols: `/*/*/websocket`", () => {
  it("test_httpMethod, test_invalidConnectionHeader, test_invalidMethod", async () => {
    const visitor = await Visitor.start();
    expect((await visitor.get("/0/0/websocket")).status).toBe(400);
    const halfAsked = await visitor.get("/0/0/websocket", { Upgrade: "WebSocket", Connection: "close" });
    expect(halfAsked.status).toBe(400);
    for (const headers of [{}, { Upgrade: "WebSocket", Connection: "Upgrade" }]) {
      const answer = await knock({
        port: visitor.site.port,
        method: "POST",
        path: "/push/0/0/websocket",
        headers: { ...visitor.headers, ...headers },
      });
      expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([405, undefined, ""]);
      expect(answer.headers.allow).toBe("GET");
    }
  });

  it("test_transport, test_empty_frame", async () => {
    const visitor = await Visitor.start();
    const socket = visitor.socket(`${visitor.session}/websocket`);
    const next = messagesOf(socket);
    expect(await next()).toBe("o");
    socket.send("");
    socket.send("[]");
    socket.send(JSON.stringify(['{"type":"hello"}']));
    expect(await next()).toMatch(/^a\["\{\\"type\\":\\"welcome\\"/);
    socket.send(JSON.stringify(ask("all"))); // one message instead of a list
    expect(`${await next()}\n`).toBe(framed(refused("all")));
    socket.close();
  });

  it("test_close", async () => {
    const visitor = await Visitor.start();
    const socket = visitor.socket(`${visitor.session}/websocket`);
    const next = messagesOf(socket);
    expect(await next()).toBe("o");
    socket.send('["malformed"]');
    expect(await next()).toBe('c[4000,"malformed-frame"]');
    expect(await next()).toBeUndefined();
  });

  it("test_headersSanity", async () => {
    const visitor = await Visitor.start();
    const { status, headers } = await knock({
      port: visitor.site.port,
      method: "GET",
      path: "/push/000/x/websocket",
      upgrade: true,
      headers: { ...visitor.headers, "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==" },
    });
    expect(status).toBe(101);
    expect(headers["sec-websocket-accept"]).toBe("HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
    expect([headers.connection?.toLowerCase(), headers.upgrade?.toLowerCase()]).toEqual([
      "upgrade",
      "websocket",
    ]);
    expect(headers["content-length"]).toBeUndefined();
  });

  it("test_reuseSessionId", async () => {
    const visitor = await Visitor.start();
    const sockets = [1, 2].map(() => visitor.socket(`${visitor.session}/websocket`));
    for (const [socket, next] of sockets.map((opening) => [opening, messagesOf(opening)] as const)) {
      expect(await next()).toBe("o");
      socket.send(JSON.stringify(['{"type":"hello"}']));
      expect(await next()).toContain("welcome");
    }
    for (const socket of sockets) socket.close();
    const again = messagesOf(visitor.socket(`${visitor.session}/websocket`));
    expect(await again()).toBe("o");
  });

  it("test_broken_json", async () => {
    const visitor = await Visitor.start();
    const socket = visitor.socket(`${visitor.session}/websocket`);
    const next = messagesOf(socket);
    expect(await next()).toBe("o");
    socket.send('["a');
    await next();
    expect(await next()).toBeUndefined();
  });
});

describe("XhrPolling: `/*/*/xhr`, `/*/*/xhr_send`", () => {
  it("test_options", async () => {
    const visitor = await Visitor.start();
    for (const path of ["/abc/abc/xhr", "/abc/abc/xhr_send"])
      await expectOptions(visitor, path, ["OPTIONS", "POST"]);
  });

  it("test_transport", async () => {
    const visitor = await Visitor.start();
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
    expect((await (await Visitor.start()).send("x")).status).toBe(404);
  });

  it("test_invalid_json", async () => {
    const visitor = await Visitor.start();
    await visitor.open();
    const path = `${visitor.session}/xhr_send`;
    expect(await visitor.post(path, '["x')).toMatchObject({ status: 500, body: "Broken JSON encoding." });
    expect(await visitor.post(path, "")).toMatchObject({ status: 500, body: "Payload expected." });
    expect(await visitor.send('{"type":"hello"}')).toMatchObject({ status: 204, body: "" });
    expect(await visitor.poll()).toContain("welcome");
  });

  it("test_content_types", async () => {
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
    await visitor.open();
    expect((await visitor.send()).status).toBe(204);
    expect((await visitor.send('{"type":"hello"}')).status).toBe(204);
    expect(await visitor.poll()).toContain("welcome");
  });
});

describe("XhrStreaming: `/*/*/xhr_streaming`", () => {
  it("test_options", async () => {
    await expectOptions(await Visitor.start(), "/abc/abc/xhr_streaming", ["OPTIONS", "POST"]);
  });

  it("test_transport", async () => {
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
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

describe("Raw WebSocket url: `/websocket`", () => {
  it("test_transport, test_close", async () => {
    const visitor = await Visitor.start();
    const socket = visitor.socket("/websocket");
    const next = messagesOf(socket);
    const closed = new Promise((resolve) => {
      socket.on("close", (_code, reason) => resolve(String(reason)));
    });
    socket.on("open", () => socket.send('{"type":"hello"}'));
    expect(await next()).toContain("welcome");
    socket.send(ask("object:/Hello\uffff"));
    expect(await next()).toBe(refused("object:/Hello\uffff"));
    socket.send("malformed");
    expect(await closed).toBe("malformed-frame");
  });
});

describe("JSON Unicode Encoding", () => {
  it("test_xhr_server_encodes", async () => {
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
    const first = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await first.read(), await first.read()]).toEqual([PRELUDE, "o\n"]);
    await visitor.send("malformed");
    expect(await first.read()).toBe('c[4000,"malformed-frame"]\n');
    const second = await visitor.stream("POST", `${visitor.session}/xhr_streaming`);
    expect([await second.read(), await second.read()]).toEqual([PRELUDE, 'c[4000,"malformed-frame"]\n']);
    expect([await first.read(), await second.read()]).toEqual(["", ""]);
  });

  it("test_close_request, test_abort_xhr_streaming", async () => {
    const visitor = await Visitor.start();
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
    const visitor = await Visitor.start();
    await visitor.open();
    const waiting = await twoPolls(visitor);
    waiting.hangUp();
    while (visitor.site.push.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await visitor.poll()).toBe("o\n");
  });
});

/** Everything that one request over a bare socket brings, until it closes or contains this. */
async function exchange(port: number, text: string, until: string): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let all = "";
    const end = (): void => {
      socket.destroy();
      resolve(all);
    };
    socket.on("data", (data: Buffer) => {
      all += data.toString();
      if (all.includes(until)) end();
    });
    socket.on("close", end);
  });
}

function head(visitor: Visitor, line: string): string {
  const headers = { ...visitor.headers, Host: `127.0.0.1:${visitor.site.port}`, Connection: "Keep-Alive" };
  return `${line}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
}

describe("Http 1.0 and 1.1 chunking", () => {
  it("test_synchronous", async () => {
    const visitor = await Visitor.start();
    for (const version of ["1.0", "1.1"]) {
      const answer = await exchange(
        visitor.site.port,
        head(visitor, `GET /push HTTP/${version}`),
        "SockJS!\n",
      );
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      // Without a length the end of HTTP/1.0's answer is the end of its connection.
      expect(answer).toMatch(
        version === "1.0" ? /connection: close\r\n/i : /transfer-encoding: chunked\r\n/i,
      );
    }
  });

  it("test_streaming", async () => {
    const visitor = await Visitor.start({ limits: { helloTimeoutMs: 0 } });
    for (const version of ["1.0", "1.1"]) {
      const path = `/push/000/${randomUUID()}/xhr_streaming`;
      const answer = await exchange(
        visitor.site.port,
        head(visitor, `POST ${path} HTTP/${version}`),
        "welcome",
      );
      const [headers = "", ...body] = answer.split("\r\n\r\n");
      expect(headers).not.toMatch(/content-length/i);
      if (version === "1.0") {
        expect(headers).not.toMatch(/transfer-encoding/i);
        expect(body.join("")).toContain(`${PRELUDE}o\na[`);
      } else {
        expect(headers).toMatch(/transfer-encoding: chunked/i);
      }
    }
  });
});
