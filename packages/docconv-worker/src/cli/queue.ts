/** `docconv-worker queue`: looks at the jobs on Redis, tries failed ones again, cancels. */
import { type CommandConfig, type ConfigOf, defineCommand } from "program-config";
import { type Backends, openBackends } from "../backends.ts";
import { ENV_PREFIX, KEYS, QUEUE_KEYS } from "../config-keys.ts";
import type { Task } from "../job.ts";
import { silentLogger } from "../logger.ts";
import type { JobState, JobStatus, Queue } from "../queue.ts";
import { within } from "../within.ts";
import type { CommandStreams } from "./command-streams.ts";
import { EXIT } from "./exit-code.ts";

const LIST_KEYS = {
  limit: { type: "integer", default: 20, min: 1, max: 1000, description: "The most jobs that are listed." },
} as const;

type QueueKeys = typeof LIST_KEYS & typeof QUEUE_KEYS;

export const queueCommand: CommandConfig<QueueKeys> = defineCommand({
  program: "docconv-worker queue",
  summary:
    "Counts the jobs on Redis; with a state (failed, waiting, delayed, active, completed, cancelled) lists them, " +
    "newest first; shows one; puts failed ones back; cancels one that waits or runs.",
  envPrefix: ENV_PREFIX,
  operands: "[STATE | show ID | retry ID | retry all | cancel ID]",
  keys: { ...LIST_KEYS, ...QUEUE_KEYS },
  otherKeys: KEYS,
  check: ({ redisUrl }) =>
    redisUrl === undefined
      ? { redisUrl: "It is missing: without Redis the queue is in the memory of the process that serves." }
      : {},
});

const STATES: readonly JobState[] = ["waiting", "delayed", "active", "completed", "failed", "cancelled"];
const REDIS_PATIENCE_MS = 5000;
/** More failed jobs than are kept. */
const ALL = 100_000;

/** @returns the exit status */
export async function queue(
  { redisUrl, redisPrefix, limit }: ConfigOf<QueueKeys>,
  operands: readonly string[],
  { stdout, stderr }: CommandStreams,
): Promise<number> {
  const backends = openBackends({ redisUrl, redisPrefix, lockMs: undefined, logger: silentLogger });
  const say = (text: string): void => void stdout.write(`${text}\n`);
  try {
    if (!(await answers(backends))) {
      stderr.write("Redis does not answer: check that it runs, and redisUrl.\n");
      return EXIT.unavailable;
    }
    return await run(backends.queue, operands, limit, say);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    stderr.write(`${error.message}\n`);
    return EXIT.usage;
  } finally {
    await backends.close();
  }
}

class UsageError extends Error {
  override readonly name = "UsageError";
}

async function run(
  jobs: Queue<Task>,
  [word, id, ...surplus]: readonly string[],
  limit: number,
  say: (text: string) => void,
): Promise<number> {
  const state = STATES.find((each) => each === word);
  if (surplus.length > 0 || (id !== undefined && state !== undefined)) throw usage("That is too much.");
  if (word === undefined) {
    for (const [name, count] of Object.entries(await jobs.counts())) say(`${name.padEnd(10)}${count}`);
    return EXIT.ok;
  }
  if (state !== undefined) {
    for (const job of await jobs.list(state, limit)) say(inWords(job));
    return EXIT.ok;
  }
  if (word !== "show" && word !== "retry" && word !== "cancel") throw usage(`There is no ${word} here.`);
  if (id === undefined) throw usage(`${word} needs the id of a job.`);
  if (word === "retry" && id === "all") return await retryAll(jobs, say);
  const found = await jobs.status(id);
  if (!found) return refuse(say, `No job ${id} is known, or it is no longer kept.`);
  if (word === "show") {
    say(JSON.stringify(found, undefined, 2));
    return EXIT.ok;
  }
  if (word === "retry") {
    if (await jobs.retry(found.id)) say(`${found.key} is tried again.`);
    else
      return refuse(
        say,
        `${id} is ${found.state}, or a later job does its work: only failed ones are tried again.`,
      );
    return EXIT.ok;
  }
  if (await jobs.cancel(id)) say(`${found.key} is cancelled.`);
  else return refuse(say, `${id} is ${found.state}: only jobs that wait or run can be cancelled.`);
  return EXIT.ok;
}

async function retryAll(jobs: Queue<Task>, say: (text: string) => void): Promise<number> {
  const failed = await jobs.list("failed", ALL);
  const outcomes: boolean[] = [];
  for (const { id } of failed) outcomes.push(await jobs.retry(id));
  const retried = outcomes.filter(Boolean).length;
  say(`${retried} of ${failed.length} failed jobs are tried again.`);
  if (retried < failed.length) say("A later job does the work of the others.");
  return EXIT.ok;
}

function inWords({ id, kind, key, state, attempts, error }: JobStatus): string {
  const runs = attempts === 1 ? "1 run" : `${attempts} runs`;
  const why = error === undefined ? "" : `\n    ${error.code}: ${error.text}`;
  return `${id}  ${kind}  ${key}  ${state} after ${runs}${why}`;
}

function refuse(say: (text: string) => void, text: string): number {
  say(text);
  return EXIT.failed;
}

function usage(text: string): UsageError {
  return new UsageError(`${text} See docconv-worker queue --help.`);
}

async function answers({ queue: jobs }: Backends): Promise<boolean> {
  return within(REDIS_PATIENCE_MS, jobs.counts()).then(
    () => true,
    () => false,
  );
}
