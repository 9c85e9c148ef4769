/** Two nodes on one Redis behind one nginx, for tests: what an intranet runs, with the stretches of network between them. */
import { onTestFinished, vi } from "vitest";
import { createPublishClient } from "../publish-client.ts";
import type { Publisher } from "../publisher.ts";
import { TestBrowser } from "./test-browser.ts";
import { TestCms } from "./test-cms.ts";
import { TestNetwork } from "./test-network.ts";
import { TestNginx } from "./test-nginx.ts";
import { TestProgram } from "./test-program.ts";
import { TestRedis } from "./test-redis.ts";

const SECRET = "a-publish-secret-of-the-tests";

export class TestCluster {
  readonly cms: TestCms;
  readonly redis: TestRedis;
  /** Between the nodes and Redis. */
  readonly network: TestNetwork;
  readonly nodes: [TestProgram, TestProgram];
  readonly nginx: TestNginx;
  /** Of jane, whom the CMS knows. */
  readonly browser: TestBrowser;
  /** Through nginx, trying again what fails. */
  readonly publisher: Publisher;
  readonly #ports: readonly [number, number];

  private constructor(
    parts: Pick<TestCluster, "cms" | "redis" | "network" | "nodes" | "nginx" | "browser">,
    ports: readonly [number, number],
  ) {
    this.cms = parts.cms;
    this.redis = parts.redis;
    this.network = parts.network;
    this.nodes = parts.nodes;
    this.nginx = parts.nginx;
    this.browser = parts.browser;
    this.#ports = ports;
    this.publisher = createPublishClient({ url: `${this.nginx.origin}/push`, secret: SECRET, attempts: 6 });
  }

  static async start(): Promise<TestCluster> {
    const [cms, redis] = await Promise.all([TestCms.start(), TestRedis.start()]);
    onTestFinished(() => cms.close());
    onTestFinished(() => redis.close());
    cms.addUser("jane");
    const network = await TestNetwork.to(redis.port);
    const nodes = await Promise.all([startNode(cms, network), startNode(cms, network)]);
    const ports = [portOf(nodes[0]), portOf(nodes[1])] as const;
    const nginx = await TestNginx.start(ports);
    const browser = await TestBrowser.start(nginx.origin, "jane");
    return new TestCluster({ cms, redis, network, nodes, nginx, browser }, ports);
  }

  /** Starts a node again, where it was. */
  async restart(index: 0 | 1): Promise<void> {
    this.nodes[index] = await startNode(this.cms, this.network, this.#ports[index]);
  }

  /** Resolves when both nodes would take browsers. */
  async ready(): Promise<void> {
    const statuses = async (): Promise<readonly number[]> =>
      await Promise.all(this.nodes.map(async ({ url }) => (await fetch(`${url}/readyz`)).status));
    await vi.waitFor(async () => expectAll(await statuses(), 200), { timeout: 60_000, interval: 50 });
  }
}

function expectAll(found: readonly number[], wanted: number): void {
  if (found.some((one) => one !== wanted)) throw new Error(`The nodes answer ${found.join(" and ")}.`);
}

async function startNode(cms: TestCms, network: TestNetwork, port = 0): Promise<TestProgram> {
  const env = { REDIS_URL: `redis://127.0.0.1:${network.port}`, PUSH_PUBLISH_SECRET: SECRET };
  return await TestProgram.start({ cms, env, port });
}

function portOf(node: TestProgram): number {
  return Number(new URL(node.origin).port);
}
