/** What the worker counts and measures, as Prometheus scrapes it. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { DocconvMetrics } from "./metrics.ts";
import type { QueueCounts } from "./queue.ts";

const SECONDS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120];

/** Labels are kinds, converters, outcomes and codes: never a user, a document or a topic. */
export class PrometheusMetrics implements DocconvMetrics {
  /** What a scrape reads. */
  readonly registry: Registry = new Registry();
  readonly #accepted: Counter<"kind" | "outcome">;
  readonly #jobs: Histogram<"kind" | "outcome">;
  readonly #converted: Histogram<"converter" | "outcome">;
  readonly #firstPage: Histogram<"converter">;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#accepted = new Counter({
      name: "docconv_jobs_accepted_total",
      help: "Jobs that were taken in; merged into a waiting one of their key, or duplicates of a known one, too.",
      labelNames: ["kind", "outcome"],
      registers,
    });
    this.#jobs = new Histogram({
      name: "docconv_job_seconds",
      help: "Runs of jobs, by how they ended.",
      labelNames: ["kind", "outcome"],
      buckets: SECONDS,
      registers,
    });
    this.#converted = new Histogram({
      name: "docconv_convert_seconds",
      help: "Conversions, by what converted and how it ended: done, partial, or the code of a problem.",
      labelNames: ["converter", "outcome"],
      buckets: SECONDS,
      registers,
    });
    this.#firstPage = new Histogram({
      name: "docconv_first_page_seconds",
      help: "From a document's arrival to its page 1 stored at every scale.",
      labelNames: ["converter"],
      buckets: SECONDS,
      registers,
    });
  }

  jobAccepted(kind: string, outcome: "queued" | "merged" | "duplicate"): void {
    this.#accepted.inc({ kind, outcome });
  }

  jobFinished(kind: string, outcome: "completed" | "failed" | "retried", seconds: number): void {
    this.#jobs.observe({ kind, outcome }, seconds);
  }

  converted(converter: string, outcome: string, seconds: number): void {
    this.#converted.observe({ converter, outcome }, seconds);
  }

  firstPage(converter: string, seconds: number): void {
    this.#firstPage.observe({ converter }, seconds);
  }

  /** @param counts of the queue; asked at every scrape, and left out of it when they are not to be had */
  watchQueue(counts: () => Promise<QueueCounts>): void {
    const gauge: Gauge<"state"> = new Gauge({
      name: "docconv_queue_jobs",
      help: "Jobs on the queue by state: the same for all processes that share it.",
      labelNames: ["state"],
      registers: [this.registry],
      async collect() {
        gauge.reset();
        for (const [state, count] of Object.entries(await counts().catch(() => ({}))))
          gauge.set({ state }, count);
      },
    });
  }
}
