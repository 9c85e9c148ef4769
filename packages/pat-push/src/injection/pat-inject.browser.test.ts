/** What pat-push uses of pat-inject is private in part: these tests fail when a release of Patternslib changes it. */
import { expect } from "chai";
import $ from "jquery";
import "@patternslib/patternslib/src/pat/inject/inject.js";
import { findPatInject, type InjectConfig, type PatInject } from "./pat-inject.ts";

function config(options: Partial<InjectConfig> = {}): InjectConfig {
  return {
    source: "",
    target: "",
    url: "",
    loadingClass: "",
    executingClass: "",
    executedClass: "",
    ...options,
  };
}

describe("pat-inject's engine", () => {
  const root = document.createElement("div");
  let inject: PatInject;

  before(() => {
    document.body.append(root);
    inject = findPatInject() as PatInject;
  });
  afterEach(() => root.replaceChildren());
  after(() => root.remove());

  it("is found in the registry", () => {
    expect(inject).to.be.an("object");
  });

  it("extracts the modifiers of source and target", () => {
    const extracted = config({ source: "#a::element", target: "#b::element::before", loadingClass: "busy" });
    expect(inject.extractModifiers(extracted)).to.equal(true);
    expect(extracted).to.include({
      source: "#a",
      sourceMod: "element",
      target: "#b",
      action: "elementbefore",
    });
    expect(extracted.loadingClass.split(" ")).to.include.members(["busy", "busy-element"]);
  });

  it("ends an injection with classes, events and a scan, before it returns", () => {
    root.innerHTML = '<p class="busy"></p>';
    const target = root.firstElementChild as HTMLElement;
    const node = document.createElement("b");
    target.append(node);
    const heard: string[] = [];
    $(root).on("patterns-injected patterns-injected-scanned", ({ type }) => void heard.push(type));
    root.addEventListener("pat-inject-success", ({ type }) => heard.push(type), { once: true });
    inject._afterInjection(
      $(root),
      $<Node>(node),
      config({ class: "fresh", loadingClass: "busy", executedClass: "done", $target: $(target) }),
    );
    $(root).off();
    expect(heard).to.deep.equal(["patterns-injected", "patterns-injected-scanned", "pat-inject-success"]);
    expect(root.innerHTML).to.equal('<p class=""><b class="fresh"></b></p>');
    expect(root.className).to.equal("done");
    root.className = "";
  });

  it("rebases relative URLs, and knows where they stand", () => {
    expect(inject._rebaseURL("/a/b", "c")).to.equal(`${location.origin}/a/c`);
    expect(inject._rebaseAttrs).to.include({ a: "href", img: "src", form: "action" });
    expect(inject._rebaseOptions["inject"]).to.deep.equal(["url"]);
  });
});
