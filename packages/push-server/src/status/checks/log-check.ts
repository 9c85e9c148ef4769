/** Whether the message log answers, and whether Redis would lose it. */
import { inspectRedis } from "../../program/redis-inspection.ts";
import type { PushServerState } from "../../push-server-state.ts";
import type { StatusCheck } from "../status-check.ts";

export function logCheck(state: () => PushServerState, redisUrl: string | undefined): StatusCheck {
  return {
    name: redisUrl === undefined ? "Message log" : "Redis",
    async run() {
      const { log, ready, detail } = state();
      if (!log.ok) return { state: "wrong", detail: log.detail };
      if (!ready) return { state: "wrong", detail };
      if (redisUrl === undefined) return { state: "ok", detail: log.detail };
      const { version, roundTripMs, usedBytes, records, warnings } = await inspectRedis(redisUrl);
      return {
        state: warnings.length > 0 ? "warning" : "ok",
        detail: [log.detail, ...warnings].join(" "),
        facts: {
          version,
          "round trip ms": Number(roundTripMs.toFixed(1)),
          "memory bytes": usedBytes,
          records,
        },
      };
    },
  };
}
