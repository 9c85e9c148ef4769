/** Views of the features: the overview, a page for each, what its buttons publish, and what its markup fetches. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "push-protocol";
import { FEATURES } from "./features.ts";
import { featurePath, type Feature, type FeatureAction, type FeatureVisit } from "./features/feature.ts";
import { readForm } from "./forms.ts";
import { seeOther } from "./reply.ts";
import { memberPage, type Cms, type Views } from "./view.ts";
import { featureMain, featuresMain } from "./views/feature.ts";
import type { MemberVisit } from "./visit.ts";

const LONGEST_TEXT = 200;

export const featureViews: Views<MemberVisit> = Object.assign(
  {
    "GET @@features": (cms, visit) => memberPage(cms, visit, "Features", featuresMain(FEATURES)),
  } satisfies Views<MemberVisit>,
  ...FEATURES.map(viewsOf),
) as Views<MemberVisit>;

function viewsOf(feature: Feature): Views<MemberVisit> {
  const path = `@@features/${feature.name}`;
  const page: Views<MemberVisit> = {
    [`GET ${path}`]: (cms, visit) => {
      const sent = feature.actions.find(({ name }) => name === visit.url.searchParams.get("sent"));
      const who = { account: visit.account, run: String(visit.time) };
      return memberPage(cms, visit, feature.title, featureMain(feature, who, sent));
    },
  };
  const contents = Object.entries(feature.contents ?? {}).map(([name, content]) => [
    `GET ${path}/${name}`,
    content,
  ]);
  const posts = feature.actions.map((action) => [
    `POST ${path}/${action.name}`,
    async (cms: Cms, visit: MemberVisit) => {
      await act(cms, visit, action);
      return seeOther(`${featurePath(feature)}?${new URLSearchParams({ sent: action.name })}`);
    },
  ]);
  return { ...page, ...Object.fromEntries([...contents, ...posts]) };
}

async function act(cms: Cms, { account, request }: MemberVisit, action: FeatureAction): Promise<void> {
  const form = await readForm(request);
  const run = /^\d{1,16}$/.exec(form.get("run") ?? "")?.[0] ?? "0";
  const text = form.get("text")?.slice(0, LONGEST_TEXT) ?? action.text ?? "";
  const visit: FeatureVisit = { account, run };
  const messages = action.messages(visit, text);
  action.beside?.(cms, visit);
  if (action.everyMs === undefined) {
    for (const message of messages) await cms.publisher.publish(message);
    return;
  }
  // Work done away from the request: the answer does not wait for it.
  publishSlowly(cms, messages, action).catch((error: unknown) => {
    cms.logger.warn({ err: error, action: action.name }, "What a button of a feature publishes ended early.");
  });
}

async function publishSlowly(
  { publisher }: Cms,
  messages: readonly Message[],
  { afterMs = 0, everyMs }: FeatureAction,
): Promise<void> {
  await sleep(afterMs, undefined, { ref: false });
  for (const message of messages) {
    await publisher.publish(message);
    await sleep(everyMs, undefined, { ref: false });
  }
}
