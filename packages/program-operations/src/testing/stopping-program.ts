/** A program for the tests of its end: what it does when it is told to stop is its first argument. */
import { createProgramLog } from "../program-log.ts";
import { Scrubber } from "../scrubber.ts";
import { untilStopped } from "../until-stopped.ts";

const [, , behaviour, timeoutMs] = process.argv;
const scrubber = new Scrubber({ cookieNames: ["__ac"], secrets: [] });
const log = createProgramLog({ program: "stopping", level: "info", format: "json", scrubber });
const alive = setInterval(() => undefined, 1000);

untilStopped({
  log,
  timeoutMs: Number(timeoutMs),
  async close() {
    if (behaviour === "hang") await new Promise(() => undefined);
    if (behaviour === "fail") throw new Error("cannot close __ac=canary");
    clearInterval(alive);
  },
});
log.info({}, "Started.");
if (behaviour === "throw") setImmediate(() => void JSON.parse("{__ac=canary"));
if (behaviour === "reject") void Promise.reject(new Error("rejected with __ac=canary"));
