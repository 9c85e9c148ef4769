import { expect } from "chai";
import { createFixture, until, type Fixture } from "../testing/intake-fixture.ts";
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
