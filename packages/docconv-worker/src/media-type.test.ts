import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideMediaType } from "./media-type.ts";
import { samplePdf } from "./testing/sample-pdf.ts";

describe("what a document is", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "docconv-type-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function decide(bytes: Uint8Array, name: string, stated = ""): Promise<string> {
    const path = join(directory, "document");
    await writeFile(path, bytes);
    const fetched = {
      path,
      workDirectory: directory,
      size: bytes.length,
      checksum: "",
      name,
      statedType: "",
    };
    return decideMediaType(fetched, name, stated);
  }

  it("says its content before its name, and its name before the CMS", async () => {
    expect(await decide(samplePdf(1), "plan.docx", "text/html")).toBe("application/pdf");
    expect(await decide(Buffer.from("a,b\n"), "list.csv", "text/html")).toBe("text/csv");
    expect(await decide(Buffer.from("a,b\n"), "list", "text/csv; charset=utf-8")).toBe("text/csv");
  });

  it("is a PDF behind other bytes, but no text that speaks of one", async () => {
    const behind = Buffer.concat([Buffer.from("\n\n\u00ff\n"), samplePdf(1)]);
    expect(await decide(behind, "scan.pdf")).toBe("application/pdf");
    expect(await decide(Buffer.from("They begin with %PDF-1.4.\n"), "notes.txt")).toBe("text/plain");
    expect(await decide(Buffer.from("Subject: x\n\n%PDF-1.4\n"), "mail.eml")).toBe("message/rfc822");
  });

  it("is an e-mail if it begins with a header", async () => {
    expect(await decide(Buffer.from("From jane Thu\nReceived: x\n\nx"), "a.eml")).toBe("message/rfc822");
    expect(await decide(Buffer.from("Subject: x\n\nx"), "a", "message/rfc822")).toBe("message/rfc822");
    await expect(decide(Buffer.from("no header\n"), "a.eml")).rejects.toMatchObject({ code: "damaged-file" });
  });

  it.each([
    [
      "a program",
      Buffer.from("MZ\u0090\0\u0003\0\0\0\u0004\0\0\0\u00ff\u00ff", "latin1"),
      "a.pdf",
      "disguised-executable",
    ],
    [
      "a program under its own name",
      Buffer.from("\u007fELF\u0002\u0001\u0001\0", "latin1"),
      "a.bin",
      "unsupported-format",
    ],
    ["nothing that has a name", Buffer.from("text"), "a", "unsupported-format"],
    [
      "a folder outside in its name, and no more",
      Buffer.from("text"),
      "../../etc/cron.d/x",
      "unsupported-format",
    ],
  ])("is refused if it is %s", async (_what, bytes, name, code) => {
    await expect(decide(bytes, name)).rejects.toMatchObject({ code });
  });
});
