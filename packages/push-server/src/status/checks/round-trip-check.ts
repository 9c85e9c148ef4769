/** A message through gate, log, hub and socket, live. */
import { randomUUID } from "node:crypto";
import { userTopic } from "push-protocol";
import type { Publisher } from "../../publisher.ts";
import type { StatusCheck } from "../status-check.ts";
import type { StatusConnection } from "../status-connection.ts";
import { STATUS_USER } from "../status-login.ts";

/** Opens a connection as the status page's own user. */
export type Connect = (signal: AbortSignal) => Promise<StatusConnection>;

/** @param connect with its own user's cookie */
export function roundTripCheck(connect: Connect, publisher: Publisher): StatusCheck {
  return {
    name: "A message, from the log to a browser",
    async run(signal) {
      const started = performance.now();
      const connection = await connect(signal);
      try {
        const marker = `status-${randomUUID()}`;
        const published = performance.now();
        // One after the other has the same key, so that only the last one is kept.
        await publisher.publish({ to: userTopic(STATUS_USER.id), marker, key: "status-check", id: marker });
        await connection.message(({ message }) => message.marker === marker);
        const now = performance.now();
        return {
          state: "ok",
          detail: "It was published, and came.",
          facts: {
            "connecting ms": Number((published - started).toFixed(1)),
            "publishing to arrival ms": Number((now - published).toFixed(1)),
          },
        };
      } finally {
        connection.close();
      }
    },
  };
}
