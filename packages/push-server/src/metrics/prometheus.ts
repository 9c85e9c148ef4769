/** What the server counts, as Prometheus reads it: no user, topic or session is ever a label. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { PushMetrics } from "../metrics.ts";
import type { PushServerState } from "../push-server-state.ts";
import type { TransportName } from "../transport.ts";

/** @param registry where the metrics are registered; their names begin with `push_` */
export function createPrometheusMetrics(registry: Registry): PushMetrics {
  const registers = [registry];
  const open = new Gauge({
    name: "push_connections",
    help: "Connections that are open now.",
    labelNames: ["transport"],
    registers,
  });
  const opened = new Counter({
    name: "push_connections_opened_total",
    help: "Connections that were opened.",
    labelNames: ["transport"],
    registers,
  });
  const closed = new Counter({
    name: "push_connections_closed_total",
    help: "Connections that ended, by the name of their close code; gone: the client went by itself.",
    labelNames: ["transport", "reason"],
    registers,
  });
  const refused = new Counter({
    name: "push_requests_refused_total",
    help: "Requests that were answered with an error instead of being let through.",
    labelNames: ["status"],
    registers,
  });
  const messages = new Counter({
    name: "push_messages_total",
    help: "Records read from the message log: relayed, superseded by a later one, or invalid.",
    labelNames: ["outcome"],
    registers,
  });
  const deliveries = new Counter({
    name: "push_deliveries_total",
    help: "Messages handed to connections: each counts once for each connection.",
    registers,
  });
  const recoveries = new Counter({
    name: "push_recoveries_total",
    help: "Clients that came back with a cursor; incomplete: something may be missing, and the page refetches.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    connectionOpened(transport: TransportName) {
      open.inc({ transport });
      opened.inc({ transport });
    },
    connectionClosed(transport: TransportName, reason: string) {
      open.dec({ transport });
      closed.inc({ transport, reason });
    },
    refused: (status) => refused.inc({ status }),
    recordRead: (outcome) => messages.inc({ outcome }),
    delivered: (connections) => deliveries.inc(connections),
    recovered: (outcome) => recoveries.inc({ outcome }),
  };
}

/** What is looked up when Prometheus asks. */
export function registerStateMetrics(registry: Registry, state: () => PushServerState): void {
  const gauges: Readonly<Record<string, readonly [help: string, value: (state: PushServerState) => number]>> =
    {
      push_ready: ["1 if browsers may be sent here.", ({ ready }) => Number(ready)],
      push_log_up: ["1 if the message log answers.", ({ log }) => Number(log.ok)],
      push_handshakes: ["Requests that wait for the CMS.", ({ handshakes }) => handshakes],
      push_retained_messages: ["Messages kept for browsers that are away.", ({ window }) => window.entries],
      push_retained_bytes: ["Memory that kept messages take.", ({ window }) => window.bytes],
      push_retained_topics: ["Topics that have kept messages.", ({ window }) => window.topics],
    };
  for (const [name, [help, value]] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => gauge.set(value(state())),
    });
  }
}
