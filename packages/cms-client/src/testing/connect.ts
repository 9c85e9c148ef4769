/** A client of a test's CMS, closed when the test is over, and the credentials it asks with. */
import { onTestFinished } from "vitest";
import type { CmsClient } from "../cms-client.ts";
import type { CmsClientOptions } from "../cms-client-options.ts";
import { createCmsClient } from "../create-cms-client.ts";
import { Credentials } from "../credentials.ts";

/** Without cache and grace, unless the test asks for them. */
export function connect(options: CmsClientOptions): CmsClient {
  const cms = createCmsClient({ cacheSeconds: 0, graceSeconds: 0, ...options });
  onTestFinished(() => cms.close());
  return cms;
}

export function credentials(cookies: string, names?: readonly string[]): Credentials {
  const found = Credentials.fromCookieHeader(cookies, names);
  if (found === undefined) throw new Error(`No credentials in ${cookies}`);
  return found;
}
