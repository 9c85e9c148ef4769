/** Where jobs and sealed secrets are kept: in this process, or on Redis for any number of them. */
import { Redis } from "ioredis";
import type { CredentialStore } from "./credential-store.ts";
import { MemoryCredentialStore } from "./credential-stores/memory-credential-store.ts";
import { RedisCredentialStore } from "./credential-stores/redis-credential-store.ts";
import type { Task } from "./job.ts";
import type { Logger } from "./logger.ts";
import type { Queue } from "./queue.ts";
import { BullmqQueue } from "./queues/bullmq-queue.ts";
import { MemoryQueue } from "./queues/memory-queue.ts";
import { redisLosses } from "./redis-durability.ts";

/** Options of {@link openBackends}. */
export interface BackendsOptions {
  /** Without it everything is in this process. */
  readonly redisUrl: string | undefined;
  /** Of every Redis key. */
  readonly redisPrefix: string;
  /** How long a worker that died keeps its jobs to itself. Default 10,000. */
  readonly lockMs?: number | undefined;
  readonly logger: Logger;
}

/** The drivers, and what closes them. */
export interface Backends {
  readonly queue: Queue<Task>;
  readonly credentials: CredentialStore;
  close(): Promise<void>;
}

/** Connects in the background: jobs wait until Redis is there. */
export function openBackends({ redisUrl, redisPrefix: prefix, lockMs, logger }: BackendsOptions): Backends {
  if (redisUrl === undefined) {
    const queue = new MemoryQueue<Task>();
    const credentials = new MemoryCredentialStore();
    return { queue, credentials, close: () => closeAll(queue, credentials) };
  }
  const redis = connect(redisUrl, logger);
  const queue = new BullmqQueue<Task>({ redis, name: "jobs", prefix, lockMs, logger });
  const credentials = new RedisCredentialStore(redis, prefix);
  void warnOfLosses(redis, logger);
  return {
    queue,
    credentials,
    async close() {
      await closeAll(queue, credentials);
      redis.disconnect();
    },
  };
}

async function closeAll(queue: Queue<Task>, credentials: CredentialStore): Promise<void> {
  await queue.close();
  await credentials.close();
}

/** Back within two seconds of Redis's return: BullMQ's own strategy waits for up to twenty. */
function connect(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 1000),
  });
  redis.on("error", (error: Error) => logger.warn({ error: error.message }, "Redis is away"));
  return redis;
}

/** Says at start what would lose jobs that were acknowledged. */
async function warnOfLosses(redis: Redis, logger: Logger): Promise<void> {
  try {
    for (const loss of await redisLosses(redis)) logger.warn({}, loss);
  } catch {
    logger.info(
      {},
      "Redis does not say how it is set up (INFO is not allowed): check that it keeps its data",
    );
  }
}
