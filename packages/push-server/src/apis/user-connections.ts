/** `DELETE <prefix>/users/<id>/connections`: signs a user out of every node, after a logout or a lockout. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { refusals } from "../refusal.ts";
import type { Route } from "../route.ts";
import type { BearerSecret } from "./bearer-secret.ts";

export interface UserConnectionsApiOptions {
  readonly secret: BearerSecret;
  readonly close: (userId: string) => Promise<void>;
}

/** Answers 204 when the request is in the log, which every node follows. @throws Refusal, PublishError */
export async function closeUserConnections(
  { secret, close }: UserConnectionsApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
  route: Route,
): Promise<void> {
  secret.check(request);
  if (route.kind !== "user-connections") throw refusals.notFound();
  await close(route.user);
  response.writeHead(204).end();
}
