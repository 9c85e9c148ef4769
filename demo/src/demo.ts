/** The composition root: a CMS, a push server and a docconv worker behind one HTTP server. */
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { createCmsClient } from "cms-client";
import { createDocconv, createJobClient, type Docconv, type DocconvMetrics } from "docconv-worker";
import { createPublishClient, createPushServer, type Logger, type PushServer } from "push-server";
import { Assets } from "./assets.ts";
import { answer } from "./cms.ts";
import { Debts } from "./debts.ts";
import { DocumentStore } from "./document-store.ts";
import { News } from "./news.ts";
import { northquay } from "./northquay.ts";
import { Outages } from "./outages.ts";
import { send } from "./reply.ts";
import { Sessions } from "./sessions.ts";
import type { Cms } from "./view.ts";
import { trusted } from "./views/html.ts";

export interface DemoOptions {
  /** 0 for any that is free. Default 8080. */
  readonly port?: number;
  /** The interface that it listens on. Default 127.0.0.1: nobody else's. */
  readonly host?: string;
  /** With it the queue is BullMQ and the message log a Redis Stream; without it both are in memory. */
  readonly redisUrl?: string;
  /** Where documents and previews stay. Default: a temporary folder, removed at the end. */
  readonly dataFolder?: string;
  /** Everything secret derives from it. Default: a new one, so that a restart ends all sessions. */
  readonly secret?: string;
  /** What `npm run build` made. Default dist/client. */
  readonly clientFolder?: string;
  /** The largest upload. Default 20 MB (20,000,000). */
  readonly maxUploadBytes?: number;
  /** How long a login lasts. Default 7200, as plone.session's. */
  readonly sessionTimeoutSeconds?: number;
  /** Default: silent. */
  readonly logger?: Logger;
  /** What the worker counts and measures. Default: nothing. */
  readonly docconvMetrics?: DocconvMetrics;
}

export interface Demo {
  /** As in `http://127.0.0.1:8080`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The uploader waits for the answer meanwhile; what fails is owed, and can be asked for again. */
const PATIENCE = { timeoutMs: 2000, attempts: 2 };

const silent = () => undefined;
const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };

/** Everything that runs: what starts later ends earlier. */
export async function createDemo(options: DemoOptions = {}): Promise<Demo> {
  const { port = 8080, host = "127.0.0.1", logger = silentLogger, redisUrl } = options;
  const secret = options.secret ?? randomBytes(32).toString("hex");
  const secretFor = (purpose: string) => createHmac("sha256", secret).update(purpose).digest("hex");
  const closing = new AsyncDisposableStack();
  try {
    const assets = await Assets.load(options.clientFolder ?? join(import.meta.dirname, "../dist/client"));
    const dataFolder = options.dataFolder ?? (await temporaryFolder(closing));
    const services = Promise.withResolvers<Services>();
    services.promise.catch(silent); // whoever started the demo is told
    const server = await listen(port, host, assets, services.promise);
    closing.defer(() => closeServer(server));
    // The worker and the push server ask the CMS over HTTP, as they would ask a Plone next door.
    const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const cmsClient = createCmsClient({ baseUrl: own });
    closing.defer(() => cmsClient.close());
    const publishSecret = secretFor("publish");
    const push = await createPushServer({
      cms: cmsClient,
      publishSecret,
      logger,
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    closing.defer(() => push.close());
    const jobsSecret = secretFor("jobs");
    const docconv = await createDocconv({
      cms: cmsClient,
      publisher: push,
      dataDir: join(dataFolder, "docconv"),
      jobsSecret,
      credentialKey: secretFor("credentials"),
      // A demo on one's own machine, with one's own documents; a server would rather not start without bubblewrap.
      allowUnsandboxed: true,
      logger,
      ...(options.docconvMetrics ? { metrics: options.docconvMetrics } : {}),
      ...(redisUrl === undefined ? {} : { redisUrl }),
    });
    closing.defer(() => docconv.close());

    const store = new DocumentStore(join(dataFolder, "documents"));
    const site = northquay(await store.load());
    const previewOf = async (uid: string) => trusted(await docconv.previews.snippet(uid));
    const publisher = createPublishClient({ url: `${own}/push`, secret: publishSecret, ...PATIENCE });
    const news = new News(publisher, site);
    const jobs = createJobClient({ url: own, secret: jobsSecret, timeoutMs: PATIENCE.timeoutMs });
    const cms: Cms = {
      site,
      store,
      news,
      publisher,
      outages: new Outages(),
      connections: () => push.connections,
      previewOf,
      logger,
      sessions: new Sessions({
        site,
        secret: secretFor("tickets"),
        timeoutSeconds: options.sessionTimeoutSeconds ?? 7200,
      }),
      debts: new Debts({ site, store, news, jobs, baseUrl: own, previewOf, logger }),
      signOutEverywhere: (account) => push.closeConnections(account.id),
      maxUploadBytes: options.maxUploadBytes ?? 20_000_000,
    };
    services.resolve({ cms, push, docconv });
    const owned = closing.move();
    return {
      url: host === "127.0.0.1" ? own : own.replace("127.0.0.1", host),
      close: () => owned.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

interface Services {
  readonly cms: Cms;
  readonly push: PushServer;
  readonly docconv: Docconv;
}

/** Listens at once, since the services need its address; requests wait until these are there. */
async function listen(
  port: number,
  host: string,
  assets: Assets,
  services: Promise<Services>,
): Promise<Server> {
  const server = createServer((request, response) => {
    if (assets.handle(request, response)) return;
    services.then((ready) => serve(ready, request, response)).catch(() => response.destroy());
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    services
      .then((ready) => upgrade(ready, request, socket, head) || socket.destroy())
      .catch(() => socket.destroy());
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

function upgrade({ push, cms }: Services, request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
  const account = cms.sessions.accountOf(request.headers.cookie)?.id;
  if (!cms.outages.isOver(account) || !push.handleUpgrade(request, socket, head)) return false;
  if (account !== undefined) cms.outages.watch(account, socket);
  return true;
}

async function serve(
  { push, docconv, cms }: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (
    request.url?.startsWith("/push/") &&
    !cms.outages.isOver(cms.sessions.accountOf(request.headers.cookie)?.id)
  )
    return void response.destroy();
  if (push.handle(request, response) || docconv.handle(request, response)) return;
  await send(request, response, await answer(cms, request));
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function temporaryFolder(closing: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "northquay-"));
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
