/** The composition root of the library: puts log, hub, gate, transports and APIs together. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CmsClient } from "cms-client";
import { userTopic, type Message } from "push-protocol";
import { BearerSecret } from "./apis/bearer-secret.ts";
import { healthApis, type Readiness } from "./apis/health.ts";
import { postMessages } from "./apis/messages.ts";
import { closeUserConnections } from "./apis/user-connections.ts";
import { Connections, SLICE_MS } from "./connections.ts";
import { FrontDoor } from "./front-door.ts";
import { Gate } from "./gate.ts";
import { Hub } from "./hub.ts";
import { Identities } from "./identities.ts";
import { DEFAULT_LIMITS, type PushServerLimits } from "./limits.ts";
import type { MessageLog } from "./log.ts";
import { silentLogger, type Logger } from "./logger.ts";
import { MemoryLog } from "./logs/memory.ts";
import { RedisStreamLog } from "./logs/redis-stream.ts";
import { noMetrics, type PushMetrics } from "./metrics.ts";
import { ObjectAccess } from "./object-access.ts";
import type { Publisher } from "./publisher.ts";
import { Publishing } from "./publishing.ts";
import type { PushServerState } from "./push-server-state.ts";
import { refusals, refuseUpgrade, type Refusal } from "./refusal.ts";
import { Relay } from "./relay.ts";
import { ReplayFrames } from "./replay-frames.ts";
import { RetainedWindow, type RetentionOptions } from "./retained-window.ts";
import { SockJsHttp } from "./transports/sockjs-http.ts";
import { WebSockets } from "./transports/websocket.ts";

export interface PushServerOptions {
  /** The CMS that says who somebody is, and what they may see. The caller closes it. */
  readonly cms: CmsClient;
  /** Path that everything is under, without a slash at its end. Default: `/push`. */
  readonly prefix?: string;
  /** Origins whose pages may connect, exactly. Default: the one that the request is addressed to. */
  readonly allowedOrigins?: readonly string[];
  /** The CMS's login cookies. Default: cms-client's. */
  readonly cookieNames?: readonly string[];
  /** With it the message log is a Redis Stream, shared by all nodes; without it, in memory. */
  readonly redisUrl?: string;
  /** For publishing and signing out over HTTP. Default: nobody may. */
  readonly publishSecret?: string;
  /** How often the CMS is asked again about those who are connected, in milliseconds. Default: 60,000. */
  readonly revalidateMs?: number;
  readonly limits?: Partial<PushServerLimits>;
  readonly retention?: Partial<RetentionOptions>;
  /** How long Redis keeps what is retained no longer, for nodes that have not read it yet. Default: 60,000. */
  readonly forgetDelayMs?: number;
  /** Where SockJS's iframe page loads sockjs-client from. Default: `<prefix>/sockjs.min.js`, which the site provides. */
  readonly sockJsClientUrl?: string;
  readonly logger?: Logger;
  readonly metrics?: PushMetrics;
}

export interface PushServer extends Publisher {
  /** Serves what is under the prefix. False: not mine, go on. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Serves upgrades under the prefix. False: not mine, go on. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Puts both before the listeners that the server has now; upgrades that nobody takes are refused. */
  attach(server: Server): void;
  publish(message: Message): Promise<void>;
  /** How many are open now. */
  readonly connections: number;
  /** How it is now. */
  state(): PushServerState;
  /** Closes the user's connections, on every node. */
  closeConnections(userId: string): Promise<void>;
  /**
   * Lets nobody in any more, tells everybody when to come back, waits until they are gone, and ends.
   * @param deadlineMs for those who take their time; then they are cut off. Default: 3000
   */
  close(deadlineMs?: number): Promise<void>;
}

const SWEEP_MS = 1000;
/** A log that does not answer at the start is waited for no longer than this; until it does nobody gets in. */
const LOG_PATIENCE_MS = 5000;
const HEARTBEAT_MS = 25_000;
const RESPONSE_LIMIT_BYTES = 131_072;
const REVALIDATE_MS = 60_000;
const CLOSE_DEADLINE_MS = 3000;
const CLOSE_POLL_MS = 20;

/** Resolves when browsers can connect, or after 5 s if Redis does not answer: then as soon as it does. */
export async function createPushServer(options: PushServerOptions): Promise<PushServer> {
  const server = new RunningPushServer(options);
  await server.start();
  return server;
}

class RunningPushServer implements PushServer {
  readonly #log: MessageLog;
  readonly #window: RetainedWindow;
  readonly #relay: Relay;
  readonly #publishing: Publishing;
  readonly #connections: Connections;
  readonly #identities: Identities;
  readonly #webSockets: WebSockets;
  readonly #sockJs: SockJsHttp;
  readonly #gate: Gate;
  readonly #frontDoor: FrontDoor;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #following = false;
  #closed: Promise<void> | undefined;

  constructor(options: PushServerOptions) {
    const { cms, prefix = "/push", logger = silentLogger, metrics = noMetrics } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const now = Date.now;
    this.#logger = logger;
    this.#log =
      options.redisUrl === undefined
        ? new MemoryLog()
        : new RedisStreamLog({
            url: options.redisUrl,
            logger,
            ...(options.forgetDelayMs !== undefined && { forgetDelayMs: options.forgetDelayMs }),
          });
    this.#window = new RetainedWindow(options.retention);
    const hub = new Hub();
    const access = new ObjectAccess(cms);
    const revalidateMs = options.revalidateMs ?? REVALIDATE_MS;
    this.#identities = new Identities({ cms, access, logger, revalidateMs, now });
    this.#connections = new Connections(
      { hub, window: this.#window, replayFrames: new ReplayFrames(), access, limits, logger, metrics, now },
      this.#identities,
    );
    this.#relay = new Relay({
      window: this.#window,
      hub,
      logger,
      metrics,
      closeHolders: (topics) => this.#connections.closeHolders(topics),
      missed: (topic) => this.#connections.missed(topic),
    });
    this.#publishing = new Publishing(this.#log, this.#window);
    this.#webSockets = new WebSockets(limits);
    this.#sockJs = new SockJsHttp({
      prefix,
      maxBufferedBytes: limits.maxBufferedBytes,
      maxStallMs: limits.maxStallMs,
      heartbeatMs: HEARTBEAT_MS,
      sessionTimeoutMs: limits.sessionTimeoutMs,
      responseLimitBytes: RESPONSE_LIMIT_BYTES,
      clientUrl: options.sockJsClientUrl ?? `${prefix}/sockjs.min.js`,
      logger,
    });
    const secret = new BearerSecret(options.publishSecret);
    const { allowedOrigins, cookieNames } = options;
    this.#gate = new Gate({ cms, allowedOrigins, cookieNames, limits });
    this.#frontDoor = new FrontDoor({
      prefix,
      gate: this.#gate,
      connections: this.#connections,
      webSockets: this.#webSockets,
      sockJs: this.#sockJs,
      limits,
      apis: {
        messages: {
          POST: async (request, response) => {
            await postMessages(
              { secret, publishing: this.#publishing, maxBytes: limits.maxPublishBytes },
              request,
              response,
            );
          },
        },
        "user-connections": {
          DELETE: async (request, response, route) => {
            await closeUserConnections(
              { secret, close: (id) => this.closeConnections(id) },
              request,
              response,
              route,
            );
          },
        },
        ...healthApis(() => this.#readiness()),
      },
      closed: () => this.#whyClosed(),
      logger,
      metrics,
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  state(): PushServerState {
    return {
      ...this.#readiness(),
      log: this.#log.state(),
      window: { ...this.#window.size, oldest: this.#window.start },
      connections: this.connections,
      transports: this.#webSockets.open + this.#sockJs.open,
      handshakes: this.#gate.pending,
    };
  }

  async start(): Promise<void> {
    const patience = delay(LOG_PATIENCE_MS, undefined, { signal: this.#stopping.signal, ref: false });
    await Promise.race([this.#follow(), patience]);
    if (!this.#following)
      this.#logger.warn({}, "The message log does not answer yet; nobody gets in until it does.");
    this.#timers.push(
      setInterval(() => this.#connections.sweep(Date.now()), SLICE_MS),
      setInterval(() => this.#everySecond(), SWEEP_MS),
    );
  }

  async #follow(): Promise<void> {
    await this.#log.follow(this.#relay);
    this.#following = true;
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#frontDoor.handle(request, response);
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.#frontDoor.handleUpgrade(request, socket, head);
  }

  attach(server: Server): void {
    const onRequest = server.listeners("request");
    const onUpgrade = server.listeners("upgrade");
    server.removeAllListeners("request").removeAllListeners("upgrade");
    server.on("request", (request, response) => {
      if (this.handle(request, response)) return;
      for (const listener of onRequest) Reflect.apply(listener, server, [request, response]);
    });
    server.on("upgrade", (request, socket, head) => {
      if (this.handleUpgrade(request, socket, head)) return;
      for (const listener of onUpgrade) Reflect.apply(listener, server, [request, socket, head]);
      if (onUpgrade.length === 0) refuseUpgrade(socket, refusals.notFound());
    });
  }

  async publish(message: Message): Promise<void> {
    await this.#publishing.publish(message);
  }

  async closeConnections(userId: string): Promise<void> {
    await this.#log.append({ to: userTopic(userId), control: "close-connections" });
  }

  close(deadlineMs: number = CLOSE_DEADLINE_MS): Promise<void> {
    return (this.#closed ??= this.#close(deadlineMs));
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#stopping.abort();
    this.#connections.endAll();
    const deadline = Date.now() + deadlineMs;
    while (this.state().transports > 0 && Date.now() < deadline) await delay(CLOSE_POLL_MS);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#log.close();
  }

  #whyClosed(): Refusal | undefined {
    if (this.#stopping.signal.aborted) return refusals.stopping();
    return this.#following ? undefined : refusals.logUnavailable();
  }

  #readiness(): Readiness {
    const closed = this.#whyClosed();
    return { ready: closed === undefined, detail: closed?.message ?? this.#log.state().detail };
  }

  #everySecond(): void {
    this.#identities.sweep(Date.now(), this.#stopping.signal);
    this.#window.expire(this.#log.now());
    const forgotten = this.#window.takeForgotten();
    if (forgotten) this.#log.forget(forgotten);
  }
}
