/** Which route under the prefix a URL names. Nothing that is not listed here reaches SockJS. */

export type Route =
  | { readonly kind: "greeting" | "info" | "iframe" | "raw-websocket" }
  | { readonly kind: "websocket" }
  | {
      readonly kind: "session";
      readonly server: string;
      readonly session: string;
      readonly transport: SessionTransport;
    }
  | { readonly kind: "messages" | "healthz" | "readyz" }
  | { readonly kind: "user-connections"; readonly user: string }
  | { readonly kind: "unknown" };

/** SockJS's HTTP transports that are on; jsonp, jsonp_send and htmlfile are off. */
export type SessionTransport = "xhr" | "xhr_send" | "xhr_streaming" | "eventsource";

const PLAIN = new Map<string, Route>([
  ["", { kind: "greeting" }],
  ["/", { kind: "greeting" }],
  ["/info", { kind: "info" }],
  ["/websocket", { kind: "raw-websocket" }],
  ["/messages", { kind: "messages" }],
  ["/healthz", { kind: "healthz" }],
  ["/readyz", { kind: "readyz" }],
]);
const IFRAME = /^\/iframe[0-9-.a-z_]*\.html$/;
// Server and session are never empty and have no dots (sockjs-protocol, "Session URLs").
const SESSION = /^\/([^/.]+)\/([^/.]+)\/(websocket|xhr|xhr_send|xhr_streaming|eventsource)\/?$/;
const USER = /^\/users\/([^/]+)\/connections$/;

/** Longest session id that is kept; sockjs-client's have 8 characters. */
const MAX_SESSION_ID_LENGTH = 128;

/** Undefined: not under the prefix, somebody else's. */
export function matchRoute(prefix: string, url: string): Route | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const query = url.indexOf("?");
  const path = url.slice(prefix.length, query < 0 ? undefined : query);
  if (path !== "" && !path.startsWith("/")) return undefined;
  const plain = PLAIN.get(path) ?? (IFRAME.test(path) ? ({ kind: "iframe" } as const) : undefined);
  if (plain) return plain;
  const [, server, session, transport] = SESSION.exec(path) ?? [];
  if (server !== undefined && session !== undefined && session.length <= MAX_SESSION_ID_LENGTH) {
    if (transport === "websocket") return { kind: "websocket" };
    return { kind: "session", server, session, transport: transport as SessionTransport };
  }
  const user = USER.exec(path)?.[1];
  return user === undefined ? { kind: "unknown" } : { kind: "user-connections", user: decode(user) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
