/** How many are connected, how much is kept for those who are away, and how far back it reaches. */
import { cursorTime } from "push-protocol";
import type { PushServerState } from "../../push-server-state.ts";
import type { StatusCheck } from "../status-check.ts";

export interface LoadLimits {
  readonly maxConnections: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
}

/** From this part of a bound on it is time to think about it. */
const NEAR = 0.9;

export function connectionsCheck(state: () => PushServerState, { maxConnections }: LoadLimits): StatusCheck {
  return {
    name: "Connections",
    async run() {
      const { connections } = await Promise.resolve(state());
      const facts = { open: connections, most: maxConnections };
      if (connections < maxConnections * NEAR)
        return { state: "ok", detail: "There is room for more.", facts };
      const detail = "Hardly anybody else gets in: raise maxConnections, or add a node.";
      return { state: connections < maxConnections ? "warning" : "wrong", detail, facts };
    },
  };
}

export function windowCheck(
  state: () => PushServerState,
  { retentionMs, retentionBytes }: LoadLimits,
): StatusCheck {
  return {
    name: "Kept messages",
    async run() {
      const { entries, bytes, topics, oldest } = (await Promise.resolve(state())).window;
      const reachMs = oldest === undefined ? 0 : Date.now() - cursorTime(oldest);
      const facts = {
        messages: entries,
        topics,
        "memory bytes": bytes,
        "most bytes": retentionBytes,
        "reaches back s": Math.round(reachMs / 1000),
      };
      const full = bytes > retentionBytes * NEAR && reachMs < retentionMs * NEAR;
      return full
        ? {
            state: "warning",
            detail: "Messages are let go of before their time, for lack of room: raise retentionBytes.",
            facts,
          }
        : { state: "ok", detail: "Who was away gets what was missed.", facts };
    },
  };
}
