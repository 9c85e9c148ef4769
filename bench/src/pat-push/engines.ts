/** Who puts rows into a list as they come off the wire: this project in three settings, and its peers. */
import type { Page } from "playwright-core";
import type { BenchSite } from "./site.ts";

export interface Engine {
  readonly head: string;
  readonly body: string;
  /** Runs in the page before its scripts. */
  readonly prepare?: () => void;
  /** Until rows can be sent. */
  readonly ready: (page: Page) => Promise<unknown>;
  /** Sends the rows; what is to be measured begins with the first that arrives. */
  readonly send: (site: BenchSite, page: Page, rows: readonly string[]) => Promise<void>;
}

const LIST = '<ul id="list"></ul>';
/** Patternslib's own bundle, with the 59 patterns that it registers. */
const HOST = '<script src="/patternslib/bundle.min.js"></script>';

const patPush: Engine = {
  head: `<meta name="patterns-push-url" content="/push">${HOST}<script src="/pat-push/pat-push.min.js"></script>`,
  body: LIST,
  ready: (page) => page.waitForSelector("body.push-online", { state: "attached" }),
  send: (site, _, rows) =>
    site.publish(rows.map((html) => ({ to: "user:jane", html, target: "#list::after" }))),
};

const turbo: Engine = {
  head: '<script src="/turbo/turbo.es2017-umd.js"></script>',
  body: '<turbo-stream-source src="ws://HOST/peers"></turbo-stream-source>' + LIST,
  ready: (page) => page.waitForFunction(() => window.bench.connected),
  send: async (site, _, rows) =>
    site.sendToPeers(
      rows.map(
        (html) => `<turbo-stream action="append" target="list"><template>${html}</template></turbo-stream>`,
      ),
    ),
};

const htmx: Engine = {
  head: '<script src="/htmx/htmx.min.js"></script><script src="/htmx-ws/ws.js"></script>',
  body: `<div id="source" hx-ext="ws" ws-connect="/peers">${LIST}</div>`,
  ready: (page) => page.waitForFunction(() => window.bench.connected),
  send: async (site, _, rows) =>
    site.sendToPeers(rows.map((html) => `<ul id="list" hx-swap-oob="beforeend">${html}</ul>`)),
};

/** Core's own pat-push, which fetches a row for each push-id that it is called with. */
const core: Engine = {
  head: HOST,
  body: '<ul id="list" class="pat-push" data-pat-push="push-id: row; url: /row; mode: append"></ul>',
  ready: (page) => page.waitForSelector("body.patterns-loaded", { state: "attached" }),
  send: async (site, page, rows) => {
    site.rows = rows;
    await page.evaluate((count) => {
      window.bench.arrivedAt = performance.now();
      for (let index = 0; index < count; index += 1)
        document.body.dispatchEvent(new CustomEvent("push", { detail: { body: "row" } }));
    }, rows.length);
  },
};

/** The least that anybody has to do. */
const bare: Engine = {
  head: "",
  body: `${LIST}<script>
    const socket = new WebSocket("ws://HOST/peers");
    const list = document.getElementById("list");
    socket.addEventListener("message", ({ data }) => {
      const template = document.createElement("template");
      template.innerHTML = data;
      list.append(template.content);
    });
  </script>`,
  ready: (page) => page.waitForFunction(() => window.bench.connected),
  send: async (site, _, rows) => site.sendToPeers(rows),
};

export type EngineName =
  | "pat-push, not sanitising"
  | "pat-push"
  | "pat-push, with DOMPurify"
  | "Turbo Streams"
  | "htmx with ws"
  | "core pat-push"
  | "template + append";

export const ENGINES: Readonly<Record<EngineName, Engine>> = {
  "pat-push, not sanitising": { ...patPush, prepare: sanitiseNothing },
  "pat-push": patPush,
  "pat-push, with DOMPurify": { ...patPush, prepare: hideSanitizer },
  "Turbo Streams": turbo,
  "htmx with ws": htmx,
  "core pat-push": core,
  "template + append": bare,
};

/** In the page: the browser's sanitiser only parses. */
function sanitiseNothing(): void {
  Object.defineProperty(Element.prototype, "setHTML", {
    value(this: Element, html: string) {
      this.innerHTML = html;
    },
  });
}

/** In the page: as in browsers that have no sanitiser of their own. */
function hideSanitizer(): void {
  Object.defineProperty(globalThis, "Sanitizer", { value: undefined });
}
