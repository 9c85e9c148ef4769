/** A document through intake, queue, worker, converter, log and socket, live. */
import type { StatusCheck } from "../status-check.ts";
import { STATUS_USER } from "../status-login.ts";
import type { Connect } from "./round-trip-check.ts";

/** A job that announces `preview:<uid>` when it is through. */
interface StatusJob {
  readonly kind: "docconv";
  readonly user: string;
  readonly cookie: string;
  readonly document: { readonly uid: string; readonly url: string; readonly download: string };
}

/** Takes it to the intake. */
export type EnqueueStatusJob = (job: StatusJob, signal: AbortSignal) => Promise<unknown>;

const UID = "push-server-status-check";

export interface JobCheckOptions {
  readonly connect: Connect;
  readonly enqueue: EnqueueStatusJob;
  /** A Cookie header of the status page's own user. */
  readonly cookie: () => string;
  /** The document needs a URL of the CMS. */
  readonly cmsUrl: string;
}

export function jobCheck({ connect, enqueue, cookie, cmsUrl }: JobCheckOptions): StatusCheck {
  return {
    name: "A document, from the queue to a browser",
    async run(signal) {
      const connection = await connect(signal);
      try {
        const started = performance.now();
        const document = { uid: UID, url: cmsUrl, download: cmsUrl };
        await enqueue({ kind: "docconv", user: STATUS_USER.id, cookie: cookie(), document }, signal);
        const { message } = await connection.message(
          ({ message: { key, kind } }) => key === `preview:${UID}` && (kind === "done" || kind === "failed"),
        );
        const facts = { "upload to preview ms": Math.round(performance.now() - started) };
        return message.kind === "done"
          ? { state: "ok", detail: "It was converted, and its preview announced.", facts }
          : { state: "wrong", detail: "It was not converted: see the log, and docconv-worker check.", facts };
      } finally {
        connection.close();
      }
    },
  };
}
