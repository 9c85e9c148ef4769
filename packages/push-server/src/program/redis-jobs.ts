/** Tries failed jobs of workers in other processes again, for the status page of a push server that hosts none. */
import type { RetryJob } from "../status/status-api.ts";

export function retryOnRedis(url: string, prefix: string): RetryJob {
  return async (id) => {
    // Here, so that a server that nobody asks does not load it; and a connection for each time: that is seldom.
    const { openJobQueue } = await import("docconv-worker/queue");
    const queue = openJobQueue(url, prefix);
    try {
      return await queue.retry(id);
    } finally {
      await queue.close();
    }
  };
}
