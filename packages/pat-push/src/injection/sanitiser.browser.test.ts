import { expect } from "chai";
import { createFixture, until, type Fixture } from "../testing/intake-fixture.ts";
import { CORPUS } from "../testing/xss-corpus.ts";
import { createSanitiser, type Sanitiser } from "./sanitiser.ts";

const HOSTILE = `<p onclick="bad()" style="color: red" data-pat-x="a: b" id="title">text
  <script>bad()</script><img src="data:," onerror="bad()"><a href="javascript:bad()" target="_blank">a</a>
  <iframe src="/"></iframe><object data="/"></object><base href="/x"><meta http-equiv="refresh" content="0">
  <svg><script>bad()</script><a href="javascript:bad()"><text>t</text></a></svg>
  <my-part attr="x">part</my-part><form action="/f"><input name="n" formaction="javascript:bad()"></form></p>`;

/** As in a browser without a sanitiser of its own. */
function withoutNative(): Sanitiser {
  const scope = globalThis as unknown as { Sanitizer: unknown };
  const native = scope.Sanitizer;
  scope.Sanitizer = undefined;
  try {
    return createSanitiser();
  } finally {
    scope.Sanitizer = native;
  }
}

for (const [name, create] of [
  ["the browser's own", createSanitiser],
  ["DOMPurify", withoutNative],
] as const) {
  describe(`the sanitiser: ${name}`, () => {
    let fixture: Fixture;

    afterEach(() => fixture.close());

    for (const [kind, wrap] of [
      ["a fragment", (html: string) => html],
      ["a whole page", (html: string) => `<!DOCTYPE html><html><head></head><body>${html}</body></html>`],
    ] as const) {
      it(`takes what is dangerous out of ${kind}, and leaves the rest`, async () => {
        fixture = createFixture('<div id="d"></div>', create());
        fixture.push({
          html: wrap(HOSTILE.replaceAll(/<\/?p\b/g, (tag) => tag.replace("p", "div"))),
          target: "#d",
          source: "body",
        });
        await until("it is there", () => fixture.root.querySelector("#title") !== null);
        const { innerHTML } = fixture.root;
        expect(innerHTML).not.to.match(/bad|<script|<iframe|<object|<base|<meta|onclick|onerror/i);
        expect(innerHTML).to.include('style="color: red"').and.to.include('data-pat-x="a: b"');
        expect(innerHTML).to.include('<my-part attr="x">part</my-part>').and.to.include('action="/f"');
        expect(fixture.root.querySelector("a")?.getAttribute("target")).to.equal("_blank");
      });
    }

    for (const hostile of CORPUS) {
      it(`makes harmless: ${hostile}`, async () => {
        fixture = createFixture('<form id="live"><div id="d"></div></form>', create());
        fixture.push({ html: `<div id="there">${hostile}</div>`, target: "#d" });
        fixture.push({ html: `<!DOCTYPE html><body>${hostile}</body>`, source: "body", target: "#d::after" });
        fixture.push({ html: "<i id='end'></i>", target: "#d::after" });
        await until("it is there", () => fixture.root.querySelector("#end") !== null);
        expect(dangersIn(fixture.root)).to.deep.equal([]);
        await new Promise((resolve) => setTimeout(resolve)); // handlers of errors and animations
        expect("pwned" in globalThis).to.equal(false);
      });
    }

    it("lets no name hide what pages and forms have", async () => {
      const names = ["body", "querySelector", "getElementById", "activeElement", "attributes", "parentNode"];
      fixture = createFixture(
        '<form id="live"><input name="id"></form><form id="f" name="search"></form><p id="d"></p><p id="e"></p>',
        create(),
      );
      fixture.push({
        html: names
          .map(
            (hidden) =>
              `<img name="${hidden}"><form name="${hidden}"></form><input form="live" name="${hidden}">`,
          )
          .join(""),
        target: "#d",
      });
      fixture.push({
        html: '<form id="f" name="search"><input name="title" id="submit"></form>',
        target: "#e",
      });
      await until("it is there", () => fixture.root.querySelector("#e > form") !== null);
      expect(document.body).to.equal(fixture.root.parentNode);
      const live = fixture.root.querySelector("#live") as HTMLFormElement;
      expect(live.attributes).to.be.instanceOf(NamedNodeMap);
      expect(fixture.root.querySelector("#e")?.innerHTML).to.equal(
        '<form id="f" name="search"><input name="title" id="submit"></form>',
      );
    });

    it("keeps rows and cells, and the order of messages while it is loading", async () => {
      fixture = createFixture('<table><tbody id="rows"></tbody></table>', create());
      for (const row of ["1", "2", "3"])
        fixture.push({ html: `<tr id="row-${row}"><td>${row}</td></tr>`, target: "#rows::after" });
      await until("all are there", () => fixture.root.querySelectorAll("tr").length === 3);
      expect(fixture.root.querySelector("tbody")?.innerHTML).to.equal(
        '<tr id="row-1"><td>1</td></tr><tr id="row-2"><td>2</td></tr><tr id="row-3"><td>3</td></tr>',
      );
    });
  });
}

describe("a page that sanitises nothing", () => {
  it("takes frames and event handlers, and runs no script element", async () => {
    const fixture = createFixture('<div id="d"></div>', createSanitiser(false));
    try {
      const html = '<iframe title="f"></iframe><b onclick="globalThis.clicked = true">b</b>';
      const script = "<script>globalThis.pwned = true</script>";
      fixture.push({ html: html + script, target: "#d" });
      fixture.push({
        html: `<!DOCTYPE html><body>${script}<i></i></body>`,
        source: "body",
        target: "#d::after",
      });
      await until("it is there", () => fixture.root.querySelector("i") !== null);
      expect(fixture.root.querySelector("iframe")).not.to.equal(null);
      fixture.root.querySelector("b")?.click();
      expect("clicked" in globalThis).to.equal(true);
      expect(fixture.root.querySelectorAll("script")).to.have.length(2);
      await new Promise((resolve) => setTimeout(resolve));
      expect("pwned" in globalThis).to.equal(false);
    } finally {
      fixture.close();
      Reflect.deleteProperty(globalThis, "clicked");
    }
  });
});

/** Elements that run something, wherever they come from. */
const ACTIVE = /^(?:script|iframe|frame|frameset|object|embed|base|link|meta|noscript|use)$/;

/** What runs a script, or would on a click, in templates and shadow trees as well. */
function dangersIn(root: ParentNode): string[] {
  const dangers: string[] = [];
  for (const element of root.querySelectorAll("*")) {
    if (ACTIVE.test(element.localName)) dangers.push(element.outerHTML);
    for (const attribute of element.attributes)
      if (isDangerous(attribute)) dangers.push(`${attribute.name}=${attribute.value}`);
    if (element instanceof HTMLTemplateElement) dangers.push(...dangersIn(element.content));
    if (element.shadowRoot) dangers.push(...dangersIn(element.shadowRoot));
  }
  return dangers;
}

function isDangerous({ name, value, ownerElement }: Attr): boolean {
  if (/^on/i.test(name) || name === "srcdoc") return true;
  if (/^attributename$/i.test(name)) return /href/i.test(value); // of SVG's animations
  const navigates =
    /^(?:(?:xlink:)?href|formaction)$/i.test(name) ||
    (name === "action" && ownerElement?.localName === "form");
  // oxlint-disable-next-line no-control-regex -- browsers skip these in URLs
  return navigates && /^(?:javascript|vbscript):/i.test(value.replaceAll(/[\0-\x20]/g, ""));
}
