/** Asks the server's gate why no connection came about: browsers hide the status of a failed handshake. */
import { DEFAULT_WAIT_MS, type CloseAction } from "push-protocol";

export interface GateAnswer {
  readonly action: CloseAction;
  /** For `wait`, in milliseconds. */
  readonly delayMs: number;
  /** Whether the gate let us in: then it is the transport that did not get through. */
  readonly passed: boolean;
}

const UNREACHABLE: GateAnswer = { action: "reconnect", delayMs: 0, passed: false };

/** Reads the status of `<prefix>/info` as PROTOCOL.md, "Before the connection", has it. Never rejects. */
export async function askGate(prefix: string, signal: AbortSignal): Promise<GateAnswer> {
  try {
    const response = await fetch(`${prefix}/info`, {
      credentials: "include",
      cache: "no-store",
      redirect: "manual",
      signal,
    });
    // A proxy or CMS that sends strangers to its login form instead of answering 401.
    if (response.status === 401 || response.type === "opaqueredirect")
      return { action: "sign-in", delayMs: 0, passed: false };
    if (response.status === 403) return { action: "stop", delayMs: 0, passed: false };
    if (response.status === 429 || response.status === 503)
      return { action: "wait", delayMs: retryAfterMs(response.headers.get("retry-after")), passed: false };
    return { ...UNREACHABLE, passed: response.ok };
  } catch {
    return UNREACHABLE;
  }
}

/** `Retry-After` (RFC 9110 section 10.2.3) in milliseconds: seconds, or a date. */
export function retryAfterMs(value: string | null, now: number = Date.now()): number {
  if (value === null || value.trim() === "") return DEFAULT_WAIT_MS;
  const seconds = Number(value);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : DEFAULT_WAIT_MS;
}
