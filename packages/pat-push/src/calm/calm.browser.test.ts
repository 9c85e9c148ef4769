import { expect } from "chai";
import { createFixture, until, type Fixture } from "../testing/intake-fixture.ts";

describe("while somebody uses the page, an injection", () => {
  let fixture: Fixture;

  afterEach(() => fixture.close());

  function start(html: string, frameBudgetMs?: number): HTMLElement {
    fixture = createFixture(html, undefined, frameBudgetMs);
    return fixture.root;
  }
  function find(selector: string): HTMLElement {
    return get(selector, HTMLElement);
  }
  function get<T extends Element>(selector: string, type: abstract new () => T): T {
    const element = fixture.root.querySelector(selector);
    if (element instanceof type) return element;
    throw new Error(`There is no ${selector}.`);
  }

  it("keeps focus, caret and typed text, by id and by name", () => {
    start('<form id="f"><input id="a" value="1"><textarea name="b">2</textarea></form>');
    get("#a", HTMLInputElement).value = "typed";
    const area = get("textarea", HTMLTextAreaElement);
    area.value = "typed, too";
    area.focus();
    area.setSelectionRange(2, 4);
    fixture.push({
      html: '<form id="f" class="new"><label><input id="a" value="1"></label><textarea name="b">2</textarea></form>',
      target: "#f::element",
    });
    expect(find("#f").className).to.equal("new");
    expect(get("#a", HTMLInputElement).value).to.equal("typed");
    const twin = get("textarea", HTMLTextAreaElement);
    expect(twin).not.to.equal(area);
    expect(twin.value).to.equal("typed, too");
    expect(document.activeElement).to.equal(twin);
    expect([twin.selectionStart, twin.selectionEnd]).to.deep.equal([2, 4]);
  });

  it("keeps what was ticked and chosen", () => {
    start(
      '<div id="d"><input type="checkbox" name="c" value="1"><input type="radio" name="r" value="x" checked><input type="radio" name="r" value="y"><select name="s"><option>p<option>q</select></div>',
    );
    get("[name=c]", HTMLInputElement).checked = true;
    get("[value=y]", HTMLInputElement).checked = true;
    get("select", HTMLSelectElement).value = "q";
    fixture.push({ html: `<p>new</p>${find("#d").innerHTML}`, target: "#d" });
    expect(find("p").textContent).to.equal("new");
    expect(get("[name=c]", HTMLInputElement).checked).to.equal(true);
    expect(get("[value=y]", HTMLInputElement).checked).to.equal(true);
    expect(get("[value=x]", HTMLInputElement).checked).to.equal(false);
    expect(get("select", HTMLSelectElement).value).to.equal("q");
  });

  it("keeps each of several neighbours that did not change", () => {
    const pages = '<i id="p1"></i><i id="p2"></i><i id="p3"></i><i id="p4"></i>';
    start(`<div id="d">${pages}</div>`);
    const before = [...find("#d").children];
    fixture.push({ html: `<div id="d" class="new">${pages}<i id="p5"></i></div>`, target: "#d::element" });
    expect(find("#d").className).to.equal("new");
    before.forEach((page, index) => expect(find("#d").children[index]).to.equal(page));
  });

  it("takes the server's value where nobody typed", () => {
    start('<div id="d"><input id="a" value="1"></div>');
    fixture.push({ html: '<input id="a" value="2">', target: "#d" });
    expect(get("#a", HTMLInputElement).value).to.equal("2");
  });

  it("keeps open details open", () => {
    start(
      '<div id="d"><details><summary>One</summary>1</details><details id="two"><summary>Two</summary>2</details></div>',
    );
    for (const details of fixture.root.querySelectorAll("details")) details.open = true;
    fixture.push({
      html: '<details><summary>One</summary>new</details><p></p><details id="two"><summary>Two</summary>new</details>',
      target: "#d",
    });
    expect(fixture.root.querySelectorAll("details[open]")).to.have.length(2);
    expect(find("#two").textContent).to.equal("Twonew");
  });

  it("keeps the selected text selected", () => {
    start('<div id="d"><p>some words</p></div>');
    const text = find("p").firstChild as Text;
    document.getSelection()?.setBaseAndExtent(text, 5, text, 10);
    fixture.push({ html: "<p>some words</p><p>more</p>", target: "#d" });
    expect(document.getSelection()?.toString()).to.equal("words");
    expect(find("p").firstChild).not.to.equal(text);
  });

  it("keeps how far something is scrolled", () => {
    start(
      '<div id="d"><div id="box" style="height: 50px; overflow: auto"><p style="height: 500px"></p></div></div>',
    );
    find("#box").scrollTop = 120;
    const markup = find("#d").innerHTML.replace("<p", "<i></i><p");
    fixture.push({ html: markup, target: "#d" });
    expect(find("#box").firstElementChild?.localName).to.equal("i");
    expect(find("#box").scrollTop).to.equal(120);
  });

  it("does not move what is read when something is added above", async () => {
    const root = start('<ul id="list"></ul>');
    root.style.cssText = "height: 200px; overflow: auto";
    find("#list").innerHTML = Array.from(
      { length: 50 },
      (_, index) => `<li id="l${index}">${index}</li>`,
    ).join("");
    root.scrollTop = 300;
    const before = find("#l30").getBoundingClientRect().top;
    fixture.push({ html: '<li style="height: 80px">new</li>', target: "#list::before" });
    await new Promise(requestAnimationFrame);
    expect(find("#l30").getBoundingClientRect().top).to.be.closeTo(before, 1);
  });

  it("keeps what is marked permanent, without ending what it does", async () => {
    start(
      '<div id="d"><div id="keep" data-push-permanent><iframe srcdoc="<p>framed</p>"></iframe></div></div>',
    );
    const keep = find("#keep");
    const frame = get("iframe", HTMLIFrameElement);
    await until("it is loaded", () => frame.contentDocument?.querySelector("p") != null);
    const page = frame.contentDocument;
    fixture.push({ html: '<p>new</p><section><div id="keep">other</div></section>', target: "#d" });
    expect(find("section").firstElementChild).to.equal(keep);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(frame.contentDocument).to.equal(page);
  });

  it("keeps a focused element focused that comes again unchanged", () => {
    start('<div id="d"><button id="b">press</button></div>');
    get("#b", HTMLButtonElement).focus();
    let blurred = 0;
    find("#b").addEventListener("blur", () => (blurred += 1));
    fixture.push({ html: '<p>new</p><button id="b">press</button>', target: "#d" });
    expect(document.activeElement).to.equal(find("#b"));
    expect(blurred).to.equal(0);
  });

  it("lets a progress bar move on", () => {
    start('<div id="d"><progress id="p" value="1" max="9"></progress></div>');
    const bar = get("#p", HTMLProgressElement);
    fixture.push({ html: '<progress id="p" value="4" max="9" class="x"></progress> 4 of 9', target: "#d" });
    expect(find("#p")).to.equal(bar);
    expect([bar.value, bar.className]).to.deep.equal([4, "x"]);
    fixture.push({ html: '<progress id="p" value="5" max="9"></progress>', target: "#p::element" });
    expect(find("#p")).to.equal(bar);
    expect([bar.value, bar.hasAttribute("class")]).to.deep.equal([5, false]);
  });

  it("waits for the end of a composition in what it would replace, and only there", async () => {
    start('<div id="d"><input id="a"></div><p id="other"></p>');
    find("#a").dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    fixture.push({ html: "replaced", target: "#d" });
    fixture.push({ html: "replaced", target: "#other" });
    expect(find("#other").textContent).to.equal("replaced");
    expect(fixture.root.querySelector("#a")).not.to.equal(null);
    find("#a").dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    await until("it is replaced", () => find("#d").textContent === "replaced");
  });

  it("does not wait for ever for a composition whose field was taken away", async () => {
    start('<div id="d"><input id="a"></div>');
    find("#a").dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    fixture.push({ html: "replaced", target: "#d" });
    find("#a").remove();
    await until("it is replaced", () => find("#d").textContent === "replaced");
  });

  it("keeps what plays, what is edited and what was chosen to upload", async () => {
    start(
      '<div id="d"><audio id="m" muted loop></audio><p id="e" contenteditable>text</p><input id="f" type="file"></div>',
    );
    const audio = get("#m", HTMLAudioElement);
    audio.src = silence();
    await audio.play();
    const markup = find("#d").innerHTML;
    const files = new DataTransfer();
    files.items.add(new File(["x"], "x.txt"));
    get("#f", HTMLInputElement).files = files.files;
    const editor = find("#e");
    editor.focus();
    editor.textContent = "typed";
    const before = [...find("#d").children];
    fixture.push({ html: `<h1>new</h1>${markup}`, target: "#d" });
    expect([...find("#d").children].slice(1)).to.deep.equal(before);
    expect(audio.paused).to.equal(false);
    expect(document.activeElement).to.equal(editor);
    expect([editor.textContent, get("#f", HTMLInputElement).files?.length]).to.deep.equal(["typed", 1]);
    audio.pause();
  });

  it("goes on in a hidden page, where no frame comes", async () => {
    start('<ul id="list"></ul>', 8);
    Object.defineProperty(document, "hidden", { configurable: true, value: true });
    const original = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = () => 0;
    try {
      for (let index = 0; index < 2000; index += 1)
        fixture.push({ html: `<li>${index}</li>`, target: "#list::after" });
      await until("all are there", () => find("#list").childElementCount === 2000);
    } finally {
      window.requestAnimationFrame = original;
      Reflect.deleteProperty(document, "hidden");
    }
  }).timeout(60_000);

  it("spreads a flood over frames, in its order", async () => {
    start('<ul id="list"></ul>', 8);
    const count = 3000;
    for (let index = 0; index < count; index += 1)
      fixture.push({ html: `<li id="row-${index}">${index}</li>`, target: "#list::after" });
    let frames = 0;
    while (find("#list").childElementCount < count) {
      await new Promise(requestAnimationFrame);
      frames += 1;
    }
    expect(frames).to.be.above(1);
    expect([...find("#list").children].map(({ textContent }) => Number(textContent))).to.deep.equal(
      Array.from({ length: count }, (_, index) => index),
    );
  }).timeout(60_000);
});

/** A second of it, as WAV. */
function silence(): string {
  const rate = 8000;
  const wav = new DataView(new ArrayBuffer(44 + rate));
  const text = (at: number, words: string): void =>
    new Uint8Array(wav.buffer, at).set(new TextEncoder().encode(words));
  text(0, "RIFF");
  wav.setUint32(4, 36 + rate, true);
  text(8, "WAVEfmt ");
  wav.setUint32(16, 16, true);
  wav.setUint16(20, 1, true); // PCM
  wav.setUint16(22, 1, true); // mono
  wav.setUint32(24, rate, true);
  wav.setUint32(28, rate, true);
  wav.setUint16(32, 1, true);
  wav.setUint16(34, 8, true);
  text(36, "data");
  wav.setUint32(40, rate, true);
  new Uint8Array(wav.buffer, 44).fill(128);
  return URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
}
