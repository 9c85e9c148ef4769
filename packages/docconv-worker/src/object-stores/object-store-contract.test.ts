import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ObjectStore } from "../object-store.ts";
import { DiskObjectStore } from "./disk-object-store.ts";

describe.each<[string, (directory: string) => ObjectStore]>([
  ["a disk", (directory) => new DiskObjectStore(join(directory, "store"))],
])("objects on %s", (_name, make) => {
  let directory: string;
  let store: ObjectStore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "docconv-objects-"));
    store = make(directory);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function read(key: string): Promise<string | undefined> {
    const stored = await store.get(key);
    if (!stored) return undefined;
    const bytes = await buffer(stored.body);
    expect(bytes).toHaveLength(stored.size);
    return bytes.toString("utf8");
  }

  async function keys(prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const key of store.list(prefix)) found.push(key);
    return found.toSorted();
  }

  it("come back as they were put, and are replaced whole", async () => {
    expect(await read("a/b.json")).toBeUndefined();
    await store.put("a/b.json", Buffer.from("one"));
    await store.put("a/b.json", Buffer.from("two"));
    expect(await read("a/b.json")).toBe("two");
    const path = join(directory, "file");
    await writeFile(path, "from a file");
    await store.putFile("a/file.pdf", path);
    expect(await read("a/file.pdf")).toBe("from a file");
    await store.put("empty", Buffer.alloc(0));
    expect(await read("empty")).toBe("");
  });

  it("are listed and deleted by their folder, or one by one", async () => {
    for (const key of ["r/1/a", "r/1/b", "r/2/a", "r/10/a"]) await store.put(key, Buffer.from(key));
    expect(await keys("r/1/")).toEqual(["r/1/a", "r/1/b"]);
    await store.delete("r/1/");
    expect(await keys("r/")).toEqual(["r/10/a", "r/2/a"]);
    await store.delete("r/2/a");
    await store.delete("r/never");
    expect(await keys("r/")).toEqual(["r/10/a"]);
    expect(await keys("never/")).toEqual([]);
  });

  it.each(["../a", "a/../b", "/a", "a//b", ".hidden", "a/.b", "a\0", "a b"])(
    "refuse the key %j: it is no name of ours",
    async (key) => {
      await expect(store.put(key, Buffer.from("x"))).rejects.toThrow(/no key/);
      await expect(store.get(key)).rejects.toThrow(/no key/);
    },
  );
});
