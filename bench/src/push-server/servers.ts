/** The table of servers under test: how the load generator connects to each. */
import type { LoadOptions } from "./load-generator.ts";

type Connect = Pick<LoadOptions, "protocol" | "path" | "headers" | "hello">;

/** Name of the file in peers/ -> how a client of it connects. */
export const SERVERS: Readonly<Record<"push-server" | "ws-prebuilt" | "sockjs", Connect>> = {
  "push-server": {
    protocol: "sockjs",
    path: "/push",
    headers: ["Cookie: __ac=user%d"],
    hello: '["{\\"type\\":\\"hello\\"}"]',
  },
  "ws-prebuilt": { protocol: "ws", path: "/" },
  sockjs: { protocol: "sockjs", path: "/push" },
};

export type ServerName = keyof typeof SERVERS;
export const SERVER_NAMES: readonly ServerName[] = ["push-server", "ws-prebuilt", "sockjs"];

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
