import type { SelfMetrics } from "@narthex/http";
import type { AnswerFacts, QueryLane } from "@narthex/querying";

const SLICES = {
  queue_time: "execQueueTime",
  prepare_time: "queryPreparationTime",
  inner_eval: "innerEvalTime",
  result_sort: "resultSortTime",
} as const;

/** Counts what lanes do, under Prometheus' names; gives back the lanes with the counting in front. */
export function measureLanes<K extends string>(
  lanes: Readonly<Record<K, QueryLane>>,
  metrics: SelfMetrics,
): Record<K, QueryLane> {
  const all = Object.values<QueryLane>(lanes);
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
    running.set(all.reduce((sum, lane) => sum + lane.listActive().length, 0));
    limit.set(all[0]?.maxConcurrency ?? 0);
    return [];
  });
  const recorded = <T extends AnswerFacts>(facts: T): T => {
    samples.inc(facts.stats.samples.totalQueryableSamples);
    for (const [slice, timing] of Object.entries(SLICES)) durations.observe({ slice }, facts.stats.timings[timing]);
    return facts;
  };
  const measured = (lane: QueryLane): QueryLane => ({
    features: lane.features,
    maxConcurrency: lane.maxConcurrency,
    listActive: () => lane.listActive(),
    evaluate: async (order) => recorded(await lane.evaluate(order)),
    answer: async (order, withStats) => recorded(await lane.answer(order, withStats)),
    close: () => lane.close(),
  });
  return Object.fromEntries(Object.entries<QueryLane>(lanes).map(([name, lane]) => [name, measured(lane)])) as Record<
    K,
    QueryLane
  >;
}
