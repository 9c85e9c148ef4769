import { expect } from "chai";
import { createFixture, until, type Fixture } from "../testing/intake-fixture.ts";

function styleOf(selector: string): CSSStyleDeclaration {
  return getComputedStyle(document.querySelector(selector) as Element);
}

/** Fifty rows, of which one differs. */
function rows(seventh: string): string {
  const row = (index: number): string => `<li id="r${index}">${index === 7 ? seventh : index}</li>`;
  return Array.from({ length: 50 }, (_, index) => row(index)).join("");
}

describe("what is loaded when it is needed:", () => {
  let fixture: Fixture;

  afterEach(() => {
    fixture.close();
    for (const left of document.querySelectorAll("#pat-push-toasts, .pat-push-announcer")) left.remove();
  });

  function start(html: string): HTMLElement {
    fixture = createFixture(html);
    return fixture.root;
  }

  describe("a morph", () => {
    it("changes only the row that changed, and keeps the order of messages", async () => {
      const root = start(`<ul id="list">${rows("old")}</ul>`);
      const before = [...root.querySelectorAll("li")];
      fixture.push({ html: rows("new"), target: "#list", action: "morph" });
      fixture.push({ html: '<li id="last">last</li>', target: "#list::after" });
      await until("both are there", () => root.querySelector("#last") !== null);
      expect(root.querySelector("#r7")?.textContent).to.equal("new");
      expect([...root.querySelectorAll("li")].slice(0, 50)).to.deep.equal(before);
    });

    it("adds, removes and moves rows, and scans what is new", async () => {
      const root = start('<ul id="list"><li id="a">a</li><li id="b">b</li><li id="c">c</li></ul>');
      const [, b, c] = root.querySelectorAll("li");
      const scanned: unknown[] = [];
      root.addEventListener("patterns-injected-delayed", ({ target }) =>
        scanned.push((target as Element).id),
      );
      fixture.push({
        html: '<ul id="list" class="x"><li id="c">c</li><li id="d">d</li><li id="b">bb</li></ul>',
        target: "#list::element",
        action: "morph",
      });
      await until("it is scanned", () => scanned.length > 0);
      expect(root.innerHTML).to.equal(
        '<ul id="list" class="x"><li id="c">c</li><li id="d">d</li><li id="b">bb</li></ul>',
      );
      expect(root.querySelector("#b")).to.equal(b);
      expect(root.querySelector("#c")).to.equal(c);
      expect(scanned).to.deep.equal(["d"]);
    });

    it("leaves alone what somebody typed, opened and marked permanent", async () => {
      const root = start(
        '<div id="d"><p>1</p><input name="i"><details><summary>s</summary></details><b id="keep" data-push-permanent>live</b></div>',
      );
      const input = root.querySelector("input") as HTMLInputElement;
      input.value = "typed";
      (root.querySelector("details") as HTMLDetailsElement).open = true;
      fixture.push({
        html: '<p>2</p><input name="i" class="x"><details><summary>s</summary></details>',
        target: "#d",
        action: "morph",
      });
      await until("it is morphed", () => root.querySelector("p")?.textContent === "2");
      expect(root.querySelector("input")).to.equal(input);
      expect(input.value).to.equal("typed");
      expect(root.querySelector("details")?.open).to.equal(true);
      expect(root.querySelector("#keep")?.textContent).to.equal("live");
    });
  });

  it("remove takes the target away", () => {
    const root = start('<p id="a"></p><p id="b"></p>');
    fixture.push({ html: "", target: "#a", action: "remove" });
    expect(root.innerHTML).to.equal('<p id="b"></p>');
  });

  describe("an announcement", () => {
    it("reads out what came, once somebody asked for it, and one thing after the other", async () => {
      start('<ul id="list"></ul>');
      fixture.push({ html: "<li>not asked for</li>", target: "#list::after" });
      fixture.push({ html: "<li>first\n  row</li>", target: "#list::after", announce: "polite" });
      fixture.push({ html: "<li>second row</li>", target: "#list::after", announce: "polite" });
      const said: string[] = [];
      await until("both are said", () => {
        const region = document.querySelector<HTMLElement>(".pat-push-announcer[aria-live=polite]");
        const text = region?.textContent ?? "";
        if (text !== "" && said.at(-1) !== text) said.push(text);
        return said.length === 2;
      });
      expect(said).to.deep.equal(["first row", "second row"]);
    });

    it("that is assertive is not lost in a flood of polite ones, and comes before them", async () => {
      start('<ul id="list"></ul>');
      for (const text of ["1", "2", "3"])
        fixture.push({ html: `<li>${text}</li>`, target: "#list::after", announce: "polite" });
      fixture.push({ html: "<li>now</li>", target: "#list::after", announce: "assertive" });
      await until(
        "it is said",
        () => document.querySelector(".pat-push-announcer[aria-live=assertive]")?.textContent === "now",
      );
    });
  });

  describe("a notification without a place", () => {
    it("is shown as a toast that can be closed, the newest of a key only", async () => {
      start("");
      fixture.push({ html: "<p>Done: <b>1</b></p>", kind: "notification", key: "k" });
      fixture.push({ html: "<p>Done: <b>2</b></p><script>bad()</script>", kind: "notification", key: "k" });
      await until("it is shown", () => document.querySelector(".pat-push-toast b")?.textContent === "2");
      const toasts = document.querySelectorAll("#pat-push-toasts > .pat-push-toast");
      expect(toasts).to.have.length(1);
      expect(toasts[0]?.role).to.equal("status");
      expect(toasts[0]?.querySelector("script")).to.equal(null);
      toasts[0]?.querySelector("button")?.click();
      expect(document.querySelector(".pat-push-toast")).to.equal(null);
    });

    it("that was closed does not come back with the next page, which still gets it", async () => {
      const failed = { html: "<p>Failed</p>", kind: "failed", id: `closed-${Date.now()}` } as const;
      start("");
      fixture.push(failed);
      await until("it is shown", () => document.querySelector(".pat-push-toast") !== null);
      document.querySelector<HTMLElement>(".pat-push-toast-close")?.click();
      fixture.close();
      start("");
      fixture.push(failed);
      fixture.push({ ...failed, html: "<p>Another</p>", id: `${failed.id}-2` });
      await until("the other is shown", () => document.querySelector(".pat-push-toast") !== null);
      expect(document.querySelector("#pat-push-toasts")?.textContent).to.match(/^Another/);
    });

    it("has its default style in a region of the page's own, too, which stays where it is", async () => {
      start('<div id="pat-push-toasts"></div>');
      fixture.push({ html: "<p>Done</p>", kind: "notification" });
      await until("it is shown", () => document.querySelector(".pat-push-toast") !== null);
      expect(styleOf(".pat-push-toast").display).to.equal("flex");
      expect(styleOf("#pat-push-toasts").position).to.equal("static");
    });

    it("of a failure stays and alerts", async () => {
      start("");
      fixture.push({ html: "<p>Failed</p>", kind: "failed" });
      await until("it is shown", () => document.querySelector(".pat-push-toast") !== null);
      expect(document.querySelector(".pat-push-toast")?.role).to.equal("alert");
    });
  });

  it("a view transition wraps the injection", async () => {
    const root = start('<p id="p">1</p>');
    const original = document.startViewTransition.bind(document);
    let transitions = 0;
    document.startViewTransition = (update) => {
      transitions += 1;
      return original(update);
    };
    try {
      fixture.push({
        html: '<p id="p" class="pat-inject-async" data-pat-inject-async="transition: view">2</p>',
      });
      fixture.push({ html: '<p id="p" class="pat-inject-async">3</p>' });
      await until("both are there", () => root.textContent === "3");
    } finally {
      document.startViewTransition = original;
    }
    expect(transitions).to.equal(1);
  });
});
