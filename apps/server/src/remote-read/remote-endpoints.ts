import { createHash } from "node:crypto";
import { type PrometheusConfig, redactUrl, type RemoteReadConfig } from "@narthex/config";
import type { SelfMetrics } from "@narthex/http";
import { type EndpointObserver, RemoteEndpoint, type RemoteEndpoints } from "@narthex/querying";
import type { PreparedChange } from "@narthex/runtime";
import type { Context } from "../context.ts";

/** Upper bounds of the histogram's buckets, in seconds: Prometheus' defaults, and two more for slow servers. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];
/** Number of characters of the digest that serves as the name of an entry without a name. */
const NAME_LENGTH = 6;

/**
 * Opens clients for the servers in a new configuration. They replace the previous clients when the configuration is
 * applied.
 */
export class EndpointChanges {
  readonly #context: Context;
  readonly #endpoints: RemoteEndpoints;
  readonly #localStart: () => number;
  readonly #observe: (name: string, url: string) => EndpointObserver;

  constructor(context: Context, endpoints: RemoteEndpoints, localStart: () => number) {
    this.#context = context;
    this.#endpoints = endpoints;
    this.#localStart = localStart;
    this.#observe = observing(context.metrics);
  }

  /**
   * Opens a client for each entry of `remote_read`. Rejects if two entries are equal, or if a file of a client cannot
   * be read.
   */
  async prepare({ remoteRead, global }: PrometheusConfig): Promise<PreparedChange> {
    const { clock, userAgent, metrics, logger } = this.#context;
    const names = namesOf(remoteRead);
    const outcomes = await Promise.allSettled(
      remoteRead.map((config, i) =>
        RemoteEndpoint.open({
          config,
          externalLabels: global.externalLabels,
          userAgent,
          clock,
          logger,
          dials: metrics.dialers.of("remote_storage_read_client"),
          localStart: this.#localStart,
          observer: this.#observe(names[i]!, redactUrl(config.url)),
        }),
      ),
    );
    const retire = (list: readonly RemoteEndpoint[]): void => {
      for (const endpoint of list) endpoint.retire();
    };
    const opened = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed === undefined) {
      return { apply: () => retire(this.#endpoints.replace(opened)), discard: () => retire(opened) };
    }
    retire(opened);
    throw failed.reason;
  }

  stop(): void {
    for (const endpoint of this.#endpoints.replace([])) endpoint.retire();
  }
}

/** Returns the names of the entries in metrics. Throws if two entries are equal. */
function namesOf(configs: readonly RemoteReadConfig[]): readonly string[] {
  const digests = new Set<string>();
  return configs.map((config) => {
    const digest = digestOf(config);
    if (digests.has(digest)) {
      throw new Error(
        `duplicate remote read configs are not allowed, found duplicate for URL: ${redactUrl(config.url)}`,
      );
    }
    digests.add(digest);
    return config.name === "" ? digest.slice(0, NAME_LENGTH) : config.name;
  });
}

function digestOf({ position: _position, ...config }: RemoteReadConfig): string {
  const text = JSON.stringify(config, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
  return createHash("md5").update(text).digest("hex");
}

function observing(metrics: SelfMetrics): (name: string, url: string) => EndpointObserver {
  const labels = ["remote_name", "url"] as const;
  const queries = metrics.gauge(
    "prometheus_remote_read_client_queries",
    "The number of in-flight remote read queries.",
    labels,
  );
  const total = metrics.counter(
    "prometheus_remote_read_client_queries_total",
    "The total number of remote read queries.",
    [...labels, "response_type", "code"],
  );
  const duration = metrics.histogram(
    "prometheus_remote_read_client_request_duration_seconds",
    "Histogram of the latency for remote read requests. Note that for streamed responses this is only the duration of the initial call and does not include the processing of the stream.",
    BUCKETS,
    [...labels, "response_type"],
  );
  return (name, url) => {
    const own = { remote_name: name, url };
    queries.inc(own, 0);
    return {
      begin() {
        queries.inc(own);
        return () => queries.dec(own);
      },
      answered: (type, seconds) => duration.observe({ ...own, response_type: type }, seconds),
      ended: (type, code) => total.inc({ ...own, response_type: type, code }),
    };
  };
}
