import { describe, expect, it } from "vitest";
import type { CmsUser } from "../cms-client.ts";
import { connect, credentials } from "../testing/connect.ts";
import { redirect, send, sendJson, startServer, type Answer } from "../testing/http-server.ts";
import type { GenericAdapterOptions } from "./generic.ts";

const JANE = credentials("sessionid=jane%2B1; csrftoken=c", ["sessionid", "csrftoken"]);

const ADAPTER: GenericAdapterOptions = {
  kind: "generic",
  url: "{site}/api/me",
  userId: "/user/name",
  groups: "/user/memberships",
  groupId: "/slug",
};

async function ask(
  answer: Answer,
  options: Partial<GenericAdapterOptions> = {},
): Promise<CmsUser | undefined> {
  const server = await startServer(answer);
  return connect({ baseUrl: `${server.url}/site/`, adapter: { ...ADAPTER, ...options } }).whoAmI(JANE);
}

function answering(body: unknown, status = 200): Answer {
  return (_, response) => sendJson(response, status, body);
}

describe("the generic adapter", () => {
  it("finds the user and the groups by JSON Pointer", async () => {
    const body = { user: { name: "jane", memberships: [{ slug: "staff" }, { slug: 7 }] } };
    expect(await ask(answering(body))).toEqual({ id: "jane", groups: ["staff", "7"] });
  });

  it("takes a number for an id, a plain list for groups, and pointers with escapes", async () => {
    const body = { "a/b~c": 12, groups: ["x", "y"] };
    const options = { userId: "/a~1b~0c", groups: "/groups", groupId: "" };
    expect(await ask(answering(body), options)).toEqual({ id: "12", groups: ["x", "y"] });
  });

  it.each([[null], [""], [false], [undefined]])("takes the id %j for nobody", async (name) => {
    expect(await ask(answering({ user: { name } }))).toBeUndefined();
  });

  it("takes the anonymous statuses and every redirect for nobody", async () => {
    expect(await ask(answering({}, 401))).toBeUndefined();
    expect(await ask(answering({}, 418), { anonymousStatuses: [418] })).toBeUndefined();
    expect(await ask((_, response) => redirect(response, "/login"))).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ["an error", answering({}, 500)],
    ["a status that nobody configured", answering({}, 404)],
    ["a page that says 200", (_, response) => send(response, 200, "text/html", "<form>")],
    ["broken JSON", (_, response) => send(response, 200, "application/json", "{")],
    ["an id that is no id", answering({ user: { name: { first: "Jane" } } })],
    ["groups that are no list", answering({ user: { name: "jane", memberships: "staff" } })],
    ["an endless answer", (_, response) => send(response, 200, "application/json", " ".repeat(2_000_000))],
  ])("does not take %s for an answer", async (_, answer) => {
    await expect(ask(answer)).rejects.toMatchObject({ code: "cms-unknown" });
  });

  it("forwards the cookies that are named, raw, and fills them into headers", async () => {
    const server = await startServer(answering({ user: { name: "jane" } }));
    const headers = { Authorization: "Token {cookie:sessionid}", "X-Absent": "{cookie:other}" };
    const adapter = { ...ADAPTER, method: "POST", cookies: ["csrftoken"], headers, body: '{"q":1}' } as const;
    await connect({ baseUrl: server.url, adapter }).whoAmI(JANE);
    const [request] = server.seen;
    expect(request).toMatchObject({ method: "POST", path: "/api/me" });
    expect(request?.headers).toMatchObject({
      accept: "application/json",
      authorization: "Token jane%2B1",
      cookie: "csrftoken=c",
      "content-type": "application/json",
      "content-length": "7",
    });
    expect(request?.headers).not.toHaveProperty("x-absent");
  });

  it("asks what is configured whether an object may be seen", async () => {
    const server = await startServer((request, response) =>
      response
        .writeHead(request.url === "/can/see?path=x" ? 204 : 410, { "content-type": "text/plain" })
        .end(),
    );
    const viewProbe = {
      url: "{object}?path=x",
      accept: "text/plain",
      okStatuses: [204],
      deniedStatuses: [410],
    };
    const cms = connect({ baseUrl: server.url, adapter: ADAPTER, viewProbe });
    expect(await cms.mayView(JANE, "/can/see")).toBe(true);
    expect(await cms.mayView(JANE, "/cannot")).toBe(false);
  });

  it("says whether the CMS answers", async () => {
    const server = await startServer(answering({}, 401));
    const cms = connect({ baseUrl: server.url, adapter: ADAPTER });
    expect(await cms.describe()).toEqual({
      adapter: "generic",
      baseUrl: server.url,
      reachable: true,
      probe: `GET ${server.url}/api/me`,
      detail: `The CMS answers, and says who is logged in at GET ${server.url}/api/me.`,
    });
    await server.close();
    expect(await cms.describe()).toMatchObject({
      reachable: false,
      detail: expect.stringMatching(/gave no answer/),
    });
  });

  it.each([500, 404])("says that a CMS which answers %i does not say who it is", async (status) => {
    const server = await startServer(answering({}, status));
    const cms = connect({ baseUrl: server.url, adapter: ADAPTER });
    expect(await cms.describe()).toMatchObject({
      reachable: false,
      detail: expect.stringMatching(`status ${status}`),
    });
  });

  it("refuses at once what is no pointer, and Plone's tickets", () => {
    const baseUrl = "http://127.0.0.1";
    expect(() => connect({ baseUrl, adapter: { ...ADAPTER, userId: "user" } })).toThrow(
      /adapter.userId.*Pointer/,
    );
    expect(() => connect({ baseUrl, adapter: ADAPTER, localTickets: { secret: "s" } })).toThrow(
      /localTickets/,
    );
  });
});
