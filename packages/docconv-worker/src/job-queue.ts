/** `docconv-worker/queue`: tries failed jobs on Redis again, without a worker and its converters. */
import { openBackends } from "./backends.ts";
import type { Task } from "./job.ts";
import { silentLogger } from "./logger.ts";
import type { Queue } from "./queue.ts";

/** The queue, from outside. */
export interface JobQueue extends Pick<Queue<Task>, "retry"> {
  close(): Promise<void>;
}

/** Close it when you are done. @param redisPrefix as the workers have it, by default `docconv:` */
export function openJobQueue(redisUrl: string, redisPrefix: string): JobQueue {
  const backends = openBackends({ redisUrl, redisPrefix, logger: silentLogger });
  return { retry: (id) => backends.queue.retry(id), close: () => backends.close() };
}
