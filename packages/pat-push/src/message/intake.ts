/** What becomes of a message in the page: a marker is fired, a snippet parsed, or fetched, and put in its places. */
import type Parser from "@patternslib/patternslib/src/core/parser.js";
import type { MessageFrame, Topic } from "push-protocol";
import type { Sanitiser } from "../injection/sanitiser.ts";
import { parseSnippet, type Snippet } from "../injection/snippet.ts";
import type { Parts } from "../on-demand/parts.ts";
import { Delivery, type Origin } from "./delivery.ts";
import { namedDestinations, ownDestinations, type Destination } from "./destinations.ts";
import { FetchProblem, type FetchedSnippet, type SnippetFetcher } from "./fetch-snippet.ts";
import { Lanes } from "./lanes.ts";
import { Pace } from "./pace.ts";
import { showRequest } from "./request-signs.ts";
import { fireMarker } from "./marker.ts";
import type { WaitingElement, WaitingElements } from "./waiting.ts";

/** Patternslib's logger, or one like it. */
export interface Log {
  debug(...texts: unknown[]): void;
  warn(...texts: unknown[]): void;
}

export interface IntakeOptions {
  readonly parser: Parser;
  readonly sanitiser: Sanitiser;
  readonly fetcher: SnippetFetcher;
  readonly waiting: WaitingElements;
  readonly log: Log;
  /** Of each frame, for what comes thick and fast, in milliseconds; Infinity: all at once. Default: 8. */
  readonly frameBudgetMs?: number;
  /** What is loaded already of what is loaded on demand. Default: nothing. */
  readonly parts?: Parts;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #delivery: Delivery;
  readonly #lanes = new Lanes();
  readonly #pace: Pace<MessageFrame>;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#pace = new Pace(
      (frame) => this.#take(frame),
      (error) => this.#warn("a message", error),
      options.frameBudgetMs,
    );
    this.#delivery = new Delivery(
      ({ name }) => options.log.debug(`Dropped ${name}: it has no place here.`),
      (name, error) => this.#warn(name, error),
      options.parts,
    );
  }

  /** Takes one message, in the order of the log. */
  receive(frame: MessageFrame): void {
    this.#pace.add(frame);
  }

  /** A push-id was called: the elements that wait for it fetch what they show. */
  refetch(marker: string): void {
    for (const waiting of this.#options.waiting.forMarker(marker)) this.#refresh(waiting);
  }

  /**
   * Messages of a topic, or of all, may be missing: what declares a URL fetches it, once.
   * @param foreign push-ids that other patterns of the page fetch for
   */
  refetchAll(topic: Topic | undefined, foreign: ReadonlySet<string>): void {
    for (const marker of foreign) fireMarker(marker);
    for (const waiting of this.#options.waiting.withUrl(topic))
      if (![...waiting.pushIds].some((pushId) => foreign.has(pushId))) this.#refresh(waiting);
  }

  retryParked(): void {
    this.#delivery.retryParked();
  }

  close(): void {
    this.#pace.close();
    this.#delivery.close();
    this.#options.fetcher.close();
  }

  #take(frame: MessageFrame): void | Promise<void> {
    const { message, cursor } = frame;
    const { key, version } = message;
    const origin: Origin = { name: nameOf(frame), key, order: { version, cursor }, url: "" };
    const { versions } = this.#delivery;
    if (key !== undefined) {
      if (versions.compare(key, origin.order) <= 0)
        return this.#options.log.debug(`Dropped ${origin.name}: it is not newer.`);
      this.#options.fetcher.abort(slotOf(key));
    }
    if (message.marker !== undefined) {
      if (key !== undefined) versions.record(key, origin.order);
      return fireMarker(message.marker);
    }
    if (message.url !== undefined) return this.#takeUrl(frame, message.url, origin);
    return this.#parse(message.html ?? "", (snippet) => {
      const destinations = this.#destinations(frame, snippet);
      this.#inTurn(lanesOf(destinations), origin, () => this.#put(frame, snippet, destinations, origin));
    });
  }

  #takeUrl(frame: MessageFrame, url: string, origin: Origin): void {
    const named = namedDestinations(frame);
    const slot = origin.key === undefined ? `${url} ${frame.message.target ?? ""}` : slotOf(origin.key);
    const fetching = this.#fetch(url, slot, origin);
    this.#inTurn(named ? lanesOf(named) : [slot], origin, async () => {
      const fetched = await fetching;
      if (!fetched) return;
      const from: Origin = { ...origin, url: fetched.url };
      await this.#parse(fetched.html, (snippet) =>
        this.#put(frame, snippet, this.#destinations(frame, snippet), from),
      );
    });
  }

  #refresh({ element, url, placements }: WaitingElement): void {
    if (url === "") return;
    const destinations = placements().map((placement) => ({ placement }));
    const origin: Origin = { name: `what ${url} answered`, key: undefined, order: {}, url };
    const signs = showRequest(
      element,
      destinations.map(({ placement }) => placement),
    );
    const fetching = this.#fetch(url, element, origin);
    this.#inTurn(lanesOf(destinations), origin, async () => {
      const fetched = await fetching;
      if (!fetched) {
        signs.failed();
      } else if (element.isConnected) {
        signs.answered(fetched);
        await this.#parse(fetched.html, (snippet) => this.#delivery.deliver(snippet, destinations, origin));
      }
      signs.end();
    });
  }

  #destinations(frame: MessageFrame, snippet: Snippet): Destination[] {
    const { waiting, parser } = this.#options;
    return namedDestinations(frame) ?? ownDestinations(snippet, frame, waiting, parser);
  }

  #put(
    { message }: MessageFrame,
    snippet: Snippet,
    destinations: readonly Destination[],
    origin: Origin,
  ): void | Promise<void> {
    if (destinations.length > 0) return this.#delivery.deliver(snippet, destinations, origin);
    if (message.kind === "notification" || message.kind === "failed")
      return this.#delivery.deliverToast(snippet, origin, message.kind === "failed");
    return this.#options.log.warn(`Dropped ${origin.name}: it names no target, and nothing waits for it.`);
  }

  /** Runs the work when its lanes are free; what fails is logged, and holds up nothing. */
  #inTurn(lanes: readonly string[], { name }: Origin, work: () => void | Promise<void>): void {
    this.#lanes.run(lanes, () => {
      try {
        const done = work();
        return done instanceof Promise ? done.catch((error: unknown) => this.#warn(name, error)) : undefined;
      } catch (error) {
        return this.#warn(name, error);
      }
    });
  }

  #warn(name: string, error: unknown): void {
    this.#options.log.warn(`Could not inject ${name}:`, error);
  }

  /** Undefined if there is nothing to inject; the log says why. */
  async #fetch(url: string, slot: unknown, { name }: Origin): Promise<FetchedSnippet | undefined> {
    try {
      return await this.#options.fetcher.fetch(url, slot);
    } catch (error) {
      const superseded = error instanceof FetchProblem && error.code === "superseded";
      this.#options.log[superseded ? "debug" : "warn"](`Nothing to inject for ${name}:`, error);
      return undefined;
    }
  }

  #parse(html: string, use: (snippet: Snippet) => void | Promise<void>): void | Promise<void> {
    const snippet = parseSnippet(html, this.#options.sanitiser);
    return snippet instanceof DocumentFragment ? use(snippet) : snippet.then(use);
  }
}

/** A message in words, for the log: its content may be confidential. */
function nameOf({ message, cursor }: MessageFrame): string {
  return `message ${message.id ?? cursor}${message.kind ? ` of kind ${message.kind}` : ""}`;
}

function slotOf(key: string): string {
  return `key ${key}`;
}

function lanesOf(destinations: readonly Destination[]): string[] {
  return destinations.map(({ placement }) => placement.config.target);
}
