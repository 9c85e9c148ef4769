/** What is plain is done without idiomorph, and must come to the same: the HTML, and which nodes stay. */
import { expect } from "chai";
import { Idiomorph } from "idiomorph";
import { morph } from "./morph.ts";

const li = (name: string, text = name): string => `<li id="${name}">${text}</li>`;
const bare = (text: string): string => `<li>${text} <b>${text}</b></li>`;
const lines = (...items: string[]): string => `\n  ${items.join("\n  ")}\n`;

const CASES: Readonly<Record<string, readonly [old: string, next: string]>> = {
  "nothing changes": [li("a") + li("b"), li("a") + li("b")],
  "one changes": [li("a") + li("b") + li("c"), li("a") + li("b", "B <i>b</i>") + li("c")],
  "one without an id changes": [bare("a") + bare("b") + bare("c"), bare("a") + bare("x") + bare("c")],
  "two without ids change": [bare("a") + bare("b") + bare("c"), bare("x") + bare("y") + bare("c")],
  "text changes between elements": ["<b>a</b> one <b>b</b>", "<b>a</b> two <b>b</b>"],
  "a comment changes": ["<!--a--><b>a</b>", "<!--b--><b>a</b>"],
  "attributes change": ['<li id="a" class="x">a</li>', '<li id="a" title="y">a</li>'],
  "one is put first": [li("a") + li("b"), li("x") + li("a") + li("b")],
  "one is put in between, on lines": [lines(li("a"), li("b")), lines(li("a"), li("x"), li("b"))],
  "one without an id is put last": [bare("a") + bare("b"), bare("a") + bare("b") + bare("c")],
  "one goes": [li("a") + li("b") + li("c"), li("a") + li("c")],
  "one goes, on lines": [lines(li("a"), li("b"), li("c")), lines(li("a"), li("c"))],
  "they lose their lines": [lines(li("a"), li("b")), li("a") + li("b")],
  "they are put on lines": [li("a") + li("b"), lines(li("a"), li("b"))],
  "two change places": [li("a") + li("b") + li("c"), li("c") + li("b") + li("a")],
  "the last comes first, changed": [lines(li("a"), li("b"), li("c")), lines(li("c", "C"), li("a"), li("b"))],
  "all are new": [li("a") + li("b"), li("x") + li("y")],
  "all go": [li("a") + li("b"), ""],
  "all come": ["", li("a") + li("b")],
  "one becomes another element": [li("a") + li("b"), `<p id="a">a</p>${li("b")}`],
  "an id inside moves to another": [
    '<li id="a"><b id="in">in</b></li><li id="b">b</li>',
    '<li id="a">a</li><li id="b"><b id="in">in</b></li>',
  ],
  "an id inside moves to a new one": [
    '<li id="a"><b id="in">in</b></li>',
    '<li id="x"><b id="in">in</b></li>',
  ],
  "an id inside moves between elements without": [
    '<li><b id="in">in</b></li><li>b</li>',
    '<li>a</li><li><b id="in">in</b></li>',
  ],
};

describe("a morph does what idiomorph does when", () => {
  const root = document.createElement("div");

  before(() => document.body.append(root));
  after(() => root.remove());

  /** The HTML, and for each node with an id, or each child, whether it was there before. */
  function outcome(old: string, act: (list: Element) => void): { html: string; stayed: string[] } {
    root.innerHTML = `<ul id="list">${old}</ul>`;
    const list = root.firstElementChild as Element;
    const before = new Set(list.querySelectorAll("*"));
    act(list);
    const stayed = [...list.querySelectorAll("*")].filter((element) => before.has(element));
    return { html: list.innerHTML, stayed: stayed.map((element) => element.outerHTML) };
  }

  for (const [name, [old, next]] of Object.entries(CASES)) {
    it(name, () => {
      const theirs = outcome(old, (list) => void Idiomorph.morph(list, next, { morphStyle: "innerHTML" }));
      const ours = outcome(old, (list) => {
        const template = document.createElement("template");
        template.innerHTML = next;
        morph(list, [...template.content.childNodes], false);
      });
      expect(ours.html).to.equal(next);
      expect(ours).to.deep.equal(theirs);
    });
  }
});
