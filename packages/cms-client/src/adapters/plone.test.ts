import { describe, expect, it } from "vitest";
import type { CmsClient } from "../cms-client.ts";
import type { CmsClientOptions } from "../cms-client-options.ts";
import type { Credentials } from "../credentials.ts";
import { createTicket } from "../plone-ticket.ts";
import { connect, credentials } from "../testing/connect.ts";
import { send, sendJson, startServer, type TestServer } from "../testing/http-server.ts";
import { bearerToken, PLONE_SECRET, startPlone, type PloneKind } from "../testing/plone-server.ts";

const ADMIN = credentials("__ac=NjE2NDZkNjk2ZTo2MTY0NmQ2OTZl");
const JANE_GROUPS = ["AuthenticatedUsers", "staff"];

function ticketOf(userId: string, secret = PLONE_SECRET): string {
  return createTicket({ secret, userId });
}

function ticketCredentials(userId: string): Credentials {
  return credentials(`__ac=${ticketOf(userId)}`);
}

function connectTo(plone: TestServer, options: Partial<CmsClientOptions> = {}): CmsClient {
  return connect({ baseUrl: `${plone.url}/Plone`, ...options });
}

async function ploneOf(kind: PloneKind): Promise<{ plone: TestServer; cms: CmsClient }> {
  const plone = await startPlone(() => kind);
  return { plone, cms: connectTo(plone) };
}

describe.each([
  ["addon", "@@push-whoami", JANE_GROUPS],
  ["restapi", "@users", JANE_GROUPS],
  ["bare", "getAuthenticatedMember", []],
] as const)("on a site of the kind %s", (kind, probe, groups) => {
  it("knows who a ticket, and Volto's token, belong to", async () => {
    const { cms } = await ploneOf(kind);
    expect(await cms.whoAmI(ticketCredentials("jane"))).toEqual({ id: "jane", groups });
    expect(await cms.whoAmI(credentials(`auth_token=${bearerToken("jane")}`))).toEqual({
      id: "jane",
      groups,
    });
  });

  it("takes an expired, a forged and a garbage credential for nobody's", async () => {
    const { cms } = await ploneOf(kind);
    const expired = createTicket({ secret: PLONE_SECRET, userId: "jane", timestamp: 1_216_720_800 });
    for (const cookies of [
      `__ac=${expired}`,
      `__ac=${ticketOf("jane", "another secret")}`,
      "__ac=garbage",
      `auth_token=${bearerToken("jane", "forged")}`,
    ]) {
      expect(await cms.whoAmI(credentials(cookies))).toBeUndefined();
    }
  });

  it("finds out which question the site answers, and asks only that from then on", async () => {
    const { plone, cms } = await ploneOf(kind);
    await cms.whoAmI(credentials("__ac=garbage")); // settles nothing wrongly
    await cms.whoAmI(ticketCredentials("jane"));
    plone.seen.length = 0;
    await cms.whoAmI(ticketCredentials("bob"));
    expect(plone.seen).toHaveLength(1);
    expect(plone.seen[0]?.path).toContain(probe);
    const { probe: described, reachable } = await cms.describe();
    expect(described).toContain(probe);
    expect(reachable).toBe(true);
  });

  it("knows a Zope-root user, whose cookie names nobody", async () => {
    const { cms } = await ploneOf(kind);
    await cms.whoAmI(ticketCredentials("jane"));
    expect(await cms.whoAmI(ADMIN)).toEqual({ id: "admin", groups: [] });
  });

  it("shows an object by path, UID and URL to who may view it, and to nobody else", async () => {
    const { plone, cms } = await ploneOf(kind);
    const jane = ticketCredentials("jane");
    for (const object of [
      "/work/plan.txt",
      "0123456789abcdef0123456789abcdef",
      `${plone.url}/Plone/work/a folder/100%25`,
    ]) {
      expect(await cms.mayView(jane, object), object).toBe(true);
      expect(await cms.mayView(ticketCredentials("bob"), object), object).toBe(false);
      expect(await cms.mayView(credentials("__ac=garbage"), object), object).toBe(false);
    }
    expect(await cms.mayView(ticketCredentials("bob"), "/front")).toBe(true);
    for (const object of ["/nothing", "nothing", "..", "/../front", "https://elsewhere.example/front", ""]) {
      expect(await cms.mayView(jane, object), object).toBe(false);
    }
  });
});

describe("the Plone adapter", () => {
  it("does not believe the name in a forged ticket that comes with a manager's genuine token", async () => {
    const { cms } = await ploneOf("restapi");
    const mixed = `__ac=${ticketOf("jane", "forged")}; auth_token=${bearerToken("admin")}`;
    expect(await cms.whoAmI(credentials(mixed))).toEqual({ id: "admin", groups: [] });
  });

  it("says before anybody is logged in what it can: nothing about a bare site", async () => {
    for (const [kind, probe] of [
      ["addon", expect.stringContaining("@@push-whoami")],
      ["restapi", expect.stringContaining("@users")],
      ["bare", undefined],
    ] as const) {
      const { cms } = await ploneOf(kind);
      expect(await cms.describe()).toMatchObject({ adapter: "plone", reachable: true, probe });
    }
  });

  it("goes on with the next question after the add-on was removed", async () => {
    let kind: PloneKind = "addon";
    const cms = connectTo(await startPlone(() => kind));
    await cms.whoAmI(ticketCredentials("jane"));
    kind = "restapi";
    expect(await cms.whoAmI(ticketCredentials("jane"))).toEqual({ id: "jane", groups: JANE_GROUPS });
    expect((await cms.describe()).probe).toContain("@users");
  });

  it("forwards the raw ticket and no other cookie", async () => {
    const { plone, cms } = await ploneOf("addon");
    const wire = `"${ticketOf("jane")}"`;
    await cms.whoAmI(credentials(`theme=dark; __ac=${wire}; tracking=1`));
    expect(plone.seen.at(-1)?.headers.cookie).toBe(`__ac=${wire}`);
  });

  it("takes a CMS that redirects everybody to a login for one that knows nobody", async () => {
    const server = await startServer((_, response) => response.writeHead(302, { location: "/login" }).end());
    expect(await connectTo(server).whoAmI(ticketCredentials("jane"))).toBeUndefined();
  });

  it("calls it unknown, and says where to look, if the base URL is no Plone site's", async () => {
    const server = await startServer((_, response) => send(response, 404, "text/html", "nothing"));
    await expect(connectTo(server).whoAmI(ticketCredentials("jane"))).rejects.toThrow(
      /base URL is that of a Plone/,
    );
  });

  it.each([[500], [502], [503], [429]])("calls it unknown if the CMS answers %i", async (status) => {
    const server = await startServer((_, response) => sendJson(response, status, {}));
    const cms = connectTo(server);
    const error = expect.objectContaining({ code: "cms-unknown", retryable: true });
    await expect(cms.whoAmI(ticketCredentials("jane"))).rejects.toEqual(error);
    await expect(cms.mayView(ticketCredentials("jane"), "/front")).rejects.toEqual(error);
    expect(await cms.describe()).toMatchObject({ reachable: false, probe: undefined });
  });
});

describe("with local verification", () => {
  it("refuses forged and expired tickets without asking, and asks about good ones", async () => {
    const plone = await startPlone(() => "restapi");
    const cms = connectTo(plone, { localTickets: { secret: PLONE_SECRET } });
    expect(await cms.whoAmI(credentials(`__ac=${ticketOf("jane", "forged")}`))).toBeUndefined();
    const old = createTicket({ secret: PLONE_SECRET, userId: "jane", timestamp: 1 });
    expect(await cms.whoAmI(credentials(`__ac=${old}`))).toBeUndefined();
    expect(plone.seen).toHaveLength(0);
    expect(await cms.whoAmI(ticketCredentials("jane"))).toEqual({ id: "jane", groups: JANE_GROUPS });
  });

  it("believes good ones without asking if told to, without groups", async () => {
    const plone = await startPlone(() => "restapi");
    const cms = connectTo(plone, { localTickets: { secret: PLONE_SECRET, trust: "believe" } });
    expect(await cms.whoAmI(ticketCredentials("jane"))).toEqual({ id: "jane", groups: [] });
    expect(plone.seen).toHaveLength(0);
  });

  it("leaves to Plone what is no ticket, and what comes with another credential", async () => {
    const plone = await startPlone(() => "restapi");
    const cms = connectTo(plone, { localTickets: { secret: PLONE_SECRET, trust: "believe" } });
    expect(await cms.whoAmI(ADMIN)).toMatchObject({ id: "admin" });
    const both = `__ac=${ticketOf("jane", "forged")}; auth_token=${bearerToken("bob")}`;
    expect(await cms.whoAmI(credentials(both))).toMatchObject({ id: "bob" });
  });
});
