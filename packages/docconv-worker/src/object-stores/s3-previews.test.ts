import { expect, it, onTestFinished } from "vitest";
import { samplePdf } from "../testing/sample-pdf.ts";
import { NO_OFFICE, startTestDocconv } from "../testing/test-docconv.ts";
import { startS3 } from "../testing/test-s3.ts";
import { S3ObjectStore } from "./s3-object-store.ts";

it("keeps previews in a bucket: pages, PDF and text are served from it, and go with a purge", async () => {
  const server = await startS3();
  onTestFinished(() => server.close());
  const options = { ...server.options, prefix: "intranet" };
  const test = await startTestDocconv({ soffice: NO_OFFICE, s3: options });
  onTestFinished(() => test.close());
  await test.upload("plan", { bytes: samplePdf(3), name: "plan.pdf" });
  await test.announced("plan", "done");
  const [first = ""] = await test.docconv.previews.urls("plan");
  const image = await test.get(first, "jane");
  expect(image.headers.get("cache-control")).toContain("immutable");
  expect(
    Buffer.from(await image.arrayBuffer())
      .subarray(8, 12)
      .toString(),
  ).toBe("WEBP");
  const headers = { cookie: "__ac=jane-ticket", range: "bytes=0-4" };
  const part = await fetch(`${test.url}/previews/plan/pdf`, { headers });
  expect([part.status, await part.text()]).toEqual([206, "%PDF-"]);
  expect((await test.docconv.previews.text("plan"))?.[2]).toContain("Line 1 of page 3");
  expect((await test.get(first, "eve")).status).toBe(403);

  const bucket = new S3ObjectStore(server.options);
  const keys = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const key of bucket.list("")) found.push(key);
    return found;
  };
  const kept = await keys();
  expect(kept.every((key) => key.startsWith("intranet/"))).toBe(true);
  // A record, who refers to what, nine images, PDF, text, and what there is of the rendition.
  expect(kept.length).toBe(14);
  await test.docconv.previews.purge("plan");
  expect(await keys()).toEqual([]);
}, 60_000);
