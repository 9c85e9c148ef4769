/** Checks what the worker needs around it: a folder, an object store, Redis, the push server. */
import { randomUUID } from "node:crypto";
import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { Redis } from "ioredis";
import { DocconvError } from "../docconv-error.ts";
import { type S3Options, S3ObjectStore } from "../object-stores/s3-object-store.ts";
import { redisLosses } from "../redis-durability.ts";
import type { Finding } from "./finding.ts";

const MIN_FREE_BYTES = 1_000_000_000;
const PATIENCE_MS = 5000;

const FOLDERS = { dataDir: "Data folder", workDir: "Work folder" } as const;

/** Whether files can be written, and how much room there is. Makes nothing. @param key the setting that names it */
export async function* checkFolder(
  key: keyof typeof FOLDERS,
  folder: string | undefined,
): AsyncGenerator<Finding> {
  if (folder === undefined) return;
  const subject = FOLDERS[key];
  const path = resolve(folder);
  try {
    const place = await nearestFolder(path);
    await access(place, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(place);
    const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    const state = place === path ? "" : ", which is made at the start";
    yield bavail * bsize < MIN_FREE_BYTES
      ? { subject, state: "warning", text: `${path}, only ${free}: make room, or set ${key} elsewhere` }
      : { subject, state: "ok", text: `${path}${state}; ${free}.` };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    const text = `${path} cannot be written (${code}): give this user the folder, or set ${key} elsewhere`;
    yield { subject, state: "failure", text };
  }
}

/** The folder itself, or the first one above it that is there. @throws the file system's error */
async function nearestFolder(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error("No folder."), { code: "ENOTDIR" });
    return path;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing || path === dirname(path)) throw error;
    return nearestFolder(dirname(path));
  }
}

/** Whether the bucket takes an object, gives it back, names and deletes it. */
export async function* checkBucket(options: S3Options | undefined): AsyncGenerator<Finding> {
  if (!options) return;
  const subject = "Object store";
  const objects = new S3ObjectStore(options);
  const folder = `checks/${randomUUID()}/`;
  try {
    await objects.put(`${folder}check`, Buffer.from(folder));
    const stored = await objects.get(`${folder}check`);
    const isSame = stored && (await buffer(stored.body)).toString() === folder;
    await objects.delete(folder);
    const isGone = !(await objects.get(`${folder}check`));
    yield isSame && isGone
      ? { subject, state: "ok", text: "It takes, gives back, lists and deletes objects." }
      : { subject, state: "failure", text: "It does not do as S3 does: is s3Url the URL of a bucket?" };
  } catch (error) {
    if (!(error instanceof DocconvError)) throw error;
    yield { subject, state: "failure", text: error.message };
  }
}

/** Whether Redis answers, and keeps what it has acknowledged. */
export async function* checkRedis(url: string | undefined): AsyncGenerator<Finding> {
  const subject = "Redis";
  if (url === undefined) {
    yield { subject, state: "ok", text: "Not configured: jobs are kept in the memory of the one process." };
    return;
  }
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => undefined); // the command that fails says so
  try {
    await redis.connect();
    const version =
      /^(?:valkey|redis)_version:(\S+)/m.exec(await redis.info("server"))?.[1] ?? "of unknown version";
    const losses = await redisLosses(redis);
    if (losses.length === 0) {
      yield { subject, state: "ok", text: `Redis ${version} keeps what it has acknowledged.` };
    }
    for (const text of losses) yield { subject, state: "warning", text };
  } catch {
    yield { subject, state: "failure", text: "Redis does not answer: check that it runs, and redisUrl" };
  } finally {
    redis.disconnect();
  }
}

/** Whether the push server takes messages: it is sent an empty list of them. */
export async function* checkPush(
  url: string | undefined,
  secret: string | undefined,
): AsyncGenerator<Finding> {
  if (url === undefined) return;
  const subject = "Push server";
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret ?? ""}`, "content-type": "application/json" },
      body: "[]",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.arrayBuffer();
    if (response.ok) yield { subject, state: "ok", text: "It takes messages." };
    else if (response.status === 401) {
      yield { subject, state: "failure", text: "It refuses pushSecret: set the push server's publishSecret" };
    } else {
      yield {
        subject,
        state: "failure",
        text: `It answers ${response.status}: check that pushUrl ends in its prefix`,
      };
    }
  } catch {
    yield { subject, state: "failure", text: "It does not answer: check that it runs, and pushUrl" };
  }
}
