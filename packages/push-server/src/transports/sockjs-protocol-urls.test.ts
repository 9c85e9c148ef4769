/**
 * The cases of the public suite sockjs/sockjs-protocol, by its sections, for what is switched on. Its servers echo,
 * ours speaks frames: a subscription that is refused comes back with its topic. Hixie-76 (test_haproxy), JSONP,
 * HtmlFile, JSESSIONID and /info without websockets are switched off; `null` is no origin that may be allowed.
 */
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import {
  expectCors,
  expectOptions,
  NOT_CACHED,
  PRELUDE,
  ProtocolVisitor,
} from "../testing/protocol-visitor.ts";

describe("Greeting url: `/`", () => {
  it("test_greeting", async () => {
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
    for (const path of ["/a", "/a.html", "//", "///", "/a/a", "/a/a/", "/a/"]) {
      expect([path, (await visitor.get(path)).status]).toEqual([path, 404]);
    }
  });
});

describe("IFrame page: `/iframe*.html`", () => {
  it("test_simpleUrl, test_versionedUrl, test_queriedUrl", async () => {
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
    const { etag = "" } = (await visitor.get("/iframe.html")).headers;
    expect((await visitor.get("/iframe.html")).headers.etag).toBe(etag);
    const cached = await visitor.get("/iframe.html", { "If-None-Match": etag });
    expect([cached.status, cached.headers["content-type"], cached.body]).toEqual([304, undefined, ""]);
  });
});

describe("Info test: `/info`", () => {
  it("test_basic, test_entropy", async () => {
    const visitor = await ProtocolVisitor.start();
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
    await expectOptions(await ProtocolVisitor.start(), "/info", ["OPTIONS", "GET"]);
  });
});

describe("Session URLs", () => {
  it("test_anyValue", async () => {
    const visitor = await ProtocolVisitor.start();
    for (const session of ["/a/a", "/_/_", "/1/1", "/abcdefgh_i-j%20/abcdefg_i-j%20"]) {
      expect((await visitor.post(`${session}${randomUUID()}/xhr`)).body).toBe("o\n");
    }
  });

  it("test_invalidPaths", async () => {
    const visitor = await ProtocolVisitor.start();
    for (const path of ["//", "/a./a", "/a/a.", "/./.", "/", "///"]) {
      expect([path, (await visitor.get(`${path}/xhr`)).status]).toEqual([path, 404]);
      expect([path, (await visitor.post(`${path}/xhr`)).status]).toEqual([path, 404]);
    }
  });

  it("test_ignoringServerId", async () => {
    const visitor = await ProtocolVisitor.start();
    await visitor.open();
    await visitor.send('{"type":"hello"}');
    const elsewhere = visitor.session.replace("/000/", "/999/");
    expect((await visitor.post(`${elsewhere}/xhr`)).body).toContain("welcome");
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

function head(visitor: ProtocolVisitor, line: string): string {
  const headers = { ...visitor.headers, Host: `127.0.0.1:${visitor.site.port}`, Connection: "Keep-Alive" };
  return `${line}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;
}

describe("Http 1.0 and 1.1 chunking", () => {
  it("test_synchronous", async () => {
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start({ limits: { helloTimeoutMs: 0 } });
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
