import { expect, it } from "vitest";
import { Chaos } from "./testing/chaos.ts";
import { chaosSteps } from "./testing/chaos-steps.ts";

/** As long as the longest outage that is promised to do no harm. */
const OUTAGE_MS = 60_000;

it("pages have every message once, in its order, through outages of a minute, and are told of nothing missing", async () => {
  const began = performance.now();
  const chaos = await Chaos.begin({ outageMs: OUTAGE_MS, pages: 3, pauseMs: 20 });
  for (const [name, step] of chaosSteps(chaos)) {
    await step();
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(
      `${seconds} s, after ${name}: ${chaos.pages} pages have all of ${chaos.published} messages\n`,
    );
    expect(chaos.incomplete).toBe(false);
  }
});
