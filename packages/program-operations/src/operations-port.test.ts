import { createServer, request, type ServerResponse } from "node:http";
import { Counter, Registry } from "prom-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen, ListenError } from "./listener.ts";
import { openOperationsPort, type Readiness } from "./operations-port.ts";

async function open(readiness: () => Readiness = () => ({ ready: true, detail: "All is well." })) {
  const metrics = new Registry();
  const counter = new Counter({ name: "things_total", help: "Things.", registers: [metrics] });
  const port = await openOperationsPort({ host: "127.0.0.1", port: 0, metrics, readiness });
  onTestFinished(() => port.close());
  return { port, counter };
}

describe("the operations port", () => {
  it("shows the metrics as Prometheus reads them", async () => {
    const { port, counter } = await open();
    counter.inc(3);
    const response = await fetch(`${port.url}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    expect(await response.text()).toBe(
      "# HELP things_total Things.\n# TYPE things_total counter\nthings_total 3\n",
    );
  });

  it("says whether the program serves, and whether it is to be sent work", async () => {
    const now = { ready: true, detail: "All is well." };
    const { port } = await open(() => now);
    expect((await fetch(`${port.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${port.url}/readyz?verbose`)).status).toBe(200);
    Object.assign(now, { ready: false, detail: "Redis does not answer." });
    const response = await fetch(`${port.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([503, now]);
    expect((await fetch(`${port.url}/healthz`)).status).toBe(200);
  });

  it("has nothing else", async () => {
    const { port } = await open();
    expect((await fetch(`${port.url}/`)).status).toBe(404);
    expect((await fetch(`${port.url}/toString`)).status).toBe(404);
    expect((await fetch(`${port.url}/metrics`, { method: "POST", body: "x" })).status).toBe(405);
  });
});

describe("a port", () => {
  it("says what to do when it cannot be opened", async () => {
    const { port } = await open();
    const taken = listen(createServer(), "127.0.0.1", port.port);
    await expect(taken).rejects.toThrow(ListenError);
    await expect(taken).rejects.toThrow(/port \d+ \(EADDRINUSE\): another program has this port/);
    await expect(listen(createServer(), "192.0.2.1", 0)).rejects.toThrow(/this machine has no such address/);
  });

  it("is reachable on this machine when it is open to all", async () => {
    const listener = await listen(
      createServer((_request, response) => response.end("here")),
      "0.0.0.0",
      0,
    );
    onTestFinished(() => listener.close());
    expect(listener.url).toBe(`http://127.0.0.1:${listener.port}`);
    expect(await (await fetch(listener.url)).text()).toBe("here");
  });

  it("finishes what it is answering, if it may take its time", async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const listener = await listen(
      createServer((_request, response) => arrived.resolve(response)),
      "127.0.0.1",
      0,
    );
    const answer = fetch(listener.url);
    const response = await arrived.promise;
    const closed = listener.close(60_000);
    await expect(fetch(listener.url)).rejects.toThrow();
    response.end("the whole answer");
    expect(await (await answer).text()).toBe("the whole answer");
    await closed;
  });

  it("closes while requests hang", async () => {
    const arrived = Promise.withResolvers<void>();
    const listener = await listen(
      createServer(() => arrived.resolve()),
      "127.0.0.1",
      0,
    );
    const hanging = request(listener.url);
    const failed = new Promise((resolve) => {
      hanging.on("error", resolve);
    });
    hanging.end();
    await arrived.promise;
    await listener.close();
    expect(await failed).toBeInstanceOf(Error);
  });
});
