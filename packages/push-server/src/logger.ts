/** Where the library reports what happens: a constant sentence and fields, never a cookie, a session URL or a snippet. */
export interface Logger {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/** The default: says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** What an error's log line carries: its class, code and text; a driver's text may name hosts, never credentials. */
export function errorFields(error: unknown): { readonly error: string; readonly code?: unknown } {
  if (!(error instanceof Error)) return { error: "not an Error" };
  return { error: `${error.name}: ${error.message}`, ...("code" in error ? { code: error.code } : {}) };
}
