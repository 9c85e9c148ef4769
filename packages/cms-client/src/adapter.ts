/** The port of a CMS's own ways: who somebody is, and how credentials travel. Caching is above, HTTP below. */
import type { CmsUser } from "./cms-client.ts";
import type { Credentials } from "./credentials.ts";
import type { ViewProbeOptions } from "./view-probe.ts";

export interface CmsAdapter {
  readonly name: "plone" | "generic";

  /** Asks the CMS; undefined: anonymous. @throws CmsUnknownError */
  whoAmI(credentials: Credentials): Promise<CmsUser | undefined>;

  /** The headers that say who asks. */
  headers(credentials: Credentials): Record<string, string>;

  /** What to ask whether an object may be seen; a yes to any is a yes. */
  readonly viewQuestions: readonly ViewProbeOptions[];

  /** Which question settles who somebody is, asked without credentials; undefined: not known yet. */
  probe(signal?: AbortSignal): Promise<string | undefined>;
}
