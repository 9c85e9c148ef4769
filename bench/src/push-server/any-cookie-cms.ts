/** A CMS over real HTTP that takes the value of every `__ac` cookie for its user's id, so that each connection can have its own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface AnyCookieCms {
  readonly url: string;
  /** How often it was asked about each cookie since `forget`. */
  readonly probes: ReadonlyMap<string, number>;
  forget(): void;
}

/** Answers Plone's `@@push-whoami`. */
export async function startAnyCookieCms(): Promise<AnyCookieCms> {
  const probes = new Map<string, number>();
  const server = createServer((request, response) => {
    const userid = /__ac=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? null;
    if (userid !== null) probes.set(userid, (probes.get(userid) ?? 0) + 1);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ userid, groups: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4096, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    probes,
    forget() {
      probes.clear();
    },
  };
}
