/** The same injection by pat-inject itself and by pat-push: the same result, and the same events in the same order. */
import inject from "@patternslib/patternslib/src/pat/inject/inject.js";
import { expect } from "chai";
import $ from "jquery";
import { createFixture, until, type Fixture } from "../testing/intake-fixture.ts";

const URL_OF_SNIPPET = "/__kept/differential/snippet";

const SNIPPET = `<!DOCTYPE html>
<html><head><title>Title</title></head>
<body class="page">
  text before
  <section id="one" class="s">one <b id="same">1</b> <img src="a.png" alt="" loading="lazy">
    <a href="#inside">in</a> <i id="inside">i</i> <a href="#elsewhere">out</a> <a href="#">top</a></section>
  <ul id="list"><li class="many"><form action="go"><input name="n" value="v"></form></li>
  <li class="many">two <a href="other/page" class="pat-inject" data-pat-inject="url: x/y">rel</a></li></ul>
</body></html>`;

// No id of the snippet is in the page: there pat-push replaces, where pat-inject doubles.
const PAGE =
  '<div id="t">target <b>1</b></div><p class="ts">first</p><p class="ts">second</p>' +
  '<form><div id="in-form"><input name="x"></div></form>';

const SOURCES = ["", "#one", ".many", "body", "none", "#missing"];
// Without a target it is the body: the test runner would go with it.
const TARGETS = ["#t", ".ts", "self", "#in-form"];
const POSITIONS = ["", "::before", "::after"];
const MODIFIERS = ["", "::element"];

/** What comes and goes on the way, and where the page is scrolled to. */
const SIGNS = [
  "loading-class: waits",
  "executing-class: works",
  "executed-class: worked",
  "loading-class: waits; executing-class: works; executed-class: worked; class: fresh",
  "scroll: none",
  "scroll: top",
  "scroll: target",
  "scroll: #inside",
];

const JQUERY_EVENTS =
  "patterns-inject-triggered pat-ajax-success patterns-injected patterns-injected-scanned pat-inject-missingSource";
const NATIVE_EVENTS = ["pat-inject-success", "patterns-injected-delayed"];

interface Outcome {
  readonly html: string;
  readonly scrolled: number;
  /** Of the trigger and of the first target, as they were asked for and at each event. */
  readonly classes: readonly string[];
  readonly events: readonly string[];
}

describe("compared with pat-inject", () => {
  let fixture: Fixture;

  before(() => fetch(URL_OF_SNIPPET, { method: "PUT", body: SNIPPET }));
  beforeEach(() => {
    fixture = createFixture("");
  });
  afterEach(() => fixture.close());

  for (const options of combinations()) {
    it(`does the same for ${options}`, async () => {
      const theirs = await outcome(fixture, options, triggerPatInject);
      const ours = await outcome(fixture, options, () => triggerPatPush(fixture));
      expect(ours.html).to.equal(theirs.html);
      expect(ours.events).to.deep.equal(theirs.events);
    });
  }

  for (const target of ["#t", "#t::after", ".ts::element", "self"]) {
    for (const signs of SIGNS) {
      it(`shows the same signs for target: ${target}; ${signs}`, async () => {
        const options = `source: #one; target: ${target}; ${signs}`;
        const theirs = await outcome(fixture, options, triggerPatInject);
        const ours = await outcome(fixture, options, () => triggerPatPush(fixture));
        expect(ours).to.deep.equal(theirs);
      });
    }
  }
});

async function outcome(
  fixture: Fixture,
  options: string,
  start: (trigger: HTMLElement) => void,
): Promise<Outcome> {
  const { root } = fixture;
  root.innerHTML =
    `<a data-pat-inject="${options}" href="${URL_OF_SNIPPET}"` +
    ` data-pat-inject-async="push-id: compare; url: ${URL_OF_SNIPPET}; ${options}">trigger</a>${PAGE}` +
    '<div style="height: 3000px"></div>';
  window.scrollTo(0, 1000);
  const trigger = root.firstElementChild as HTMLElement;
  const events: string[] = [];
  const classes: string[] = [];
  const target = root.querySelector(/target: (#t|\.ts)/.exec(options)?.[1] ?? "a") as Element;
  const classesNow = (): string => `${trigger.className} / ${target.className}`;
  const record = ({ type, target: element }: { type: string; target: unknown }): void => {
    const { localName, id } = element as Element;
    events.push(`${type} ${localName}#${id}`);
    classes.push(`${type}: ${classesNow()}`);
  };
  $(root).on(JQUERY_EVENTS, record as never);
  for (const type of NATIVE_EVENTS) root.addEventListener(type, record);
  // On the trigger as well: it may not be in the page any more.
  trigger.addEventListener("pat-inject-success", (event) => trigger.isConnected || record(event));
  start(trigger);
  classes.push(`asked: ${classesNow()}`);
  await until("it is injected", () => events.some((event) => event.startsWith("pat-ajax-success")));
  await new Promise((resolve) => setTimeout(resolve));
  await until(
    "every element had its last event",
    () => count(events, "-scanned") === count(events, "-delayed"),
  );
  $(root).off();
  for (const type of NATIVE_EVENTS) root.removeEventListener(type, record);
  // Where no element comes, pat-inject never takes these classes off.
  const html = root.innerHTML
    .replaceAll(/ ?\b(?:executing|injecting[\w-]*)/g, "")
    .replaceAll(' class=""', "");
  return { html, scrolled: window.scrollY, classes, events };
}

function count(events: readonly string[], name: string): number {
  return events.filter((event) => event.includes(name)).length;
}

/** What pat-inject does on a click, without the click's default. */
function triggerPatInject(trigger: HTMLElement): void {
  const engine = inject as {
    extractConfig(el: JQuery, options: object): unknown[];
    onTrigger(event: { currentTarget: HTMLElement }): void;
  };
  $(trigger).data("pat-inject", engine.extractConfig($(trigger), {}));
  engine.onTrigger({ currentTarget: trigger });
}

function triggerPatPush(fixture: Fixture): void {
  fixture.wait();
  fixture.intake.refetch("compare");
}

function* combinations(): Generator<string> {
  for (const source of SOURCES) {
    for (const sourceModifier of source === "" || source === "none" ? [""] : MODIFIERS) {
      const from = source === "" ? "" : `source: ${source}${sourceModifier}; `;
      for (const target of TARGETS) {
        for (const modifier of MODIFIERS) {
          for (const position of POSITIONS)
            yield `${from}target: ${target}${modifier}${position}; class: fresh`;
        }
      }
      yield `${from}target: none; class: fresh`;
    }
  }
}
