/**
 * The cases of the public suite sockjs/sockjs-protocol, by its sections, for what is switched on. Its servers echo,
 * ours speaks frames: a subscription that is refused comes back with its topic. Hixie-76 (test_haproxy), JSONP,
 * HtmlFile, JSESSIONID and /info without websockets are switched off; `null` is no origin that may be allowed.
 */
import { describe, expect, it } from "vitest";
import { knock } from "../testing/knock.ts";
import { ask, framed, messagesOf, refused, ProtocolVisitor } from "../testing/protocol-visitor.ts";

describe("WebSocket protocols: `/*/*/websocket`", () => {
  it("test_httpMethod, test_invalidConnectionHeader, test_invalidMethod", async () => {
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
    const socket = visitor.socket(`${visitor.session}/websocket`);
    const next = messagesOf(socket);
    expect(await next()).toBe("o");
    socket.send('["malformed"]');
    expect(await next()).toBe('c[4000,"malformed-frame"]');
    expect(await next()).toBeUndefined();
  });

  it("test_headersSanity", async () => {
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
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
    const visitor = await ProtocolVisitor.start();
    const socket = visitor.socket(`${visitor.session}/websocket`);
    const next = messagesOf(socket);
    expect(await next()).toBe("o");
    socket.send('["a');
    await next();
    expect(await next()).toBeUndefined();
  });
});

describe("Raw WebSocket url: `/websocket`", () => {
  it("test_transport, test_close", async () => {
    const visitor = await ProtocolVisitor.start();
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
