/** Office files are ZIP archives that carry the moment of their making: this makes them the same at every run. */
import JSZip from "jszip";

const MADE = new Date(Date.UTC(2026, 0, 5));

/** The archive with one moment in all its entries, in its core properties, and in the workbooks inside of it. */
export async function withFixedTimes(archive: Uint8Array): Promise<Buffer> {
  const read = await JSZip.loadAsync(archive);
  const written = new JSZip();
  for (const [name, entry] of Object.entries(read.files)) {
    if (entry.dir) continue;
    const content = await timeless(name, await entry.async("nodebuffer"));
    written.file(name, content, { date: MADE, createFolders: false });
  }
  return await written.generateAsync({ type: "nodebuffer", compression: "DEFLATE", platform: "UNIX" });
}

async function timeless(name: string, bytes: Buffer): Promise<Buffer | string> {
  if (name.endsWith(".xlsx")) return await withFixedTimes(bytes);
  if (name !== "docProps/core.xml") return bytes;
  return bytes.toString("utf8").replaceAll(/>\d{4}-\d\d-\d\dT[\d:.]+Z</g, `>${MADE.toISOString()}<`);
}
