/**
 * `npm run bench:first-page --workspace bench [-- UPLOADS]`: the embedded demo, a PDF of twenty pages, a real browser.
 * How long after the upload's response are the first page and all pages in the DOM, by the browser's own clock; and
 * how much of it is not conversion, by the worker's own measure of that. Browser and server share the machine's clock.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNTS, createDemo } from "demo";
import { buildClient } from "demo/build";
import { makeFreshPdf, PDF_PAGES } from "demo/samples";
import { timeOfAnswer, timeOfPages, watch } from "demo/watcher";
import type { DocconvMetrics } from "docconv-worker";
import { chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** One upload; moments in milliseconds since the epoch. */
interface Upload {
  /** The CMS's answer to the POST is there; its redirect is yet to be followed. */
  readonly answered: number;
  readonly firstInPage: number;
  readonly allInPage: number;
  readonly worker: WorkerTimes;
}

/** What the worker says about one conversion, through its metrics. */
interface WorkerTimes {
  /** The job is on the queue. */
  accepted: number;
  /** Page 1 is stored at every scale. */
  firstStored: number;
  /** From the start of the conversion to that. */
  firstPageMs: number;
  /** All pages are. */
  converted: number;
}

const count = Number(process.argv[2] ?? 12);
if (!Number.isInteger(count) || count < 1)
  throw new Error("Give the number of uploads, 10 or more for a median.");
if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);

await using owned = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "bench-first-page-"));
owned.defer(() => rm(folder, { recursive: true, force: true }));
const clientFolder = join(folder, "client");
await buildClient(clientFolder);
const times: WorkerTimes = { accepted: 0, firstStored: 0, firstPageMs: 0, converted: 0 };
const demo = await createDemo({ port: 0, clientFolder, docconvMetrics: recordInto(times) });
owned.defer(() => demo.close());
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
owned.defer(() => browser.close());
const page = await browser.newPage();
await watch(page);
await logIn(page);

await uploadOnce(page); // not counted: code is compiled and caches are filled
const uploads: Upload[] = [];
while (uploads.length < count) uploads.push(await uploadOnce(page));
report(uploads);

async function logIn(visitor: Page): Promise<void> {
  const [jane] = ACCOUNTS;
  await visitor.goto(`${demo.url}/quay-renewal`);
  await visitor.fill("[name=user]", jane?.id ?? "");
  await visitor.fill("[name=password]", jane?.password ?? "");
  await visitor.click("form[action='/login'] button");
  await visitor.waitForSelector("body.push-online");
}

/** A PDF that was never converted before, in a page that begins anew. */
async function uploadOnce(visitor: Page): Promise<Upload> {
  await visitor.goto(`${demo.url}/quay-renewal`);
  await visitor.waitForSelector("body.push-online");
  const known = await visitor.locator(".documents > .document").count();
  const buffer = await makeFreshPdf();
  await visitor.setInputFiles("#file", { name: "report.pdf", mimeType: "application/pdf", buffer });
  await visitor.click("#upload button");
  await visitor.locator(`.documents > .document >> nth=${known}`).waitFor({ state: "attached" });
  const newest = visitor.locator(".documents > .document >> nth=0 >> section");
  const uid = ((await newest.getAttribute("id")) ?? "").replace("preview-", "");
  await visitor.waitForSelector(`#preview-${uid}[data-state=done]`, { timeout: 60_000 });
  await visitor.waitForSelector("#notices .notice.good");
  return {
    answered: (await timeOfAnswer(visitor, "@@upload")) ?? Number.NaN,
    firstInPage: (await timeOfPages(visitor, uid, 1)) ?? Number.NaN,
    allInPage: (await timeOfPages(visitor, uid, PDF_PAGES)) ?? Number.NaN,
    worker: { ...times },
  };
}

function recordInto(measured: WorkerTimes): DocconvMetrics {
  return {
    jobAccepted: () => (measured.accepted = epochMs()),
    firstPage(_converter, seconds) {
      measured.firstStored = epochMs();
      measured.firstPageMs = seconds * 1000;
    },
    converted: () => (measured.converted = epochMs()),
    jobFinished: () => undefined,
  };
}

function report(all: readonly Upload[]): void {
  const early = all.filter(({ firstInPage, worker }) => firstInPage < worker.converted).length;
  console.log(
    `\nEmbedded demo, a PDF of ${PDF_PAGES} pages, ${all.length} uploads; milliseconds, median (least to most)\n`,
  );
  line(
    "upload's response -> first page in the DOM",
    all.map((one) => one.firstInPage - one.answered),
  );
  line(
    "upload's response -> all pages in the DOM",
    all.map((one) => one.allInPage - one.answered),
  );
  line(
    "worker: conversion until page 1 is stored",
    all.map(({ worker }) => worker.firstPageMs),
  );
  line("overhead: job accepted -> first page in the DOM, without that", all.map(overhead));
  line("  before: queue, and fetching the document as the user", all.map(before));
  line(
    "  after: log, relay, socket, injection",
    all.map((one) => one.firstInPage - one.worker.firstStored),
  );
  console.log(`\n  first page in the DOM before the last one was converted: ${early} of ${all.length}\n`);
}

function overhead({ firstInPage, worker }: Upload): number {
  return firstInPage - worker.accepted - worker.firstPageMs;
}

function before({ worker }: Upload): number {
  return worker.firstStored - worker.firstPageMs - worker.accepted;
}

function line(what: string, values: readonly number[]): void {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const median =
    ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
  console.log(
    `  ${what.padEnd(64)}${tenths(median).padStart(8)}  (${tenths(sorted[0])} to ${tenths(sorted.at(-1))})`,
  );
}

function tenths(value = Number.NaN): string {
  return value.toFixed(1);
}

function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
