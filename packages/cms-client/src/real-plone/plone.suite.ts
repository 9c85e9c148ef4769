import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { RESTAPI } from "../adapters/plone-probes.ts";
import type { CmsClient } from "../cms-client.ts";
import type { CmsClientOptions } from "../cms-client-options.ts";
import { CmsHttp } from "../cms-http.ts";
import type { Credentials } from "../credentials.ts";
import { createTicket, parseTicket, verifyTicket } from "../plone-ticket.ts";
import { connect, credentials } from "../testing/connect.ts";
import { startRealPlone, type PloneProcess } from "./plone-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    ploneFolder: string;
    prepareScript: string;
  }
}

// As in real-plone/make_site.py.
const SECRET = "shared between Plone and the tests";
const PASSWORD = "secret-pw-123";
const FILE_UID = "0123456789abcdef0123456789abcdef";
const FILE_TEXT = "a plan\n".repeat(1000);

const ADMIN = credentials("__ac=NjE2NDZkNjk2ZTo2MTY0NmQ2OTZl");
const GARBAGE = credentials("__ac=garbage");
const OPTIONS = { maxBytes: 1_000_000 };

let plone: PloneProcess;
beforeAll(async () => {
  plone = await startRealPlone(inject("ploneFolder"), inject("prepareScript"));
});
afterAll(() => plone.close());

function ticketOf(userId: string, options: { secret?: string; timestamp?: number } = {}): Credentials {
  return credentials(`__ac=${createTicket({ secret: SECRET, userId, ...options })}`);
}

function client(site: string, options: Partial<CmsClientOptions> = {}): CmsClient {
  return connect({ baseUrl: `${plone.url}/${site}`, timeoutMs: 30_000, ...options });
}

/** The `__ac` that Plone's own login form sets. */
async function logIn(site: string, user: string): Promise<string> {
  const form = { __ac_name: user, __ac_password: PASSWORD, "buttons.login": "Log in" };
  const body = new URLSearchParams(form);
  const response = await fetch(`${plone.url}/${site}/login`, { method: "POST", body, redirect: "manual" });
  const [, wire] = /(?:^|, )__ac=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
  if (wire === undefined) throw new Error(`${user} could not log in: ${response.status}`);
  return wire;
}

async function tokenOf(user: string): Promise<string> {
  const response = await fetch(`${plone.url}/Plone/@login`, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ login: user, password: PASSWORD }),
  });
  return ((await response.json()) as { token: string }).token;
}

async function fetchText(cms: CmsClient, who: Credentials, url: string): Promise<string> {
  const document = await cms.fetchDocument(who, url, OPTIONS);
  const parts: Uint8Array[] = [];
  for await (const part of document.body) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe.each([
  ["Plone", "@users", ["AuthenticatedUsers", "staff"]],
  ["Bare", "getAuthenticatedMember", []],
] as const)("the site %s", (site, probe, groups) => {
  it("takes our tickets, and its own are ours to verify", async () => {
    const wire = await logIn(site, "jane");
    expect(verifyTicket(wire, { secret: SECRET })).toMatchObject({ userId: "jane" });
    expect(parseTicket(wire)).toMatchObject({ tokens: [], userData: "" });
    for (const who of [credentials(`__ac=${wire}`), ticketOf("jane")]) {
      const user = await client(site).whoAmI(who);
      expect({ ...user, groups: user?.groups.toSorted() }).toEqual({ id: "jane", groups });
    }
  });

  it(`says who it is by ${probe}, which is found out with the first user`, async () => {
    const cms = client(site);
    expect(await cms.whoAmI(GARBAGE)).toBeUndefined();
    await cms.whoAmI(ticketOf("bob"));
    expect(await cms.describe()).toMatchObject({
      reachable: true,
      probe: expect.stringContaining(probe) as string,
    });
  });

  it("knows nobody by an expired, forged, deleted or garbage ticket", async () => {
    const cms = client(site);
    await cms.whoAmI(ticketOf("jane"));
    const longAgo = Math.floor(Date.now() / 1000) - 7201;
    for (const who of [
      GARBAGE,
      credentials("__ac=deleted"),
      ticketOf("jane", { timestamp: longAgo }),
      ticketOf("jane", { secret: "another" }),
      ticketOf("nobody-of-this-name"),
    ]) {
      expect(await cms.whoAmI(who)).toBeUndefined();
      expect(await client(site).whoAmI(who)).toBeUndefined();
    }
  });

  it("knows the Zope-root user, whose cookie names nobody", async () => {
    const cms = client(site);
    expect(await cms.whoAmI(ADMIN)).toMatchObject({ id: "admin" });
    await cms.whoAmI(ticketOf("jane"));
    expect(await cms.whoAmI(ADMIN)).toMatchObject({ id: "admin" });
  });

  it("shows a private file to its owner by path, UID and URL, and to nobody else", async () => {
    const cms = client(site);
    for (const object of [
      "/work/plan.txt",
      FILE_UID,
      `${plone.url}/${site}/work/plan.txt`,
      "/work",
      "/work/notes",
    ]) {
      expect(await cms.mayView(ticketOf("jane"), object), object).toBe(true);
      expect(await cms.mayView(ticketOf("bob"), object), object).toBe(false);
      expect(await cms.mayView(GARBAGE, object), object).toBe(false);
    }
    expect(await cms.mayView(ticketOf("bob"), "/front")).toBe(true);
    expect(await cms.mayView(ticketOf("jane"), "/nothing")).toBe(false);
    expect(await cms.mayView(ticketOf("jane"), "ffffffffffffffffffffffffffffffff")).toBe(false);
  });

  it("gives the file to its owner, by path and by UID, with its name", async () => {
    const cms = client(site);
    for (const url of ["/work/plan.txt/@@download/file", `/resolveuid/${FILE_UID}/@@download/file`]) {
      const document = await cms.fetchDocument(ticketOf("jane"), url, OPTIONS);
      expect(document).toMatchObject({ name: "plän for 100%.txt", mediaType: "text/plain" });
      const parts: Uint8Array[] = [];
      for await (const part of document.body) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe(FILE_TEXT);
    }
  });

  it("refuses the file to others with an error for each reason", async () => {
    const cms = client(site);
    const url = "/work/plan.txt/@@download/file";
    await expect(fetchText(cms, ticketOf("bob"), url)).rejects.toMatchObject({ code: "not-visible" });
    await expect(fetchText(cms, GARBAGE, url)).rejects.toMatchObject({ code: "session-expired" });
    await expect(fetchText(cms, GARBAGE, "/login")).rejects.toMatchObject({ code: "session-expired" });
    await expect(fetchText(cms, ticketOf("bob"), "/insufficient-privileges")).rejects.toMatchObject({
      code: "not-visible",
    });
    await expect(fetchText(cms, ticketOf("jane"), "/work/none")).rejects.toMatchObject({
      code: "document-not-found",
      retryable: true,
    });
    await expect(cms.fetchDocument(ticketOf("jane"), url, { maxBytes: 10 })).rejects.toMatchObject({
      code: "document-too-large",
    });
  });

  it("works behind a virtual host, whose URLs are the public ones", async () => {
    const publicUrl = "https://intranet.example.com";
    const cms = client(`VirtualHostBase/https/intranet.example.com:443/${site}/VirtualHostRoot`, {
      publicUrl,
    });
    expect(await cms.whoAmI(ticketOf("jane"))).toMatchObject({ id: "jane" });
    expect(await cms.mayView(ticketOf("jane"), FILE_UID)).toBe(true);
    expect(await cms.mayView(ticketOf("bob"), FILE_UID)).toBe(false);
    const url = `${publicUrl}/resolveuid/${FILE_UID}/@@download/file`;
    expect(await fetchText(cms, ticketOf("jane"), url)).toBe(FILE_TEXT);
    await expect(fetchText(cms, ticketOf("bob"), url)).rejects.toMatchObject({ code: "not-visible" });
  });
});

describe("plone.restapi", () => {
  it("says who it is by @login-renew where the cookie names nobody", async () => {
    const http = new CmsHttp(30_000);
    onTestFinished(() => http.close());
    const ask = (who: Credentials) => {
      const credential = { headers: { cookie: who.toCookieHeader() }, userId: undefined };
      return RESTAPI.ask({ http, site: `${plone.url}/Plone`, credential });
    };
    expect(await ask(ticketOf("jane"))).toMatchObject({ kind: "user", user: { id: "jane" } });
    expect(await ask(ADMIN)).toMatchObject({ kind: "user", user: { id: "admin" } });
    expect(await ask(GARBAGE)).toEqual({ kind: "refused" });
  });

  it("knows who Volto's token belongs to, and what they may see", async () => {
    const cms = client("Plone");
    const jane = credentials(`auth_token=${await tokenOf("jane")}`);
    expect(await cms.whoAmI(jane)).toMatchObject({ id: "jane" });
    expect(await cms.mayView(jane, "/work/plan.txt")).toBe(true);
    expect(await fetchText(cms, jane, "/work/plan.txt/@@download/file")).toBe(FILE_TEXT);
    const stale = `__ac=${createTicket({ secret: SECRET, userId: "jane", timestamp: 1 })}`;
    const both = credentials(`${stale}; ${jane.toCookieHeader()}`);
    expect(await cms.whoAmI(both)).toMatchObject({ id: "jane" });
    expect(await cms.mayView(both, "/work/plan.txt")).toBe(true);
  });

  it("does not show a manager as the user whose name a forged ticket bears", async () => {
    const bob = await tokenOf("bob");
    const forged = ticketOf("jane", { secret: "another" }).toCookieHeader();
    expect(await client("Plone").whoAmI(credentials(`${forged}; auth_token=${bob}`))).toMatchObject({
      id: "bob",
    });
  });

  it("takes an image into a field, small and large, and shows it from then on", async () => {
    const cms = client("Plone");
    const object = `${plone.url}/Plone/work/notes`;
    for (const [field, padding] of [
      ["preview_image", 0],
      ["image", 6_000_000],
    ] as const) {
      const bytes = Buffer.concat([PNG, Buffer.alloc(padding)]);
      const image = { field, name: "first-page.png", mediaType: "image/png", bytes };
      expect(await cms.writeImage(ticketOf("jane"), object, image, { job: "job-1" })).toBe("written");
      expect((await stateOf("/work/notes", "jane"))[field]).toMatchObject({
        filename: "first-page.png",
        "content-type": "image/png",
        size: bytes.length,
      });
      expect(
        await cms.writeImage(ticketOf("jane"), object, { ...image, name: "other.png" }, { job: "2" }),
      ).toBe("kept");
    }
  });

  it("takes no image from who may not change the object, into no field, or while somebody edits it", async () => {
    const cms = client("Plone");
    const image = { field: "preview_image", name: "first-page.png", mediaType: "image/png", bytes: PNG };
    const write = (who: Credentials, object: string, more = {}) =>
      cms.writeImage(who, object, { ...image, ...more }, { job: "job-1" });
    await expect(write(ticketOf("bob"), "/front")).rejects.toMatchObject({ code: "not-allowed" });
    await expect(write(GARBAGE, "/work/notes")).rejects.toMatchObject({ code: "session-expired" });
    await expect(write(ticketOf("jane"), "/work/notes", { field: "picture" })).rejects.toMatchObject({
      code: "no-such-field",
    });
    expect((await lock("POST")).status).toBe(200);
    await expect(write(ticketOf("jane"), "/work/notes")).rejects.toMatchObject({ code: "object-locked" });
    expect((await lock("DELETE")).status).toBe(200);
    expect(await write(ticketOf("jane"), "/work/notes")).toBe("written");
  });
});

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** As the manager. */
function lock(method: string): Promise<Response> {
  const headers = { accept: "application/json", cookie: ADMIN.toCookieHeader() };
  return fetch(`${plone.url}/Plone/work/notes/@lock`, { method, headers });
}

async function stateOf(path: string, user: string): Promise<Record<string, unknown>> {
  const headers = { accept: "application/json", cookie: ticketOf(user).toCookieHeader() };
  return (await (await fetch(`${plone.url}/Plone${path}`, { headers })).json()) as Record<string, unknown>;
}
