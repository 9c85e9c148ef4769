/** From an HTTP request or upgrade to what serves it: the route, then the gate, then the transport or the API. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { boundBody } from "./apis/request-body.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { Gate, Visitor } from "./gate.ts";
import type { PushServerLimits } from "./limits.ts";
import { errorFields, type Logger } from "./logger.ts";
import type { PushMetrics } from "./metrics.ts";
import { PublishError } from "./publisher.ts";
import { refusals, refuse, Refusal, refuseUpgrade } from "./refusal.ts";
import { matchRoute, type Route } from "./route.ts";
import { TRANSPORT_NAMES, type SockJsHttp, type SockJsSession } from "./transports/sockjs-http.ts";
import type { WebSockets } from "./transports/websocket.ts";

export type Api = (request: IncomingMessage, response: ServerResponse, route: Route) => Promise<void> | void;

export interface FrontDoorOptions {
  readonly prefix: string;
  readonly gate: Gate;
  readonly connections: Connections;
  readonly webSockets: WebSockets;
  readonly sockJs: SockJsHttp;
  readonly limits: PushServerLimits;
  /** What is not for browsers, by route. */
  readonly apis: Partial<Record<Route["kind"], Readonly<Record<string, Api>>>>;
  /** Why browsers cannot connect now, if so. */
  readonly closed: () => Refusal | undefined;
  readonly logger: Logger;
  readonly metrics: PushMetrics;
}

type SessionRoute = Extract<Route, { kind: "session" }>;

export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #polled = new WeakMap<SockJsSession, Connection>();

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  /** False: not under the prefix. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const route = matchRoute(this.#options.prefix, request.url ?? "");
    if (!route) return false;
    this.#serve(route, request, response).catch((error: unknown) => refuse(response, this.#refusal(error)));
    return true;
  }

  /** False: not under the prefix. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const route = matchRoute(this.#options.prefix, request.url ?? "");
    if (!route) return false;
    socket.on("error", ignore); // while the CMS is asked nobody else listens
    this.#upgrade(route, request, socket, head).catch((error: unknown) => {
      refuseUpgrade(socket, this.#refusal(error));
    });
    return true;
  }

  async #upgrade(route: Route, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { connections, webSockets } = this.#options;
    if (route.kind !== "websocket" && route.kind !== "raw-websocket") throw refusals.notFound();
    if (request.method !== "GET") throw refusals.methodNotAllowed("GET");
    this.#checkOpen();
    const visitor = await this.#admit(request, true);
    this.#checkOpen();
    connections.checkRoom(visitor);
    if (socket.destroyed) return;
    socket.off("error", ignore);
    const [framing, name] =
      route.kind === "websocket" ? (["sockjs", "websocket"] as const) : (["raw", "websocket-raw"] as const);
    webSockets.accept(request, socket, head, framing, (transport) =>
      connections.open(visitor, name, transport),
    );
  }

  async #serve(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const api = this.#options.apis[route.kind];
    if (api) {
      const serve = api[request.method ?? ""];
      if (!serve) throw refusals.methodNotAllowed(Object.keys(api).join(", "));
      await serve(request, response, route);
      return;
    }
    switch (route.kind) {
      case "session":
        return await this.#serveSession(route, request, response);
      case "greeting":
      case "info":
      case "iframe":
        return await this.#serveStatic(request, response);
      case "websocket":
      case "raw-websocket":
        if (request.method !== "GET") throw refusals.methodNotAllowed("GET");
        await this.#admit(request, true);
        throw refusals.notAWebSocket();
      default:
        throw refusals.notFound();
    }
  }

  async #serveStatic(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "OPTIONS") {
      this.#options.gate.checkOrigin(request, true); // a preflight has no cookie
    } else {
      await this.#admit(request, false, response);
      this.#checkOpen();
    }
    this.#options.sockJs.serveStatic(request, response);
  }

  async #serveSession(
    route: SessionRoute,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { sockJs, limits, gate } = this.#options;
    if (request.method === "OPTIONS") {
      gate.checkOrigin(request, true);
      sockJs.serveStatic(request, response);
      return;
    }
    const method = route.transport === "eventsource" ? "GET" : "POST";
    if (request.method !== method) throw refusals.methodNotAllowed(`OPTIONS, ${method}`);
    const visitor = await this.#admit(request, true, response);
    const session = this.#session(route, visitor);
    if (response.destroyed) return;
    const tooLarge = (refusal: Refusal): void => refuse(response, this.#refusal(refusal));
    if (!boundBody(request, limits.maxFrameBytes, tooLarge)) return;
    sockJs.serve(session ?? this.#open(route, visitor), route.transport, request, response);
  }

  #open(route: SessionRoute, visitor: Visitor): SockJsSession {
    const { connections, sockJs } = this.#options;
    return sockJs.create(route.session, visitor.user.id, (session) => {
      const connection = connections.open(visitor, TRANSPORT_NAMES[route.transport], session);
      this.#polled.set(session, connection);
      return connection;
    });
  }

  /** The session if it is there already. @throws Refusal if it is somebody else's, or may not be opened */
  #session(route: SessionRoute, visitor: Visitor): SockJsSession | undefined {
    const { connections, sockJs } = this.#options;
    const session = sockJs.get(route.session);
    if (session?.userId === visitor.user.id) {
      const connection = this.#polled.get(session);
      if (connection) connections.renew(connection, visitor);
      return session;
    }
    if (session || route.transport === "xhr_send") throw refusals.notFound();
    this.#checkOpen(); // a session that is there is served while the server stops: it has yet to be told
    connections.checkRoom(visitor);
    return undefined;
  }

  /** @throws Refusal 503 */
  #checkOpen(): void {
    const refusal = this.#options.closed();
    if (refusal) throw refusal;
  }

  async #admit(request: IncomingMessage, needsOrigin: boolean, response?: ServerResponse): Promise<Visitor> {
    const { gate } = this.#options;
    gate.checkOrigin(request, needsOrigin);
    if (response && request.headers.origin !== undefined) allowOrigin(response, request.headers.origin);
    return await gate.identify(request);
  }

  #refusal(error: unknown): Refusal {
    const { logger, metrics } = this.#options;
    const refusal =
      error instanceof Refusal
        ? error
        : error instanceof PublishError
          ? refusals.logUnavailable()
          : new Refusal(500, "internal-error", "The push server failed; its log has more.");
    if (refusal.status === 500) logger.error(errorFields(error), "A request failed.");
    metrics.refused(refusal.status);
    return refusal;
  }
}

/** A page of another, allowed origin reads the refusal too, to know what to do. */
function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Vary", "Origin");
}

function ignore(): void {
  // the socket closes, which is noticed when it is used
}
