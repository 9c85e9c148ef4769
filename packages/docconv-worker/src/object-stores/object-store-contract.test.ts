import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { inspect, promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { listen } from "program-operations";
import type { ByteRange, ObjectStore } from "../object-store.ts";
import { startS3, type TestS3 } from "../testing/test-s3.ts";
import { DiskObjectStore } from "./disk-object-store.ts";
import { type S3Options, S3ObjectStore } from "./s3-object-store.ts";

/** Another server than the test's own, which is to check signatures, too: `{"url": bucket, "accessKeyId": …, "secretAccessKey": …, "region": …}`. */
const OTHER_S3 = process.env["TEST_S3"];

const s3: { server?: TestS3 } = {};
beforeAll(async () => {
  s3.server = await startS3();
});
afterAll(() => s3.server?.close());

function bucket(directory: string, options: S3Options | undefined): S3ObjectStore {
  if (!options) throw new Error("The object store has not started.");
  return new S3ObjectStore({ ...options, prefix: basename(directory) });
}

describe.each<[string, (directory: string) => ObjectStore]>([
  ["a disk", (directory) => new DiskObjectStore(join(directory, "store"))],
  ["S3", (directory) => bucket(directory, s3.server?.options)],
  ...(OTHER_S3 === undefined
    ? []
    : ([
        ["the S3 of TEST_S3", (directory: string) => bucket(directory, JSON.parse(OTHER_S3) as S3Options)],
      ] satisfies [string, (directory: string) => ObjectStore][])),
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

  async function part(key: string, range: ByteRange): Promise<[string, number] | undefined> {
    const stored = await store.get(key, range);
    return stored && [(await buffer(stored.body)).toString("utf8"), stored.size];
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

  it("are read in part", async () => {
    await store.put("digits", Buffer.from("0123456789"));
    expect(await part("digits", { first: 0, last: 1 })).toEqual(["01", 10]);
    expect(await part("digits", { first: 3, last: 6 })).toEqual(["3456", 10]);
    expect(await part("digits", { first: 8, last: 9 })).toEqual(["89", 10]);
    expect(await part("none", { first: 0, last: 1 })).toBeUndefined();
  });

  it("can be larger than what is held at once, and many", async () => {
    const path = join(directory, "file");
    const bytes = randomBytes(20 * 1024 * 1024);
    await writeFile(path, bytes);
    await store.putFile("large", path);
    const stored = await store.get("large");
    expect(stored?.size).toBe(bytes.length);
    expect(stored && (await buffer(stored.body)).equals(bytes)).toBe(true);

    const names = Array.from({ length: 1100 }, (_, index) => `many/${index}`);
    for (let start = 0; start < names.length; start += 50) {
      await Promise.all(names.slice(start, start + 50).map((name) => store.put(name, Buffer.from("x"))));
    }
    expect(await keys("many/")).toEqual(names.toSorted());
    await store.delete("many/");
    expect(await keys("many/")).toEqual([]);
    expect(await keys("")).toEqual(["large"]);
    await store.delete("large");
  }, 60_000);

  it("are whole whoever writes them at once", async () => {
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000));
    await store.put("shared", Buffer.from("-"));
    const writing = Promise.all(texts.map((text) => store.put("shared", Buffer.from(text))));
    const seen = await Promise.all(Array.from({ length: 8 }, () => read("shared")));
    await writing;
    for (const text of [...seen, await read("shared")]) expect(["-", ...texts]).toContain(text);
    expect(texts).toContain(await read("shared"));
  });

  it.each(["../a", "a/../b", "/a", "a//b", ".hidden", "a/.b", "a\0", "a b"])(
    "refuse the key %j: it is no name of ours",
    async (key) => {
      await expect(store.put(key, Buffer.from("x"))).rejects.toThrow(/no key/);
      await expect(store.get(key)).rejects.toThrow(/no key/);
    },
  );
});

describe("an object store that is away", () => {
  it("is named, and its keys are not", async () => {
    const options = { accessKeyId: "some-id", secretAccessKey: "the secret" };
    const server = createServer((_request, response) => {
      const body = "<Error><Code>SignatureDoesNotMatch</Code><Message>some-id</Message></Error>";
      response.writeHead(403, { "content-type": "application/xml" }).end(body);
    });
    const listener = await listen(server, "127.0.0.1", 0);
    onTestFinished(() => listener.close());
    const closed = await listen(createServer(), "127.0.0.1", 0);
    await closed.close();
    const gone = new S3ObjectStore({ ...options, url: `${closed.url}/previews` });
    const refusing = new S3ObjectStore({ ...options, url: `${listener.url}/previews` });
    for (const [store, text] of [
      [gone, /does not answer \(ECONNREFUSED\): .*s3Url/],
      [refusing, /answers 403 SignatureDoesNotMatch: .*its keys/],
    ] as const) {
      const error = await store.put("a", Buffer.from("b")).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "store-away", retryable: true });
      expect(String(error)).toMatch(text);
      expect(inspect(error, { depth: 9 })).not.toMatch(/some-id|the secret/);
      await expect(store.get("a")).rejects.toMatchObject({ code: "store-away" });
      await expect(store.get("a", { first: 0, last: 1 })).rejects.toMatchObject({ code: "store-away" });
      await expect(store.delete("a")).rejects.toMatchObject({ code: "store-away" });
    }
  });

  it("says that a disk is full, as every writer on it sees it", async () => {
    // bubblewrap gives a file system of 300 kB to a process of its own.
    const script = `
      import { DiskObjectStore } from ${JSON.stringify(import.meta.resolve("./disk-object-store.ts"))};
      const store = new DiskObjectStore("/mnt/store");
      await store.put("small", Buffer.alloc(10_000));
      const code = await store.put("large", Buffer.alloc(1_000_000)).catch((error) => error.code);
      const keys = [];
      for await (const key of store.list("")) keys.push(key);
      await store.put("after", Buffer.alloc(100_000));
      console.log(JSON.stringify({ code, keys }));`;
    const room = ["--bind", "/", "/", "--size", "300000", "--tmpfs", "/mnt"];
    const flags = ["--conditions=push-source", "--input-type=module", "--eval", script];
    const { stdout } = await promisify(execFile)("bwrap", [...room, process.execPath, ...flags]);
    expect(JSON.parse(stdout)).toEqual({ code: "store-full", keys: ["small"] });
  });
});
