import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type Page } from "playwright-core";
import type { ServerFrame } from "push-protocol";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { SockJsTransport } from "../testing/test-browser.ts";
import { TestSite } from "../testing/test-site.ts";

const TRANSPORTS: readonly SockJsTransport[] = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];
const SOCKJS = createRequire(import.meta.url).resolve("sockjs-client/dist/sockjs.js");

let chrome: Browser;
let script: string;
beforeAll(async () => {
  [chrome, script] = await Promise.all([
    chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] }),
    readFile(SOCKJS, "utf8"),
  ]);
});
afterAll(() => chrome.close());

/** A page at this origin, of jane's browser, in which sockjs-client is loaded. */
async function openPage(origin: string, cookieOf: string): Promise<Page> {
  const context = await chrome.newContext();
  onTestFinished(() => context.close());
  await context.addCookies([{ name: "__ac", value: "jane", url: cookieOf, httpOnly: true, sameSite: "Lax" }]);
  const page = await context.newPage();
  await page.goto(origin);
  await page.addScriptTag({ content: script });
  return page;
}

/** Connects in the page, says hello, publishes when it is welcomed, and gives what came until the message did. */
async function frames(page: Page, url: string, transport: string, site: TestSite): Promise<ServerFrame[]> {
  await page.exposeFunction("welcomed", () => site.push.publish({ to: "user:jane", marker: "é 🙂" }));
  return await page.evaluate(
    async ([at, only]) => {
      const browser = globalThis as unknown as {
        SockJS: new (url: string, options: unknown, more: object) => WebSocket;
        welcomed: () => void;
      };
      const socket = new browser.SockJS(at, undefined, { transports: only });
      const all: ServerFrame[] = [];
      return await new Promise<ServerFrame[]>((resolve, reject) => {
        socket.addEventListener("open", () => socket.send('{"type":"hello"}'));
        socket.addEventListener("close", ({ code }) => reject(new Error(`Closed with ${code}.`)));
        socket.addEventListener("message", ({ data }: { readonly data: unknown }) => {
          const frame = JSON.parse(String(data)) as ServerFrame;
          all.push(frame);
          if (frame.type === "welcome") browser.welcomed();
          if (frame.type === "message") resolve(all);
        });
      });
    },
    [url, transport] as const,
  );
}

const EXPECTED = [
  expect.objectContaining({ type: "welcome", user: "jane" }),
  expect.objectContaining({ type: "message", message: expect.objectContaining({ marker: "é 🙂" }) }),
];

describe("sockjs-client in Chromium", () => {
  it.each(TRANSPORTS)("connects a page of the server's own origin over %s", async (transport) => {
    const site = await TestSite.start();
    const page = await openPage(`${site.origin}/`, site.origin);
    expect(await frames(page, "/push", transport, site)).toEqual(EXPECTED);
  });

  // Its EventSource sends no cookies to another origin: there it takes an iframe.
  it.each(TRANSPORTS.filter((transport) => transport !== "eventsource"))(
    "connects a page of another origin over %s if that is listed, and no other page",
    async (transport) => {
      const pages = createServer((_request, response) => {
        response.writeHead(200, { "Content-Type": "text/html" }).end("<p>another origin");
      });
      await new Promise<void>((resolve) => {
        pages.listen(0, "127.0.0.1", resolve);
      });
      onTestFinished(() => {
        pages.closeAllConnections();
        pages.close();
      });
      const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
      const site = await TestSite.start({ allowedOrigins: [origin] });
      const page = await openPage(origin, site.origin);
      expect(await frames(page, `${site.origin}/push`, transport, site)).toEqual(EXPECTED);
      const closed = await TestSite.start();
      const other = await openPage(origin, closed.origin);
      await expect(frames(other, `${closed.origin}/push`, transport, closed)).rejects.toThrow(
        "Closed with 1002",
      );
    },
  );
});
