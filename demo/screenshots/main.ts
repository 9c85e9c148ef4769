/**
 * `npm run screenshots -w demo`: the README's pictures, taken of a real upload in the embedded demo, into docs/.
 * The same page four times, side by side: empty, page 1, some pages, all of them; light and dark.
 */
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import sharp, { type Sharp } from "sharp";
import { buildClient } from "../build.ts";
import { makeFreshPdf, PDF_PAGES } from "../samples/samples.ts";
import { createDemo } from "../src/demo.ts";
import { ACCOUNTS } from "../src/northquay.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const WORKSPACE = "/quay-renewal";
const PHONE = { width: 390, height: 870 };
const DESKTOP = { width: 1180, height: 860 };
const SCALE = 2;
const GAP = 24;

type Theme = "light" | "dark";
const BACKGROUND = { light: "#ffffff", dark: "#0d1117" } as const;

await using owned = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "screenshots-"));
owned.defer(() => rm(folder, { recursive: true, force: true }));
await buildClient(join(folder, "client"));
await mkdir(DOCS, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
owned.defer(() => browser.close());
for (const theme of ["light", "dark"] as const) {
  const suffix = theme === "dark" ? "-dark" : "";
  await save(await sideBySide(await phoneStages(browser, theme), theme), `filling${suffix}.webp`);
  await save(sharp(await desktop(browser, theme)).resize({ width: 1180 }), `workspace${suffix}.webp`);
}

/** A new demo for each sequence, so that its list begins empty. */
async function withDemo<T>(work: (url: string) => Promise<T>): Promise<T> {
  const demo = await createDemo({ port: 0, clientFolder: join(folder, "client") });
  try {
    return await work(demo.url);
  } finally {
    await demo.close();
  }
}

async function phoneStages(chrome: Browser, theme: Theme): Promise<Buffer[]> {
  return await withDemo(async (url) => {
    const page = await visit(chrome, url, theme, PHONE);
    const stages = [await page.screenshot()];
    await upload(page);
    for (const pages of [1, 4, PDF_PAGES]) {
      await untilPages(page, pages);
      stages.push(await page.screenshot());
    }
    await page.context().close();
    return stages;
  });
}

async function desktop(chrome: Browser, theme: Theme): Promise<Buffer> {
  return await withDemo(async (url) => {
    const page = await visit(chrome, url, theme, DESKTOP);
    await upload(page);
    await untilPages(page, 7);
    const picture = await page.screenshot();
    await page.context().close();
    return picture;
  });
}

async function visit(chrome: Browser, url: string, theme: Theme, viewport: typeof PHONE): Promise<Page> {
  const context = await chrome.newContext({ viewport, colorScheme: theme, deviceScaleFactor: SCALE });
  const page = await context.newPage();
  const [jane] = ACCOUNTS;
  await page.goto(url + WORKSPACE);
  await page.fill("[name=user]", jane?.id ?? "");
  await page.fill("[name=password]", jane?.password ?? "");
  await page.click("form[action='/login'] button");
  await page.waitForSelector("body.push-online");
  return page;
}

async function upload(page: Page): Promise<void> {
  const buffer = await makeFreshPdf();
  await page.setInputFiles("#file", { name: "north-quay-report.pdf", mimeType: "application/pdf", buffer });
  await page.click("#upload button");
  await page.waitForSelector("#notices .notice.good");
  await page.mouse.move(0, 0);
}

/** So many pages are in the DOM, and those that are in sight are painted. */
async function untilPages(page: Page, pages: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelectorAll(".docconv-page img").length >= wanted,
    pages,
  );
  if (pages === PDF_PAGES) await page.waitForSelector("[data-state=done]");
  await page.waitForFunction(() => document.querySelector<HTMLImageElement>(".docconv-page img")?.complete);
}

async function sideBySide(pictures: readonly Buffer[], theme: Theme): Promise<Sharp> {
  const { width, height } = PHONE;
  const images = await Promise.all(
    pictures.map(async (picture, index) => ({
      input: await sharp(picture).resize({ width }).toBuffer(),
      left: index * (width + GAP),
      top: 0,
    })),
  );
  const total = pictures.length * (width + GAP) - GAP;
  const canvas = sharp({ create: { width: total, height, channels: 3, background: BACKGROUND[theme] } });
  return canvas.composite(images);
}

async function save(picture: Sharp, name: string): Promise<void> {
  const path = join(DOCS, name);
  await picture.webp({ quality: 82, effort: 6 }).toFile(path);
  process.stdout.write(`${path}: ${Math.round((await stat(path)).size / 1000)} KB\n`);
}
