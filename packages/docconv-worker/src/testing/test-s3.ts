/** For tests: an object store that speaks S3, on a free port, with an empty bucket. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { S3Options } from "../object-stores/s3-object-store.ts";

/** A running object store. */
export interface TestS3 {
  readonly options: S3Options;
  close(): Promise<void>;
}

const PROGRAM = `
import { startFauxqs } from ${JSON.stringify(import.meta.resolve("fauxqs"))};
const server = await startFauxqs({ port: 0, logger: false });
server.createBucket("previews");
console.log(server.port);`;

/**
 * Starts fauxqs, in a process of its own. It lets in whoever asks; object-store-contract.test.ts says how to test
 * against another one.
 */
export async function startS3(): Promise<TestS3> {
  const flags = ["--no-warnings", "--input-type=module", "--eval", PROGRAM];
  const server = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  return {
    options: {
      url: `http://127.0.0.1:${Number(port.toString())}/previews`,
      accessKeyId: "test-key",
      secretAccessKey: "test-secret",
    },
    async close() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
  };
}
