/** Whether the CMS answers, and which question tells who somebody is. */
import type { CmsClient } from "cms-client";
import type { StatusCheck } from "../status-check.ts";

export function cmsCheck(cms: CmsClient): StatusCheck {
  return {
    name: "CMS",
    async run(signal) {
      const { adapter, baseUrl, reachable, probe, detail } = await cms.describe(signal);
      const facts = { adapter, url: baseUrl, ...(probe !== undefined && { question: probe }) };
      return { state: reachable ? "ok" : "wrong", detail, facts };
    },
  };
}
