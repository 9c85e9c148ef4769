/** Puts a CMS client together: cache over queue over adapter over HTTP. */
import type { CmsAdapter } from "./adapter.ts";
import { GenericAdapter } from "./adapters/generic.ts";
import { PloneAdapter } from "./adapters/plone.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { CmsClient, CmsDescription, CmsUser } from "./cms-client.ts";
import type { CmsClientOptions } from "./cms-client-options.ts";
import { CmsUnknownError } from "./cms-error.ts";
import { CmsHttp } from "./cms-http.ts";
import { CmsUrls } from "./cms-urls.ts";
import type { Credentials } from "./credentials.ts";
import { DocumentFetcher } from "./document-fetcher.ts";
import { ImageWriter } from "./image-writer.ts";
import { judgeLocally } from "./local-tickets.ts";
import { QuestionQueue } from "./question-queue.ts";
import { ViewProbe } from "./view-probe.ts";

const MIN_WRITE_TIMEOUT_MS = 30_000;
/** Of the questions at once, as many may be about objects. */
const VIEWS_SHARE = 0.75;

/**
 * Starts nothing and asks nothing until it is asked.
 * @throws TypeError for options that cannot work
 */
export function createCmsClient(options: CmsClientOptions): CmsClient {
  const urls = new CmsUrls(options);
  const http = new CmsHttp(options.timeoutMs ?? 5000);
  // A CMS that stores an image makes smaller ones of it, too, before it answers.
  const writingHttp = new CmsHttp(Math.max(options.timeoutMs ?? 0, MIN_WRITE_TIMEOUT_MS));
  const adapter = createAdapter(options, http, urls);
  const { maxConcurrentProbes = 8, maxWaitingProbes = 20_000, maxProbeWaitMs = 30_000 } = options;
  const bounds = { maxWaiting: maxWaitingProbes, maxWaitMs: maxProbeWaitMs };
  const queue = new QuestionQueue({ ...bounds, maxConcurrent: maxConcurrentProbes });
  // Whatever one user asks to see, the others can still log in.
  const maxConcurrentViews = Math.max(1, Math.floor(maxConcurrentProbes * VIEWS_SHARE));
  const viewQueue = new QuestionQueue({ ...bounds, maxConcurrent: maxConcurrentViews, behind: queue });
  const limits = {
    cacheSeconds: options.cacheSeconds ?? 10,
    graceSeconds: options.graceSeconds ?? 300,
    maxEntries: options.maxCachedAnswers ?? 50_000,
  };
  const users = new AnswerCache<CmsUser | undefined>(queue, {
    ...limits,
    isPositive: (user) => user !== undefined,
  });
  const views = new AnswerCache<boolean>(viewQueue, { ...limits, isPositive: (visible) => visible });
  const viewProbe = new ViewProbe(http, urls, adapter, options.viewProbe);

  const whoAmI: CmsClient["whoAmI"] = async (credentials, signal, ask) => {
    const verdict = options.localTickets ? judgeLocally(credentials, options.localTickets) : "ask";
    if (verdict === "nobody") return undefined;
    if (verdict !== "ask") return verdict;
    return users.ask(credentials.hash, () => adapter.whoAmI(credentials), signal, ask);
  };

  const isSomebody = async (credentials: Credentials, signal?: AbortSignal): Promise<boolean> =>
    (await whoAmI(credentials, signal, { fresh: true })) !== undefined;
  const documents = new DocumentFetcher({ http, urls, adapter, isSomebody });
  const images = new ImageWriter({ http: writingHttp, urls, adapter, isSomebody });

  return {
    whoAmI,
    mayView: (credentials, object, signal, ask) =>
      views.ask(`${credentials.hash} ${object}`, () => viewProbe.mayView(credentials, object), signal, ask),
    fetchDocument: (credentials, url, fetchOptions) => documents.fetch(credentials, url, fetchOptions),
    writeImage: (credentials, object, image, writeOptions) =>
      images.write(credentials, object, image, writeOptions),
    describe: (signal) => describe(adapter, urls.site, signal),
    async close() {
      await Promise.all([http.close(), writingHttp.close()]);
    },
  };
}

function createAdapter(options: CmsClientOptions, http: CmsHttp, urls: CmsUrls): CmsAdapter {
  const { adapter = "plone" } = options;
  if (adapter === "plone") return new PloneAdapter(http, urls.site);
  if (options.localTickets !== undefined) {
    throw new TypeError('localTickets are Plone\'s: leave them out, or set adapter to "plone".');
  }
  return new GenericAdapter(http, urls.site, adapter);
}

async function describe(adapter: CmsAdapter, baseUrl: string, signal?: AbortSignal): Promise<CmsDescription> {
  try {
    const probe = await adapter.probe(signal);
    const detail =
      probe === undefined
        ? "The CMS answers. Which question tells who is logged in shows with the first user."
        : `The CMS answers, and says who is logged in at ${probe}.`;
    return { adapter: adapter.name, baseUrl, reachable: true, probe, detail };
  } catch (error) {
    if (!(error instanceof CmsUnknownError)) throw error;
    return { adapter: adapter.name, baseUrl, reachable: false, probe: undefined, detail: error.message };
  }
}
