/** What breaks under a cluster, step by step, for tests: what is killed starts again, and each step ends when all pages are complete. */
import type { Chaos } from "./chaos.ts";

type Step = readonly [name: string, run: () => Promise<void>];

export function chaosSteps(chaos: Chaos): readonly Step[] {
  const { cluster } = chaos;
  const { nodes, redis, network, browser } = cluster;
  return [
    ["a node is killed", () => chaos.while(() => killAndRestart(0))],
    ["the other one is killed", () => chaos.while(() => killAndRestart(1))],
    [
      "a node is stopped in order",
      () =>
        chaos.while(async () => {
          await nodes[0].kill("SIGTERM");
          await cluster.restart(0);
        }),
    ],
    [
      "Redis is killed",
      () =>
        chaos.while(async () => {
          await redis.stop("SIGKILL");
          await redis.start();
          await cluster.ready();
        }),
    ],
    [
      "the nodes are cut off from Redis",
      () =>
        chaos.whileXadd(async () => {
          network.cut();
          await chaos.outage();
          network.restore();
        }),
    ],
    [
      "the network between them falls silent",
      () =>
        chaos.whileXadd(async () => {
          network.silence();
          await chaos.outage();
          network.restore();
        }),
    ],
    [
      "the browsers are cut off",
      () =>
        chaos.while(async () => {
          browser.offline = true;
          browser.cut();
          await chaos.outage();
          browser.offline = false;
        }),
    ],
    [
      "all of it at once",
      () =>
        chaos.whileXadd(async () => {
          browser.offline = true;
          browser.cut();
          network.cut();
          await Promise.all([killAndRestart(0), killAndRestart(1)]);
          network.restore();
          browser.offline = false;
          await cluster.ready();
        }),
    ],
  ];

  async function killAndRestart(index: 0 | 1): Promise<void> {
    await nodes[index].kill("SIGKILL");
    await cluster.restart(index);
  }
}
