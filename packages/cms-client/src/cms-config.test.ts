import { describe, expect, it } from "vitest";
import { cmsClientOptions, cmsConfigProblems } from "./cms-config.ts";
import { CMS_KEYS, type CmsConfig } from "./cms-keys.ts";
import { DEFAULT_COOKIE_NAMES } from "./credentials.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(CMS_KEYS).map(([name, key]) => [
    name,
    "default" in key ? key.default : key.type === "list" ? [] : undefined,
  ]),
) as unknown as CmsConfig;
const CONFIG: CmsConfig = { ...DEFAULTS, cmsUrl: "http://127.0.0.1:8080/Plone" };
const GENERIC = { kind: "generic", url: "{site}/me", userId: "/id" };

describe("the configuration of a CMS client", () => {
  it("becomes its options", () => {
    expect(CONFIG.cookieNames).toEqual(DEFAULT_COOKIE_NAMES);
    expect(cmsConfigProblems(CONFIG)).toEqual({});
    expect(cmsClientOptions(CONFIG)).toEqual({
      baseUrl: "http://127.0.0.1:8080/Plone",
      documentBases: [],
      timeoutMs: 5000,
      maxConcurrentProbes: 8,
      maxWaitingProbes: 20_000,
      maxProbeWaitMs: 30_000,
      cacheSeconds: 10,
      graceSeconds: 300,
      maxCachedAnswers: 50_000,
    });
    const tickets = { ...CONFIG, ticketSecret: "new", previousTicketSecret: "old" };
    expect(cmsClientOptions(tickets).localTickets).toEqual({
      secret: ["new", "old"],
      algorithm: "hmac-sha256",
      timeoutSeconds: 7200,
      trust: "refuse",
    });
    const other = {
      ...CONFIG,
      cmsAdapter: GENERIC,
      cmsViewProbe: { uidUrl: "{site}/{uid}" },
      cmsPublicUrl: "https://x",
    };
    expect(cmsConfigProblems(other)).toEqual({});
    expect(cmsClientOptions(other)).toMatchObject({
      adapter: GENERIC,
      viewProbe: { uidUrl: "{site}/{uid}" },
      publicUrl: "https://x",
    });
  });

  it.each<[Partial<CmsConfig>, keyof CmsConfig, RegExp]>([
    [{ cookieNames: [] }, "cookieNames", /name the CMS's login cookie/],
    [{ cmsAdapter: "generic" }, "cmsAdapter", /no JSON object: write \{"kind": …, "url": …, "userId": …\}/],
    [{ cmsAdapter: { kind: "generic", url: "x" } }, "cmsAdapter", /lacks userId/],
    [{ cmsAdapter: { ...GENERIC, kind: "plone" } }, "cmsAdapter", /kind .*: write generic/],
    [{ cmsAdapter: { ...GENERIC, user: "/id" } }, "cmsAdapter", /has no user: there are kind, url/],
    [{ cmsAdapter: { ...GENERIC, okStatuses: ["200"] } }, "cmsAdapter", /okStatuses .* whole numbers/],
    [{ cmsAdapter: { ...GENERIC, headers: { a: 1 } } }, "cmsAdapter", /headers .* object of texts/],
    [{ cmsAdapter: { ...GENERIC, userId: "id" } }, "cmsAdapter", /userId/],
    [{ cmsAdapter: GENERIC, ticketSecret: "s" }, "cmsAdapter", /localTickets/],
    [{ cmsViewProbe: { deniedStatuses: 401 } }, "cmsViewProbe", /deniedStatuses .* whole numbers/],
    [{ previousTicketSecret: "old" }, "previousTicketSecret", /no ticketSecret/],
    [{ cmsUrl: "http://x/?a" }, "cmsUrl", /without query/],
    [{ cmsPublicUrl: "http://me@x/" }, "cmsPublicUrl", /without query and user/],
  ])("is refused where it is bad: %j", (bad, key, text) => {
    expect(cmsConfigProblems({ ...CONFIG, ...bad })).toEqual({
      [key]: expect.stringMatching(text) as string,
    });
  });
});
