/** Fetches snippets as the user: from where the page may fetch, the newest only, and never a login form. */
import { backoffMs } from "../connection/backoff.ts";

export interface FetchedSnippet {
  readonly html: string;
  /** As asked for, without its fragment: what relative URLs in the snippet are relative to. */
  readonly url: string;
}

/** Why there is nothing to inject. `signed-out`: a login form came instead. */
export type FetchProblemCode =
  | "foreign-origin"
  | "not-ok"
  | "not-html"
  | "signed-out"
  | "unreachable"
  | "superseded";

export class FetchProblem extends Error {
  override readonly name = "FetchProblem";
  readonly code: FetchProblemCode;
  /** May be over a moment later. */
  readonly passing: boolean;

  constructor(code: FetchProblemCode, text: string, options: { cause?: unknown; passing?: boolean } = {}) {
    super(text, { cause: options.cause });
    this.code = code;
    this.passing = options.passing ?? false;
  }
}

const TIMEOUT_MS = 30_000;
/** What fails for the moment is tried so often in all. */
const MAX_ATTEMPTS = 3;
/** A server that is restarting, or that has too much to do. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Where content management systems send those whose session is over. */
const LOGIN_PATH = /(?:^|[/_-])(?:require_login|log-?in|sign-?in)(?:[/._-]|$)/i;

/** Whether something may be fetched from there. */
type Allowed = (url: URL) => boolean;

export class SnippetFetcher {
  readonly #allowed: Allowed;
  readonly #running = new Map<unknown, AbortController>();

  /** @param origins whose snippets are welcome beside the page's own */
  constructor(origins: readonly string[] = []) {
    const all = new Set([location.origin, ...origins]);
    this.#allowed = ({ origin }) => all.has(origin);
  }

  /**
   * @param slot what is fetched for: a newer fetch for the same slot ends this one
   * @throws FetchProblem
   */
  async fetch(url: string, slot: unknown): Promise<FetchedSnippet> {
    const target = new URL(url, document.baseURI);
    checkOrigin(target, this.#allowed);
    this.abort(slot);
    const controller = new AbortController();
    this.#running.set(slot, controller);
    try {
      return {
        html: await loadPatiently(target, this.#allowed, controller.signal),
        url: url.replace(/#.*/, ""),
      };
    } finally {
      if (this.#running.get(slot) === controller) this.#running.delete(slot);
    }
  }

  /** Ends what is being fetched for this slot. */
  abort(slot: unknown): void {
    this.#running.get(slot)?.abort();
    this.#running.delete(slot);
  }

  close(): void {
    for (const slot of this.#running.keys()) this.abort(slot);
  }
}

async function loadPatiently(url: URL, allowed: Allowed, superseded: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await load(url, allowed, superseded);
    } catch (error) {
      if (!(error instanceof FetchProblem) || !error.passing || attempt === MAX_ATTEMPTS) throw error;
      await pause(backoffMs(attempt + 1), superseded);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function load(url: URL, allowed: Allowed, superseded: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      cache: "no-cache", // it changed: that is why it is fetched
      headers: {
        Accept: "text/html",
        ...(url.origin === location.origin && { "X-Requested-With": "XMLHttpRequest" }), // as jQuery does
      },
      signal: AbortSignal.any([superseded, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    checkOrigin(new URL(response.url), allowed); // where redirects led
    const html = await response.text();
    check(response, html);
    return html;
  } catch (error) {
    if (error instanceof FetchProblem) throw error;
    if (superseded.aborted) throw new FetchProblem("superseded", "A newer fetch came.", { cause: error });
    throw new FetchProblem("unreachable", `${url.pathname} could not be fetched.`, {
      cause: error,
      passing: true,
    });
  }
}

function checkOrigin(url: URL, allowed: Allowed): void {
  if (!allowed(url))
    throw new FetchProblem(
      "foreign-origin",
      `${url.origin} is not this page's origin: list it in <meta name="patterns-push-origins">.`,
    );
}

function check(response: Response, html: string): void {
  const { pathname } = new URL(response.url);
  if (response.redirected && (LOGIN_PATH.test(pathname) || /<input[^>]+type=["']?password/i.test(html)))
    throw new FetchProblem("signed-out", "A login form came: the session is over.");
  if (!response.ok) {
    const passing = PASSING.has(response.status);
    throw new FetchProblem("not-ok", `${pathname} answered ${response.status}.`, { passing });
  }
  const type = response.headers.get("content-type") ?? "";
  if (!/^(?:text\/html|application\/xhtml\+xml)\b/i.test(type))
    throw new FetchProblem("not-html", `${pathname} is ${type || "of no type"}, not text/html.`);
}
