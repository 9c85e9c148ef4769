import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { officeSamples } from "../testing/office-samples.ts";
import { needsPassword } from "./password.ts";

const FORMATS = ["odt", "ods", "doc", "xls"] as const;

describe("an Office file that needs a password", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "docconv-password-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function ask(bytes: Uint8Array): Promise<boolean> {
    const path = join(directory, "document");
    await writeFile(path, bytes);
    return needsPassword(path);
  }

  it("is told from one that needs none", async () => {
    const [open, locked] = await Promise.all([
      officeSamples(FORMATS, 2),
      officeSamples(FORMATS, 2, "secret"),
    ]);
    for (const format of FORMATS) {
      const none = Buffer.alloc(0);
      const answers = [await ask(open.get(format) ?? none), await ask(locked.get(format) ?? none)];
      expect(answers, format).toEqual([false, true]);
    }
  });

  it("is no other damaged file", async () => {
    const doc = (await officeSamples(["doc"], 2)).get("doc") ?? Buffer.alloc(0);
    for (const bytes of [Buffer.alloc(0), Buffer.from("PK"), doc.subarray(0, 600), doc.subarray(0, 70)]) {
      expect(await ask(bytes)).toBe(false);
    }
  });
});
