/** For tests and benches: a worker of a BullMQ queue in a process of its own, whose runs never end. Prints each start. */
import { Redis } from "ioredis";
import { silentLogger } from "../logger.ts";
import { BullmqQueue } from "../queues/bullmq-queue.ts";

/** What the process is given. */
export interface QueueProcessOptions {
  readonly redisUrl: string;
  readonly lockMs: number;
}

const { redisUrl, lockMs } = JSON.parse(process.argv[2] ?? "{}") as QueueProcessOptions;
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
const queue = new BullmqQueue({ redis, name: "test", prefix: "t:", lockMs, logger: silentLogger });
queue.consume(
  {
    run: (run) => {
      process.stdout.write(`${JSON.stringify(run.payload)}\n`);
      return new Promise(() => undefined);
    },
    ended: () => Promise.resolve(),
  },
  2,
);
