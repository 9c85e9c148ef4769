import { describe, expect, it } from "vitest";
import { DocumentError } from "../document-error.ts";
import { RenderAhead, type WantedPage } from "./render-ahead.ts";

const A4 = { width: 10, height: 14 };
const SLIDE = { width: 10, height: 6 };

function wanted(...pages: readonly (readonly [page: number, size: typeof A4])[]): WantedPage[] {
  return pages.map(([page, size]) => ({ page, pageSize: size, size }));
}

/** Says what was asked of poppler; a bitmap's file is named after its page, and a process ends at a bad one. */
function rendering(pages: readonly WantedPage[], bad: readonly number[] = []) {
  const asked: string[] = [];
  const ahead = new RenderAhead({
    pages,
    render({ first, last }, size, isChunk) {
      asked.push(`${first}-${last}${isChunk ? " chunk" : ""}`);
      const pagesAsked = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const end = pagesAsked.findIndex((page) => bad.includes(page));
      const bitmaps = pagesAsked.map(async (page, index) => {
        if (end >= 0 && index >= end) throw new DocumentError("damaged-file", "It is bad.");
        return `${size.width} pixels of ${page}`;
      });
      for (const bitmap of bitmaps) bitmap.catch(() => undefined);
      return { bitmaps, ended: Promise.resolve() };
    },
  });
  return { ahead, asked };
}

async function drain(ahead: RenderAhead): Promise<(number | undefined)[]> {
  const pages: (number | undefined)[] = [];
  for (let next = ahead.next(); next; next = ahead.next()) {
    pages.push(
      await next.bitmap().then(
        (file) => Number(file.split(" ").at(-1)),
        () => undefined,
      ),
    );
  }
  await ahead.settled();
  return pages;
}

describe("rendering ahead", () => {
  it("renders the first page alone, then neighbours of one size together, in order", async () => {
    const pages = wanted(
      [1, A4],
      [2, A4],
      [3, A4],
      [4, A4],
      [5, A4],
      [6, A4],
      [7, SLIDE],
      [9, SLIDE],
      [10, SLIDE],
    );
    const { ahead, asked } = rendering(pages);
    expect(await drain(ahead)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10]);
    expect(asked).toEqual(["1-1", "2-5 chunk", "6-6", "7-7", "9-10 chunk"]);
  });

  it("begins before it is asked, but never much before", () => {
    const pages = Array.from({ length: 20 }, (_, index) => [index + 1, A4] as const);
    const { ahead, asked } = rendering(wanted(...pages));
    ahead.next();
    expect(asked).toEqual(["1-1"]);
    for (let times = 0; times < 5; times += 1) ahead.hurry();
    expect(asked).toEqual(["1-1", "2-5 chunk"]);
    ahead.next();
    ahead.next();
    ahead.next();
    ahead.hurry();
    expect(asked).toEqual(["1-1", "2-5 chunk", "6-9 chunk"]);
  });

  it("loses no page to a bad one", async () => {
    const pages = wanted([1, A4], [2, A4], [3, A4], [4, A4], [5, A4], [6, A4], [7, A4]);
    const { ahead, asked } = rendering(pages, [3]);
    expect(await drain(ahead)).toEqual([1, 2, undefined, 4, 5, 6, 7]);
    expect(asked).toEqual(["1-1", "2-5 chunk", "3-3", "4-4", "5-5", "6-6", "7-7"]);
  });

  it("has nothing where nothing is wanted", async () => {
    const { ahead, asked } = rendering([]);
    expect(await drain(ahead)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
