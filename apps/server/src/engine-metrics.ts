import type { SelfMetrics } from "@narthex/http";
import type { Engine, QueryRequest, QueryResult } from "@narthex/promql";

const SLICES = {
  queue_time: "execQueueTime",
  prepare_time: "queryPreparationTime",
  inner_eval: "innerEvalTime",
  result_sort: "resultSortTime",
} as const;

/** Counts what engines do, under Prometheus' names; gives back the engines with the counting in front. */
export function measureEngines<K extends string>(
  engines: Readonly<Record<K, Engine>>,
  metrics: SelfMetrics,
): Record<K, Engine> {
  const all = Object.values<Engine>(engines);
  const help = "Query timings";
  const durations = metrics.summary("prometheus_engine_query_duration_seconds", help, [0.5, 0.9, 0.99], ["slice"]);
  const samples = metrics.counter(
    "prometheus_engine_query_samples_total",
    "The total number of samples loaded by all queries.",
  );
  const running = metrics.gauge(
    "prometheus_engine_queries",
    "The current number of queries being executed or waiting.",
  );
  const limit = metrics.gauge("prometheus_engine_queries_concurrent_max", "The max number of concurrent queries.");
  metrics.gauge("prometheus_engine_query_log_enabled", "State of the query log.").set(0);
  metrics.counter("prometheus_engine_query_log_failures_total", "The number of query log failures.");
  metrics.addSource(() => {
    running.set(all.reduce((sum, engine) => sum + engine.listActive().length, 0));
    limit.set(all[0]?.maxConcurrency ?? 0);
    return [];
  });
  const record = ({ stats }: QueryResult): void => {
    samples.inc(stats.samples.totalQueryableSamples);
    for (const [slice, timing] of Object.entries(SLICES)) durations.observe({ slice }, stats.timings[timing]);
  };
  const measured = (engine: Engine): Engine => ({
    features: engine.features,
    maxConcurrency: engine.maxConcurrency,
    get waiting() {
      return engine.waiting;
    },
    listActive: () => engine.listActive(),
    async query(request: QueryRequest) {
      const result = await engine.query(request);
      record(result);
      return result;
    },
  });
  return Object.fromEntries(
    Object.entries<Engine>(engines).map(([name, engine]) => [name, measured(engine)]),
  ) as Record<K, Engine>;
}
