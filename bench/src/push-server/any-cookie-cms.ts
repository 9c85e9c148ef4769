/** A CMS over real HTTP that takes the value of every `__ac` cookie for its user's id, so that each connection can have its own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers Plone's `@@push-whoami`; returns its base URL. */
export async function startAnyCookieCms(): Promise<string> {
  const server = createServer((request, response) => {
    const userid = /__ac=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? null;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ userid, groups: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
