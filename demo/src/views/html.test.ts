import { expect, it } from "vitest";
import { html, trusted } from "./html.ts";

it("escapes every value, in text and in attributes", () => {
  const name = `"><img src=x onerror='alert(1)'>&`;
  const written = String(html`<a title="${name}">${name}</a>`);
  expect(written).not.toContain("<img");
  expect(written.match(/"/g)).toHaveLength(2);
  expect(written).toContain("&#60;img src=x onerror=&#39;alert(1)&#39;&#62;&#38;");
});

it("leaves HTML as it is, joins lists, and writes nothing for what is absent", () => {
  const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
  expect(String(html`${items}${undefined}${false}${0}${trusted("<hr>")}`)).toBe(
    "<li>a</li><li>&#60;b&#62;</li>0<hr>",
  );
});
