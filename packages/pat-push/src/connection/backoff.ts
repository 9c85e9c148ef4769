/** When a connection that broke is tried again. */

/** Upper bound of the first wait, in milliseconds; it doubles with each further attempt. */
const BACKOFF_BASE_MS = 500;
/** Upper bound of every wait, in milliseconds. */
const BACKOFF_MAX_MS = 30_000;

/**
 * Milliseconds to wait before attempt `attempt`, counted from 0: the first retry goes at once, each further one
 * after full jitter, so that the browsers of a server that fell do not come back in step.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  if (attempt <= 0) return 0;
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (attempt - 1));
}
