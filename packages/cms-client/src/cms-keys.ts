/** The configuration keys of a CMS client: the same ones, under the same names, in every program that has one. */

/** A part of a schema for program-config. */
export const CMS_KEYS = {
  cmsUrl: {
    type: "url",
    required: true,
    section: "CMS",
    description: "How we reach the CMS's site, such as http://127.0.0.1:8080/Plone.",
  },
  cmsPublicUrl: {
    type: "url",
    section: "CMS",
    description: "How browsers reach the same site, where that differs from cmsUrl.",
  },
  cmsDocumentBases: {
    type: "list",
    of: "url",
    section: "CMS",
    description: "More bases that documents may be fetched from, with the user's cookies.",
  },
  cmsLoginPaths: {
    type: "list",
    section: "CMS",
    description:
      "Last path segments of the CMS's login pages: a redirect to one is a refusal. Without any, Plone's own.",
  },
  cookieNames: {
    type: "list",
    default: ["__ac", "auth_token"],
    section: "CMS",
    description: "The login cookies; no other cookie is kept, or sent to the CMS.",
  },
  cmsAdapter: {
    type: "json",
    section: "CMS",
    description:
      "For a CMS that is not Plone: how it says who somebody is, an object with kind generic, url, userId and more (cms-client's GenericAdapterOptions). Without it, Plone.",
  },
  cmsViewProbe: {
    type: "json",
    section: "CMS",
    description:
      "For a CMS that is not Plone: the question whether an object may be seen (cms-client's ViewProbeOptions). Without it, the adapter's own.",
  },
  ticketSecret: {
    type: "secret",
    minLength: 1,
    section: "CMS",
    description:
      "The secret of Plone's acl_users/session: forged and expired tickets are refused without asking Plone.",
  },
  previousTicketSecret: {
    type: "secret",
    minLength: 1,
    section: "CMS",
    description: "The ticketSecret before this one, while it changes.",
  },
  ticketAlgorithm: {
    type: "string",
    choices: ["hmac-sha256", "md5"],
    default: "hmac-sha256",
    section: "CMS",
    description: "How tickets are signed; md5 with plone.session's mod_auth_tkt.",
  },
  ticketTimeoutSeconds: {
    type: "duration",
    default: 7200,
    section: "CMS",
    description: "How long a ticket is valid, as plone.session has it; 0 is for ever.",
  },
  ticketTrust: {
    type: "string",
    choices: ["refuse", "believe"],
    default: "refuse",
    section: "CMS",
    description:
      "believe: a good ticket is not put to Plone either. A logout is then not noticed, and nobody has groups.",
  },
  cmsTimeoutMs: {
    type: "duration",
    default: 5000,
    min: 1,
    section: "CMS",
    description: "How long the CMS has for an answer, and between two parts of a document.",
  },
  cmsMaxConcurrentProbes: {
    type: "integer",
    default: 8,
    min: 1,
    section: "CMS",
    description: "Questions to the CMS at once; a Plone process has four threads by default.",
  },
  cmsMaxWaitingProbes: {
    type: "integer",
    default: 20_000,
    min: 1,
    section: "CMS",
    description: "Questions that wait for their turn; one more is answered as if the CMS were away.",
  },
  cmsMaxProbeWaitMs: {
    type: "duration",
    default: 30_000,
    min: 1,
    section: "CMS",
    description: "How long a question waits for its turn before it is answered as if the CMS were away.",
  },
  cmsCacheSeconds: {
    type: "duration",
    default: 10,
    section: "CMS",
    description: "How long an answer is believed without asking again.",
  },
  cmsGraceSeconds: {
    type: "duration",
    default: 300,
    section: "CMS",
    description: "How long somebody stays known, and an object visible, while the CMS is away.",
  },
  cmsMaxCachedAnswers: {
    type: "integer",
    default: 50_000,
    min: 1,
    section: "CMS",
    description: "Answers kept, of each kind.",
  },
} as const;

/** What the keys give. */
export interface CmsConfig {
  readonly cmsUrl: string;
  readonly cmsPublicUrl: string | undefined;
  readonly cmsDocumentBases: readonly string[];
  readonly cmsLoginPaths: readonly string[];
  readonly cookieNames: readonly string[];
  readonly cmsAdapter: unknown;
  readonly cmsViewProbe: unknown;
  readonly ticketSecret: string | undefined;
  readonly previousTicketSecret: string | undefined;
  readonly ticketAlgorithm: "hmac-sha256" | "md5";
  readonly ticketTimeoutSeconds: number;
  readonly ticketTrust: "refuse" | "believe";
  readonly cmsTimeoutMs: number;
  readonly cmsMaxConcurrentProbes: number;
  readonly cmsMaxWaitingProbes: number;
  readonly cmsMaxProbeWaitMs: number;
  readonly cmsCacheSeconds: number;
  readonly cmsGraceSeconds: number;
  readonly cmsMaxCachedAnswers: number;
}
