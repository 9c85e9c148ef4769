/**
 * `npm run pat-push:morph -w bench [-- ROUNDS]`: a list of 1,000 rows comes again with one change. For pat-push from the
 * moment the answer is there, sanitised and with all that an injection does; for the others their function alone.
 */
import type { Page } from "playwright-core";
import { median } from "../docconv/median.ts";
import { roundsFromArguments, withBrowser, type BenchRun } from "./bench-run.ts";
import { openPage } from "./chromium.ts";
import { ENGINES } from "./engines.ts";
import { printFigures, type Figure } from "./figures.ts";
import { row } from "./rows.ts";

const ROWS = 1000;
const CHANGED = 500;
const WARM_UP = 3;

const KINDS = { "rows with ids": true, "rows without": false } as const;
const PEERS = ["idiomorph", "morphdom", "innerHTML"] as const;
type Engine = "pat-push" | (typeof PEERS)[number];

declare const Idiomorph: { morph(old: Element, html: string, options: object): unknown };
declare const morphdom: (old: Element, html: string) => unknown;

export async function benchMorph(run: BenchRun, rounds: number): Promise<void> {
  const figures: Figure[] = [];
  for (const [kind, keyed] of Object.entries(KINDS)) {
    const times = await measure(run, keyed, rounds);
    const measured = median(times.get("pat-push") ?? []);
    for (const peer of PEERS)
      figures.push({
        what: `${kind}, beside`,
        measured,
        unit: "ms",
        peer: [peer, median(times.get(peer) ?? [])],
      });
    figures.push({ what: kind, measured, unit: "ms", target: { atMost: 10 } });
  }
  printFigures(`Morph of ${ROWS} rows, one changed, medians of ${rounds} rounds`, figures);
}

async function measure(
  { browser, site }: BenchRun,
  keyed: boolean,
  rounds: number,
): Promise<Map<Engine, number[]>> {
  const { head, ready } = ENGINES["pat-push"];
  const scripts =
    '<script src="/idiomorph/idiomorph.min.js"></script><script src="/morphdom/morphdom-umd.min.js"></script>';
  const body = `<ul id="list">${list(keyed, "0")}</ul>`;
  site.pages.set("/morph", `<!doctype html><title>Morph</title>${head}${scripts}${body}`);
  const page = await openPage(browser, site, "/morph", noteAnswers);
  const times = new Map<Engine, number[]>();
  try {
    await ready(page);
    for (let round = 1; round <= rounds + WARM_UP; round += 1) {
      for (const engine of ["pat-push", ...PEERS] as const) {
        const html = list(keyed, `${round} by ${engine}`);
        const ms =
          engine === "pat-push" ? await morphByPush(page, site, html) : await morphBy(page, engine, html);
        if (round > WARM_UP) times.set(engine, [...(times.get(engine) ?? []), ms]);
      }
    }
  } finally {
    await page.context().close();
  }
  return times;
}

function list(keyed: boolean, change: string): string {
  return Array.from({ length: ROWS }, (_, index) => {
    const text = index === CHANGED ? `changed: ${change}` : undefined;
    return keyed ? row(index, text).replace("<li ", `<li id="row-${index}" `) : row(index, text);
  }).join("");
}

/** In the page: when an answer to a fetch is there. */
function noteAnswers(): void {
  const native = window.fetch.bind(window);
  window.fetch = async (...args) => {
    const response = await native(...args);
    const html = await response.text();
    window.bench.arrivedAt = performance.now();
    return Object.defineProperty(response, "text", { value: () => Promise.resolve(html) });
  };
}

/** By a message that names a URL: that many rows are too large for a message. */
async function morphByPush(page: Page, site: BenchRun["site"], html: string): Promise<number> {
  site.pages.set("/list", html);
  await page.evaluate(() => {
    window.bench.done = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        resolve(performance.now() - (window.bench.arrivedAt ?? Number.NaN));
      });
      const all = { childList: true, subtree: true, characterData: true, attributes: true };
      observer.observe(document.querySelector("#list") as Element, all);
    });
  });
  await site.push.publish({ to: "user:jane", url: "/list", target: "#list", action: "morph" });
  const ms = await page.evaluate(() => window.bench.done ?? Number.NaN);
  if ((await page.evaluate(() => document.querySelector("#list")?.innerHTML)) !== html)
    throw new Error("After the morph the list is not what was sent.");
  return ms;
}

async function morphBy(page: Page, engine: (typeof PEERS)[number], html: string): Promise<number> {
  return await page.evaluate(
    ([name, rows]) => {
      const old = document.querySelector("#list") as Element;
      const began = performance.now();
      if (name === "idiomorph") Idiomorph.morph(old, rows, { morphStyle: "innerHTML" });
      else if (name === "morphdom") morphdom(old, `<ul id="list">${rows}</ul>`);
      else old.innerHTML = rows;
      return performance.now() - began;
    },
    [engine, html] as const,
  );
}

if (import.meta.main) await withBrowser((run) => benchMorph(run, roundsFromArguments(9)));
