/** Why a server closes a connection, and what the client does then. PROTOCOL.md has a paragraph for each. */

/**
 * What a client does after a close:
 * - `reconnect`: with its usual backoff;
 * - `wait`: as long as the reason says, then reconnect;
 * - `sign-in`: not before the user has a new session (another cookie), so it looks again when the page is shown;
 * - `stop`: never from this page.
 */
export type CloseAction = "reconnect" | "wait" | "sign-in" | "stop";

export interface CloseReason {
  readonly code: number;
  /** Travels as the close frame's reason. */
  readonly name: string;
  readonly action: CloseAction;
}

export type CloseName =
  | "malformedFrame"
  | "unauthenticated"
  | "forbiddenOrigin"
  | "tooSlow"
  | "sessionExpired"
  | "signedOut"
  | "goingAway"
  | "cmsUnknown"
  | "limitExceeded";

/** Close codes of this protocol (4000 to 4999 are for applications, RFC 6455 section 7.4.2). */
export const CLOSE: Readonly<Record<CloseName, CloseReason>> = {
  malformedFrame: { code: 4000, name: "malformed-frame", action: "stop" },
  unauthenticated: { code: 4001, name: "unauthenticated", action: "sign-in" },
  forbiddenOrigin: { code: 4003, name: "forbidden-origin", action: "stop" },
  tooSlow: { code: 4008, name: "too-slow", action: "reconnect" },
  sessionExpired: { code: 4010, name: "session-expired", action: "sign-in" },
  signedOut: { code: 4011, name: "signed-out", action: "sign-in" },
  goingAway: { code: 4012, name: "going-away", action: "wait" },
  cmsUnknown: { code: 4013, name: "cms-unknown", action: "wait" },
  limitExceeded: { code: 4029, name: "limit-exceeded", action: "wait" },
};

/** Delay of a `wait` whose reason names none, in milliseconds. */
export const DEFAULT_WAIT_MS = 5000;

/** The reason of a close: the name, and for `wait` the delay, as in `going-away 1200`. */
export function encodeCloseReason(reason: CloseReason, delayMs?: number): string {
  return delayMs === undefined ? reason.name : `${reason.name} ${Math.round(delayMs)}`;
}

/** What a client does after this close, and how long it waits first. Foreign codes mean a broken connection. */
export function closeAction(
  code: number,
  reason: string,
): { readonly action: CloseAction; readonly delayMs: number } {
  const known = Object.values(CLOSE).find((candidate) => candidate.code === code);
  if (!known) return { action: "reconnect", delayMs: 0 };
  if (known.action !== "wait") return { action: known.action, delayMs: 0 };
  const delayMs = Number(/ (\d{1,9})$/.exec(reason)?.[1] ?? DEFAULT_WAIT_MS);
  return { action: "wait", delayMs };
}
