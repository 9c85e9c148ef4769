import registry from "@patternslib/patternslib/src/core/registry.js";
import { expect } from "chai";
import "./index.ts";
import { replyUrl, until } from "./testing/intake-fixture.ts";

/** As core's push_kit does. */
function fire(marker: string): void {
  document.body.dispatchEvent(new CustomEvent("push", { detail: { body: marker } }));
}

async function requests(name: string): Promise<number> {
  const response = await fetch(`/__count?name=${name}`);
  return Number(await response.text());
}

describe("a page with Patternslib, pat-push and no push server", () => {
  const root = document.createElement("main");

  before(async () => {
    document.body.append(root);
    registry.init();
    await until("Patternslib has scanned the page", () => document.body.matches(".patterns-loaded"));
  });
  afterEach(() => root.replaceChildren());
  after(() => root.remove());

  async function show(html: string): Promise<void> {
    root.innerHTML = html;
    registry.scan(root);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  it("has both patterns, of which push is ours if core's is not there", () => {
    expect(registry.patterns).to.include.keys("inject", "inject-async", "push");
  });

  it("fetches for .pat-inject-async when its push-id is called, with pat-inject's classes", async () => {
    const url = replyUrl({ html: "<html><body><ul><li>new</li></ul></body></html>", delay: 30 });
    await show(
      `<a class="pat-inject-async" data-pat-inject-async="push-id: list; url: ${url}; source: li::element; target: #list::after">wait</a><ul id="list"><li>1</li></ul>`,
    );
    fire("other");
    fire("list");
    expect(root.querySelector("a")?.className).to.match(/\bexecuting$/);
    expect(root.querySelector("#list")?.className).to.match(/^injecting injecting-content/);
    await until("it is there", () => root.querySelectorAll("#list > li").length === 2);
    expect(root.querySelector("a")?.className).to.match(/\bexecuted$/);
    expect(root.querySelector("#list")?.className).to.equal("");
  });

  it("joins configurations with &&, which share one fetch", async () => {
    const url = replyUrl({ html: "<div><b>1</b><i>2</i></div>", count: "shared" });
    await show(
      `<p class="pat-inject-async" data-pat-inject-async="push-id: two; url: ${url}; source: b; target: #one && source: i; target: #two"></p><p id="one"></p><p id="two"></p>`,
    );
    fire("two");
    await until("both are there", () => root.textContent === "12");
    expect(await requests("shared")).to.equal(1);
  });

  it("aborts the fetch that a newer one of the same element supersedes", async () => {
    const url = replyUrl({ html: "x", delay: 50, count: "superseded" });
    await show(
      `<p class="pat-inject-async" data-pat-inject-async="push-id: s; url: ${url}; target: self"></p>`,
    );
    let injections = 0;
    root.addEventListener("pat-inject-success", () => (injections += 1));
    fire("s");
    fire("s");
    await until("it is there", () => root.textContent === "x");
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(injections).to.equal(1);
  });

  it("forgets an element that has left the page", async () => {
    const url = replyUrl({ html: "x", count: "gone" });
    await show(`<p class="pat-inject-async" data-pat-inject-async="push-id: gone; url: ${url}"></p>`);
    root.replaceChildren();
    await new Promise((resolve) => setTimeout(resolve, 10));
    fire("gone");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await requests("gone")).to.equal(0);
  });

  it("holds on to none of ten thousand elements that came and left", async () => {
    const url = replyUrl({ html: "x", count: "many" });
    const markup = `<i class="pat-inject-async" data-pat-inject-async="push-id: many; url: ${url}"></i>`;
    await show(markup.repeat(10_000));
    const elements = [...root.children] as (Element & { "pattern-inject-async"?: object })[];
    await until("all wait", () => elements.every((element) => element["pattern-inject-async"] !== undefined));
    for (const element of elements) element.remove();
    await until("none waits", () =>
      elements.every((element) => element["pattern-inject-async"] === undefined),
    );
    fire("many");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await requests("many")).to.equal(0);
  }).timeout(30_000);

  it("replaces and appends for .pat-push", async () => {
    await show(
      `<p class="pat-push" data-pat-push="push-id: p; url: ${replyUrl({ html: "new" })}">old</p>` +
        `<ul class="pat-push" data-pat-push="push-id: p; url: ${replyUrl({ html: "<li>2</li>" })}; mode: append"><li>1</li></ul>`,
    );
    fire("p");
    await until("both are there", () => root.textContent === "new12");
  });

  it("submits a form with .pat-push", async () => {
    await show('<form class="pat-push" data-pat-push="push-id: f"></form>');
    let submitted = 0;
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted += 1;
    });
    fire("f");
    expect(submitted).to.equal(1);
  });
});
