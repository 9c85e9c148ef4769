/** The answers of Plone 6.2, as they were seen on a real one, over real HTTP: see real-plone/. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { verifyTicket } from "../plone-ticket.ts";
import { redirect, send, sendJson, startServer, type TestServer } from "./http-server.ts";

export const PLONE_SECRET = "a shared secret";

/** `addon`: with our view. `restapi`: plone.restapi's profile. `bare`: a Classic site as it is made. */
export type PloneKind = "addon" | "restapi" | "bare";

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  jane: ["AuthenticatedUsers", "staff"],
  bob: ["AuthenticatedUsers"],
  admin: [],
};
const ADMIN_COOKIE = "NjE2NDZkNjk2ZTo2MTY0NmQ2OTZl";

export function startPlone(kind: () => PloneKind): Promise<TestServer> {
  return startServer((request, response) => answer(kind(), request, response));
}

/** A JWT as plone.restapi makes it, but for its signature, which this server takes for good if it says so. */
export function bearerToken(userId: string, signature: "good" | "forged" = "good"): string {
  return `${tokenPart({ alg: "HS256", typ: "JWT" })}.${tokenPart({ sub: userId, exp: 2_000_000_000 })}.${signature}`;
}

function tokenPart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function answer(kind: PloneKind, request: IncomingMessage, response: ServerResponse): void {
  const user = authenticate(request);
  const path = (request.url ?? "").replace(/^\/Plone/, "").replace(/\?.*/, "");
  const json = request.headers.accept === "application/json";
  const restapi = kind !== "bare" && json;
  if (path === "/@@push-whoami" && kind === "addon") {
    return sendJson(response, 200, { userid: user ?? null, groups: GROUPS[user ?? ""] ?? [] });
  }
  if (path === "/portal_membership/getAuthenticatedMember" && !json) {
    return send(response, 200, "text/plain; charset=utf-8", user ?? "Anonymous User");
  }
  if (path.startsWith("/@@")) return sendJson(response, 404, { type: "NotFound" });
  if (json && !restapi) return sendJson(response, 401, { type: "Unauthorized" });
  if (json && path === "") return sendJson(response, 200, { "@type": "Plone Site" });
  if (json && path.startsWith("/@")) return answerService(path, user, response);
  return answerObject(path, user, json, response);
}

function answerService(path: string, user: string | undefined, response: ServerResponse): void {
  if (user === undefined) return sendJson(response, 401, { type: "Unauthorized" });
  if (path === "/@login-renew") return sendJson(response, 200, { token: bearerToken(user) });
  const asked = decodeURIComponent(path.slice("/@users/".length));
  if (asked !== user && user !== "admin") return sendJson(response, 401, { type: "Unauthorized" });
  const groups = (GROUPS[asked] ?? []).map((id) => ({ "@id": `http://x/${id}`, id, title: id }));
  return sendJson(response, 200, { id: asked, roles: ["Member"], groups: { items: groups } });
}

/** Everything under `/work` is jane's alone; `/front` is everybody's. */
function answerObject(path: string, user: string | undefined, json: boolean, response: ServerResponse): void {
  const object = path.replace(/\/title_or_id$/, "");
  if (object === "/resolveuid/0123456789abcdef0123456789abcdef") {
    return redirect(response, `/Plone/work/plan.txt${path.slice(object.length)}`);
  }
  if (object !== "/front" && !object.startsWith("/work"))
    return sendJson(response, 404, { type: "NotFound" });
  if (object.startsWith("/work") && user !== "jane") {
    if (json) return sendJson(response, 401, { type: "Unauthorized" });
    return redirect(response, "/Plone/acl_users/credentials_cookie_auth/require_login?came_from=x");
  }
  if (!json) return send(response, 200, "text/plain; charset=utf-8", "a title");
  return sendJson(response, 200, { "@id": path });
}

function authenticate({ headers }: IncomingMessage): string | undefined {
  const ticket = /(?:^|; )__ac=([^;]*)/.exec(headers.cookie ?? "")?.[1] ?? "";
  if (ticket === ADMIN_COOKIE) return "admin";
  const verified = verifyTicket(ticket, { secret: PLONE_SECRET });
  if (verified !== undefined) return verified.userId;
  const [, claims, signature] = /^Bearer [^.]+\.([^.]+)\.(.+)$/.exec(headers.authorization ?? "") ?? [];
  if (claims === undefined || signature !== "good") return undefined;
  return (JSON.parse(Buffer.from(claims, "base64url").toString()) as { sub: string }).sub;
}
