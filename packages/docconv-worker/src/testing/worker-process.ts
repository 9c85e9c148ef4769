/** For tests: a worker in a process of its own, to be killed. Arguments: its options as JSON. Prints its messages. */
import { createCmsClient } from "cms-client";
import { createDocconv } from "../docconv.ts";

/** What the process is given. */
export interface WorkerProcessOptions {
  readonly cmsUrl: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  readonly credentialKey: string;
  readonly lockMs: number;
}

const { cmsUrl, ...options } = JSON.parse(process.argv[2] ?? "{}") as WorkerProcessOptions;
const cms = createCmsClient({
  baseUrl: cmsUrl,
  adapter: { kind: "generic", url: "{site}/me", userId: "/id" },
});
const publish = async (message: object): Promise<void> => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};
await createDocconv({ ...options, cms, run: "worker", jobsSecret: "unused here", publisher: { publish } });
