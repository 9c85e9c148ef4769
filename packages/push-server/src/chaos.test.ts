import { describe, expect, it } from "vitest";
import { Chaos } from "./testing/chaos.ts";
import { chaosSteps } from "./testing/chaos-steps.ts";

/** The others take longer: `npm run push-server:chaos -w bench`. */
const SHORT = new Set([
  "a node is killed",
  "the other one is killed",
  "Redis is killed",
  "the browsers are cut off",
]);

describe("pages over every transport, on two nodes behind nginx", { timeout: 300_000 }, () => {
  it("have every message once, in its order, whatever breaks under them, and are told of nothing missing", async () => {
    const chaos = await Chaos.begin({ outageMs: 1500, pages: 1, pauseMs: 5 });
    for (const [name, step] of chaosSteps(chaos)) if (SHORT.has(name)) await step();
    expect(chaos.incomplete).toBe(false);
  });
});
