import { expect } from "chai";
import $ from "jquery";
import { createFixture, replyUrl, until, type Fixture } from "../testing/intake-fixture.ts";

describe("a message", () => {
  let fixture: Fixture;
  const start = (html: string): Fixture => (fixture = createFixture(html));
  const inner = (): string => fixture.root.innerHTML;

  afterEach(() => fixture.close());

  describe("with html and a target", () => {
    it("replaces the content of the target with the whole snippet", () => {
      start('<div id="news">old</div>').push({ html: " <b>new</b> text ", target: "#news" });
      expect(inner()).to.equal('<div id="news"><b>new</b> text</div>');
    });

    it("goes to several targets with &&, with the sources in their order", () => {
      start('<p id="a"></p><ul id="b"><li>1</li></ul>').push({
        html: '<i id="x">x</i><li id="y">y</li>',
        source: "#x && #y::element",
        target: "#a && #b::after",
      });
      expect(inner()).to.equal('<p id="a">x</p><ul id="b"><li>1</li><li id="y">y</li></ul>');
    });

    it("keeps rows and cells", () => {
      start('<table><tbody id="rows"></tbody></table>').push({
        html: '<tr id="r1"><td>1</td></tr>',
        target: "#rows::after",
      });
      expect(fixture.root.querySelector("#rows > tr > td")?.textContent).to.equal("1");
    });

    it("replaces what it would add if an element with that id is there", () => {
      start('<ul id="list"><li id="one">1</li><li id="two">2</li></ul>');
      fixture.push({ html: '<li id="one">new</li><li id="three">3</li>', target: "#list::after" });
      expect(inner()).to.equal(
        '<ul id="list"><li id="one">new</li><li id="two">2</li><li id="three">3</li></ul>',
      );
    });

    it("never adds a div for a target that is not there", () => {
      start("").push({ html: "x", target: "#nowhere" });
      expect(document.getElementById("nowhere")).to.equal(null);
      expect(fixture.warnings).to.deep.equal([]);
    });

    it("waits for a target that comes later, and of one key only the newest", () => {
      start("");
      fixture.push({ html: "1", target: "#late", key: "k", version: 1 });
      fixture.push({ html: "2", target: "#late", key: "k", version: 2 });
      fixture.root.innerHTML = '<p id="late"></p>';
      fixture.intake.retryParked();
      expect(inner()).to.equal('<p id="late">2</p>');
    });

    it("names what it could not inject, and not its content", () => {
      start("").push({ html: "secret", target: "p:::q", id: "m1", kind: "done" });
      expect(fixture.warnings.join())
        .to.match(/m1 of kind done/)
        .and.not.match(/secret/);
    });

    it("makes no elements of a target that looks like HTML", () => {
      start("").push({ html: "x", target: "<img src=x onerror=window.bad=1>" });
      expect("bad" in globalThis).to.equal(false);
      expect(document.querySelector("img[onerror]")).to.equal(null);
    });

    it("runs no script, and loads nothing more than once", async () => {
      start('<p id="here"></p>');
      const record = (event: Event): void => void seen.push((event.target as Element).outerHTML);
      const seen: string[] = [];
      document.addEventListener("error", record, { capture: true });
      fixture.push({
        html: '<img src="/__reply?status=404" onerror="window.bad=1"><script>window.bad=2</script><a href="javascript:bad()">x</a>',
        target: "#here",
      });
      await until("the image failed", () => seen.length > 0);
      document.removeEventListener("error", record, { capture: true });
      expect("bad" in globalThis).to.equal(false);
      expect(inner()).to.equal('<p id="here"><img src="/__reply?status=404"><a>x</a></p>');
    });
  });

  describe("whose snippet says where it goes", () => {
    it("puts each root where its attribute says, as itself", () => {
      start('<ul id="list"></ul><p id="count">1</p>').push({
        html:
          '<li class="pat-inject-async" data-pat-inject-async="target: #list::after">x</li>' +
          '<p id="count" class="pat-inject-async">2</p>',
      });
      expect(fixture.root.querySelector("#list > li")?.textContent).to.equal("x");
      expect(fixture.root.querySelectorAll("#count")).to.have.length(1);
      expect(fixture.root.querySelector("#count")?.textContent).to.equal("2");
    });

    it("takes another source, and several targets", () => {
      start('<p id="a"></p><p id="b"></p>').push({
        html: '<div data-pat-inject-async="source: .x; target: #a && source: .y; target: #b"><b class="x">1</b><b class="y">2</b></div>',
      });
      expect(inner()).to.equal('<p id="a">1</p><p id="b">2</p>');
    });

    it("is dropped with a warning if it does not", () => {
      start("").push({ html: "<p>secret</p>", id: "m2" });
      expect(fixture.warnings.join())
        .to.match(/m2/)
        .and.not.match(/secret/);
    });
  });

  describe("of a key", () => {
    it("is dropped if it is as old as what was applied, or older", () => {
      start('<p id="p"></p>');
      for (const version of [2, 1, 2, 3, 2])
        fixture.push({ html: String(version), target: "#p", key: "k", version });
      expect(fixture.root.textContent).to.equal("3");
    });

    it("is dropped if the page was rendered with a newer version", () => {
      start('<p id="p" data-push-key="k" data-push-version="7">7</p>');
      fixture.push({ html: "6", target: "#p", key: "k", version: 6 });
      expect(fixture.root.textContent).to.equal("7");
      fixture.push({ html: "8", target: "#p", key: "k", version: 8 });
      expect(fixture.root.textContent).to.equal("8");
    });

    it("judges a snippet by the version of its root", () => {
      start('<p id="p" data-push-version="3">3</p>');
      const push = (version: number): void =>
        fixture.push({
          html: `<p id="p" data-push-version="${version}">${version}</p>`,
          target: "#p::element",
        });
      push(3);
      push(2);
      expect(fixture.root.textContent).to.equal("3");
      push(5);
      push(4);
      expect(fixture.root.textContent).to.equal("5");
    });
  });

  describe("with a url", () => {
    it("is fetched, picked by source and put into its target", async () => {
      start('<p id="p"></p>').push({
        url: replyUrl({ html: '<html><body><i id="x">x</i><i>y</i></body></html>' }),
        source: "#x::element",
        target: "#p",
      });
      await until("it is there", () => inner() === '<p id="p"><i id="x">x</i></p>');
    });

    it("holds up what comes after it for the same target, and only that", async () => {
      start('<ul id="a"></ul><ul id="b"></ul>');
      fixture.push({ url: replyUrl({ html: "<li>1</li>", delay: 100 }), target: "#a::after" });
      fixture.push({ html: "<li>2</li>", target: "#a::after" });
      fixture.push({ html: "<li>3</li>", target: "#b::after" });
      expect(fixture.root.textContent).to.equal("3");
      await until("all are there", () => fixture.root.textContent === "123");
    });

    it("is given up for a newer message of the same key", async () => {
      start('<p id="p"></p>');
      fixture.push({ url: replyUrl({ html: "old", delay: 100 }), target: "#p", key: "k" });
      fixture.push({ html: "new", target: "#p", key: "k" });
      await until("it is there", () => fixture.root.textContent === "new");
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(fixture.root.textContent).to.equal("new");
    });

    for (const [what, reply, said] of [
      ["an error", { status: 500, html: "broken" }, /answered 500/],
      ["something that is no HTML", { type: "application/json", html: "{}" }, /not text\/html/],
      ["a login form", { redirect: "/__reply/login?html=password" }, /session is over/],
    ] as const) {
      it(`does not inject ${what}`, async () => {
        start('<p id="p">as before</p>').push({ url: replyUrl(reply), target: "#p", id: "m3" });
        await until("it was refused", () => fixture.warnings.length > 0);
        expect(fixture.warnings[0]).to.match(/m3/).and.match(said);
        expect(fixture.root.textContent).to.equal("as before");
      });
    }

    it("is tried again if the server has too much to do", async () => {
      const url = replyUrl({ html: "late", status: 503, failures: 1, count: `late-${Date.now()}` });
      start('<p id="p"></p>').push({ url, target: "#p" });
      await until("it is there", () => fixture.root.textContent === "late");
      expect(fixture.warnings).to.deep.equal([]);
    });

    it("is not fetched from a foreign origin", async () => {
      start('<p id="p"></p>').push({ url: "https://elsewhere.invalid/", target: "#p" });
      await until("it was refused", () => fixture.warnings.length > 0);
      expect(fixture.warnings[0]).to.match(/patterns-push-origins/);
    });
  });

  describe("with a url that leads elsewhere", () => {
    it("is not injected when a redirect leads to a foreign origin", async () => {
      const foreign = `http://127.0.0.1:${location.port}`;
      expect(foreign).not.to.equal(location.origin);
      expect(
        (await fetch(`${foreign}${replyUrl({ html: "x" })}`, { headers: { "X-Requested-With": "x" } })).ok,
      ).to.equal(true);
      start('<p id="p">as before</p>').push({
        url: replyUrl({ redirect: `${foreign}${replyUrl({ html: "foreign" })}` }),
        target: "#p",
      });
      await until("it was refused", () => fixture.warnings.length > 0);
      expect(fixture.warnings[0]).to.match(/is not this page's origin/);
      expect(fixture.root.textContent).to.equal("as before");
    });
  });

  describe("in a form", () => {
    it("is taken back by a reset, without parsing again what was sanitised", async () => {
      // Parsed twice, this is something else than parsed once.
      const mutating =
        "<form><math><mtext></form><form><mglyph><style></math><img src=data:, onerror=window.pwned=1>";
      start('<form><div id="d">first</div></form><div id="outside"></div>');
      fixture.push({ html: `<div id="inner">${mutating}</div>`, target: "#d" });
      fixture.push({ html: "later", target: "#inner" });
      fixture.push({ html: "last", target: "#inner" });
      expect(fixture.root.textContent).to.equal("last");
      fixture.root.querySelector("form")?.reset();
      expect(fixture.root.querySelector("#d")?.innerHTML).to.equal("first");
      fixture.push({ html: `<div id="inner">${mutating}</div>`, target: "#d" });
      fixture.push({ html: "later", target: "#inner" });
      fixture.root.querySelector("#outside")?.append(fixture.root.querySelector("#inner") ?? "");
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect("pwned" in globalThis).to.equal(false);
    });
  });

  describe("with a marker", () => {
    it("fires push natively and with jQuery, each listener once", () => {
      start("");
      const heard: string[] = [];
      const native = (event: Event): void => void heard.push(`native ${(event as CustomEvent).detail.body}`);
      document.body.addEventListener("push", native);
      $("body").on("push.test", (event, marker) =>
        heard.push(`jquery ${marker} ${(event as unknown as CustomEvent).detail.body}`),
      );
      fixture.push({ marker: "m" });
      document.body.removeEventListener("push", native);
      $("body").off("push.test");
      expect(heard).to.deep.equal(["native m", "jquery m m"]);
    });
  });

  it("goes to the elements that wait for its topic", () => {
    start(
      '<p id="doc" class="pat-inject-async" data-pat-inject-async="topic: object:/doc; source: b; target: self">-</p>',
    );
    fixture.wait();
    expect([...fixture.topics]).to.deep.equal(["object:/doc"]);
    fixture.push({ html: "<div><b>new</b></div>" }, ["object:/doc"]);
    expect(fixture.root.textContent).to.equal("new");
    fixture.push({ html: "<b>foreign</b>" }, ["object:/other"]);
    expect(fixture.root.textContent).to.equal("new");
  });

  it("keeps elements that it brings again unchanged", () => {
    start('<div id="pages"><img id="p1" src="data:,"><img id="p2" src="data:,"></div>');
    const [first, second] = fixture.root.querySelectorAll("img");
    fixture.push({
      html: '<div id="pages"><img id="p1" src="data:,"><img id="p2" src="data:,x"><img id="p3"></div>',
      target: "#pages::element",
    });
    expect(fixture.root.querySelector("#p1")).to.equal(first);
    expect(fixture.root.querySelector("#p2")).not.to.equal(second);
    expect(inner()).to.equal(
      '<div id="pages"><img id="p1" src="data:,"><img id="p2" src="data:,x"><img id="p3"></div>',
    );
  });

  it("is injected as pat-inject does it: events, class, scanning", async () => {
    start('<ul id="list"></ul>');
    const events: string[] = [];
    const record = (event: { type: string; target: unknown }): void =>
      void events.push(`${event.type} ${(event.target as Element).localName}`);
    $(fixture.root).on("patterns-injected patterns-injected-scanned", record as never);
    document.addEventListener("patterns-injected-delayed", record, { once: true });
    document.addEventListener("pat-inject-success", record, { once: true });
    fixture.push({
      html: '<li class="pat-inject-async" data-pat-inject-async="target: #list::after; class: fresh">x</li>',
    });
    await until("the last event came", () =>
      events.some((name) => name.startsWith("patterns-injected-delayed")),
    );
    expect(events).to.deep.equal([
      "patterns-injected li",
      "patterns-injected-scanned li",
      "pat-inject-success body",
      "patterns-injected-delayed li",
    ]);
    expect(fixture.root.querySelector("li.fresh")).not.to.equal(null);
  });
});
