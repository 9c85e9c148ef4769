/** From the configuration of a program to the options of its CMS client. */
import type { GenericAdapterOptions } from "./adapters/generic.ts";
import type { CmsClientOptions } from "./cms-client-options.ts";
import type { CmsConfig } from "./cms-keys.ts";
import { createCmsClient } from "./create-cms-client.ts";
import { shapeProblem, type Shape } from "./json-shape.ts";
import type { ViewProbeOptions } from "./view-probe.ts";

/** For createCmsClient; check it with {@link cmsConfigProblems} first. */
export function cmsClientOptions(config: CmsConfig): CmsClientOptions {
  const { cmsPublicUrl, cmsLoginPaths, cmsAdapter, cmsViewProbe, ticketSecret, previousTicketSecret } =
    config;
  const secrets = [ticketSecret, previousTicketSecret].filter((secret) => secret !== undefined);
  return {
    baseUrl: config.cmsUrl,
    ...(cmsPublicUrl !== undefined && { publicUrl: cmsPublicUrl }),
    documentBases: config.cmsDocumentBases,
    ...(cmsLoginPaths.length > 0 && { loginPaths: cmsLoginPaths }),
    ...(cmsAdapter !== undefined && { adapter: cmsAdapter as "plone" | GenericAdapterOptions }),
    ...(cmsViewProbe !== undefined && { viewProbe: cmsViewProbe as ViewProbeOptions }),
    ...(secrets.length > 0 && {
      localTickets: {
        secret: secrets,
        algorithm: config.ticketAlgorithm,
        timeoutSeconds: config.ticketTimeoutSeconds,
        trust: config.ticketTrust,
      },
    }),
    timeoutMs: config.cmsTimeoutMs,
    maxConcurrentProbes: config.cmsMaxConcurrentProbes,
    maxWaitingProbes: config.cmsMaxWaitingProbes,
    maxProbeWaitMs: config.cmsMaxProbeWaitMs,
    cacheSeconds: config.cmsCacheSeconds,
    graceSeconds: config.cmsGraceSeconds,
    maxCachedAnswers: config.cmsMaxCachedAnswers,
  };
}

/** What no key can say for itself, by the key that is bad: what is wrong, and what to write. */
export function cmsConfigProblems(config: CmsConfig): Partial<Record<keyof CmsConfig, string>> {
  const { cookieNames, cmsAdapter, cmsViewProbe, ticketSecret, previousTicketSecret } = config;
  const problems: [keyof CmsConfig, string | undefined][] = [
    ["cmsAdapter", shapeProblem(cmsAdapter, ADAPTER_SHAPE, ["kind", "url", "userId"])],
    ["cmsViewProbe", shapeProblem(cmsViewProbe, PROBE_SHAPE, [])],
  ];
  if (cookieNames.length === 0) problems.push(["cookieNames", "It is empty: name the CMS's login cookie."]);
  if (ticketSecret === undefined && previousTicketSecret !== undefined) {
    problems.push(["previousTicketSecret", "There is no ticketSecret that comes after it: set that, too."]);
  }
  const found = problems.filter((problem): problem is [keyof CmsConfig, string] => problem[1] !== undefined);
  return Object.fromEntries(found.length > 0 ? found : wholeProblem(config));
}

const ADAPTER_SHAPE: Readonly<Record<keyof GenericAdapterOptions, Shape>> = {
  kind: ["generic"],
  url: "string",
  method: ["GET", "POST"],
  body: "string",
  cookies: "strings",
  headers: "texts by name",
  okStatuses: "integers",
  anonymousStatuses: "integers",
  contentType: "string",
  userId: "string",
  groups: "string",
  groupId: "string",
};

const PROBE_SHAPE: Readonly<Record<keyof ViewProbeOptions, Shape>> = {
  url: "string",
  uidUrl: "string",
  method: ["GET", "HEAD"],
  accept: "string",
  contentType: "string",
  okStatuses: "integers",
  deniedStatuses: "integers",
};

/** The client itself says what does not fit together: it asks nothing until it is asked. */
function wholeProblem(config: CmsConfig): readonly [keyof CmsConfig, string][] {
  try {
    void createCmsClient(cmsClientOptions(config)).close();
    return [];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const options = {
      baseUrl: "cmsUrl",
      publicUrl: "cmsPublicUrl",
      documentBases: "cmsDocumentBases",
    } as const;
    const option = (Object.keys(options) as (keyof typeof options)[]).find((name) =>
      error.message.startsWith(name),
    );
    return [[option === undefined ? "cmsAdapter" : options[option], error.message]];
  }
}
