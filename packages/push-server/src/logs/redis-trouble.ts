/** What is wrong with the Redis of the message log, and what to do: for the log, /readyz and the status page. */

const AWAY =
  "Redis does not answer: check that it runs, and the Redis URL. Messages wait there, none is lost.";

/** By the first word of Redis's refusals. */
const REMEDIES: Readonly<Record<string, string>> = {
  NOAUTH: "it wants a password: write it into the Redis URL",
  WRONGPASS: "it does not know this user with this password: check the Redis URL",
  NOPERM: "this user may not do that: allow it all commands on the keys of the log",
  READONLY: "it is a replica: the Redis URL has to lead to the primary",
  MISCONF: "it cannot write to its disk: see its own log",
  OOM: "its memory is full: raise maxmemory, or lower the retention",
};

/** @param key the stream */
export function describeTrouble(error: unknown, key: string): string {
  if (!(error instanceof Error)) return AWAY;
  // Its own refusals begin with a word in capitals (Redis, RESP specification, "Simple errors").
  const word = /^[A-Z]{3,}(?= )/.exec(error.message)?.[0];
  if (word === undefined) return AWAY;
  if (word === "WRONGTYPE") return `Redis refuses: its key ${key} is no stream. Rename or delete that key.`;
  return `Redis refuses (${word}): ${REMEDIES[word] ?? "see its documentation"}.`;
}
