import { expect } from "chai";
import { OVERLAP_MS } from "./connection/server-clock.ts";
import { until } from "./testing/intake-fixture.ts";
import { newUser, site } from "./testing/push-site.ts";

/** What the tests look at in the window of a whole page. */
interface PageWindow extends Window {
  readonly jQuery?: unknown;
  readonly __patternslib_registry?: Readonly<Record<string, { prototype?: unknown }>>;
  readonly heard: string[];
}

describe("the federated add-on", () => {
  const frame = document.createElement("iframe");

  before(async function () {
    this.timeout(120_000);
    document.body.append(frame);
    await fetch("/__dist/pat-push.min.js"); // builds it
  });
  after(() => frame.remove());

  /** A page of its own, with the stock bundle, and what it writes to the console. */
  async function load(
    name: string,
    head: string,
    body: string,
    policies: { readonly csp?: string; readonly report?: string } = {},
  ): Promise<PageWindow> {
    const path = `/__kept/${name}?${new URLSearchParams(policies)}`;
    const html =
      '<!DOCTYPE html><html><head><script nonce="test">window.heard = [];' +
      'for (const level of ["warn", "error"]) { const say = console[level];' +
      "console[level] = (...texts) => { heard.push(texts.join(' ')); say(...texts); }; }" +
      "document.addEventListener('securitypolicyviolation', (event) => heard.push(event.violatedDirective + ' ' + event.sourceFile));" +
      `window.addEventListener("error", ({ message }) => heard.push(message));</script>${head}</head><body>${body}</body></html>`;
    await fetch(path, { method: "PUT", body: html });
    frame.src = path;
    await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    const page = frame.contentWindow as PageWindow;
    await until("Patternslib has scanned", () => page.document.body.matches(".patterns-loaded"));
    await until("the patterns are there", () => "inject-async" in (page.__patternslib_registry ?? {}));
    return page;
  }

  const BUNDLE = '<script src="/__patternslib/bundle.min.js"></script>';
  const REMOTE = '<script src="/__dist/pat-push.min.js"></script>';

  for (const [order, head] of [
    ["before", REMOTE + BUNDLE],
    ["after", BUNDLE + REMOTE],
  ] as const) {
    it(`starts beside the stock bundle, ${order} it, and feeds core's pat-push and pat-inject's push-marker`, async () => {
      const user = newUser();
      await fetch("/__kept/pushed", { method: "PUT", body: "<html><body><b>pushed</b></body></html>" });
      const page = await load(
        `remote-${order}`,
        `<meta name="patterns-push-url" content="/push">${head}`,
        '<p id="p" class="pat-push" data-pat-push="push-id: m; url: /__kept/pushed"></p>' +
          '<a id="a" class="pat-inject" href="/__kept/pushed#" data-pat-inject="push-marker: m; source: b; target: #t"></a><p id="t"></p>' +
          '<i class="pat-inject-async" data-pat-inject-async="push-id: m; url: /__kept/pushed; source: b; target: self"></i>',
      );
      expect(page.__patternslib_registry?.["push"]?.prototype).to.have.property("perform_inject"); // core's
      await until("it is connected", () => page.document.body.matches(".push-online"));
      await site.publish({ to: `user:${user}`, marker: "m" });
      await until("core's pat-push has it", () => page.document.querySelector("#p > b") !== null);
      await until("pat-inject has it", () => page.document.querySelector("#t")?.textContent === "pushed");
      await until("ours has it", () => page.document.querySelector("i")?.textContent === "pushed");
      await site.publish({ to: `user:${user}`, html: "<u>1</u>", target: "#t" });
      await until("the message is injected", () => page.document.querySelector("#t > u") !== null);
      expect(page.heard).to.deep.equal([]);
    }).timeout(30_000);
  }

  it("is there once when it is loaded twice", async () => {
    const user = newUser();
    const page = await load(
      "remote-twice",
      `<meta name="patterns-push-url" content="/push">${REMOTE}${BUNDLE}${REMOTE}`,
      '<ul id="list"></ul>',
    );
    await until("it is connected", () => page.document.body.matches(".push-online"));
    await site.publish({ to: `user:${user}`, html: "<li>1</li>", target: "#list::after" });
    await until("it is injected", () => page.document.querySelector("li") !== null);
    await new Promise((resolve) => setTimeout(resolve, 700)); // a late one starts half a second after the page
    await site.publish({ to: `user:${user}`, html: "<li>2</li>", target: "#list::after" });
    await until("it is injected", () => page.document.querySelectorAll("li").length >= 2);
    expect(page.document.querySelector("#list")?.innerHTML).to.equal("<li>1</li><li>2</li>");
    expect(page.heard).to.deep.equal([]);
  }).timeout(30_000);

  it("loads what it needs late from beside itself: the transport for networks without WebSockets, morphing, toasts", async () => {
    const user = newUser();
    await site.way({ webSockets: false });
    try {
      const page = await load(
        "remote-parts",
        `<meta name="patterns-push-url" content="/push">${BUNDLE}${REMOTE}`,
        '<ul id="list"><li id="a">1</li></ul>',
      );
      await until("it is connected", () => page.document.body.matches(".push-online"));
      const row = page.document.querySelector("#a");
      await site.publish({ to: `user:${user}`, html: '<li id="a">2</li>', target: "#list", action: "morph" });
      await until("it is morphed", () => row?.textContent === "2");
      await site.publish({ to: `user:${user}`, html: "<p>Done</p>", kind: "notification" });
      await until("it is told", () => page.document.querySelector(".pat-push-toast") !== null);
    } finally {
      await site.way({});
    }
  }).timeout(30_000);

  it("refetches once what declares a URL when messages may be missing, whatever pattern it has", async () => {
    newUser();
    const count = `gap-${Date.now()}`;
    const url = `/__reply?html=<b>new</b>&count=${count}`;
    const page = await load(
      "remote-gap",
      `<meta name="patterns-push-url" content="/push"><meta name="patterns-push-cursor" content="${Date.now() + OVERLAP_MS}">${BUNDLE}${REMOTE}`,
      `<p class="pat-push" data-pat-push="push-id: core; url: ${url}-1"></p>` +
        `<p class="pat-inject-async" data-pat-inject-async="push-id: ours; url: ${url}-2; source: b; target: self"></p>` +
        `<p class="pat-inject-async" data-pat-inject-async="push-id: core; url: ${url}-3; source: b; target: self"></p>` +
        '<p class="pat-inject-async" data-pat-inject-async="push-id: none"></p>',
    );
    await until("it is connected", () => page.document.body.matches(".push-online"));
    const counts = (): Promise<string[]> =>
      Promise.all(
        [1, 2, 3].map(async (index) => await (await fetch(`/__count?name=${count}-${index}`)).text()),
      );
    const before = await counts();
    await site.restart(); // the log was in memory
    const paragraphs = [...page.document.querySelectorAll("p")].slice(0, 3);
    await until("all are there", () => paragraphs.every(({ textContent }) => textContent === "new"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const after = await counts();
    expect(after.map((number, index) => Number(number) - Number(before[index]))).to.deep.equal([1, 1, 1]);
  }).timeout(30_000);

  for (const [sanitiser, head] of [
    ["the browser's own sanitiser", ""],
    ["DOMPurify", '<script nonce="test">delete globalThis.Sanitizer;</script>'],
    ["none", '<meta name="patterns-push-sanitise" content="off">'],
  ] as const) {
    it(`violates no strict policy: injection, fetched pages, toasts, announcements; with ${sanitiser}`, async () => {
      const user = newUser();
      const document = "<!DOCTYPE html><html><body><i>page</i></body></html>";
      await fetch("/__kept/whole", { method: "PUT", body: document });
      const page = await load(
        "remote-policy",
        `<meta name="patterns-push-url" content="/push">${head}${BUNDLE}${REMOTE}`,
        '<p id="p"></p><p id="q"></p>',
        {
          csp: "default-src 'self'; script-src 'self' 'nonce-test'",
          // jQuery 3 cannot do with it, so that a page with Patternslib can only have it reported.
          report: "require-trusted-types-for 'script'; trusted-types pat-push dompurify",
        },
      );
      await until("it is connected", () => page.document.body.matches(".push-online"));
      await site.publish({ to: `user:${user}`, html: "<b>1</b>", target: "#p", announce: "polite" });
      await site.publish({ to: `user:${user}`, url: "/__kept/whole", source: "i", target: "#q" });
      await site.publish({ to: `user:${user}`, html: "<p>Done</p>", kind: "notification" });
      await until("it is told", () => page.document.querySelector(".pat-push-toast") !== null);
      await until(
        "it is read",
        () => page.document.querySelector(".pat-push-announcer")?.textContent === "1",
      );
      await until("it is fetched", () => page.document.querySelector("#q")?.textContent === "page");
      const region = page.document.querySelector("#pat-push-toasts") as Element;
      expect(page.document.defaultView?.getComputedStyle(region).position).to.equal("fixed");
      // Patternslib's own bundle has its own to answer for.
      expect(page.heard.filter((text) => /pat-push|__dist/.test(text))).to.deep.equal([]);
      expect(page.heard.some((text) => text.startsWith("require-trusted-types-for"))).to.equal(true);
    }).timeout(30_000);
  }
});
