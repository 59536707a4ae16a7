import type { SelfMetrics } from "@narthex/http";
import { QueryError, type QueryStats, statsOfWaiting } from "@narthex/promql";
import type { AnswerFacts, QueryLane, QueryLog, QueryOrder } from "@narthex/querying";

const SLICES = {
  queue_time: "execQueueTime",
  prepare_time: "queryPreparationTime",
  inner_eval: "innerEvalTime",
  result_sort: "resultSortTime",
} as const;

type LaneMap<K extends string> = Readonly<Record<K, QueryLane>>;

/**
 * Counts what lanes do, under Prometheus' names, and writes their queries to the query log; gives back the lanes with
 * this in front.
 */
export function watchLanes<K extends string>(lanes: LaneMap<K>, metrics: SelfMetrics, log: QueryLog): LaneMap<K> {
  showState(Object.values<QueryLane>(lanes), metrics, log);
  const count = counting(metrics);
  const ran = (order: QueryOrder, stats: QueryStats, error: string | undefined): void => {
    count(stats, error === undefined && isSorted(order, stats));
    log.write({ order, stats, error });
  };
  const watched = (lane: QueryLane): QueryLane => {
    const watch = async <T extends AnswerFacts>(order: QueryOrder, found: Promise<T>): Promise<T> => {
      try {
        const facts = await found;
        ran(order, facts.stats, undefined);
        return facts;
      } catch (error) {
        // What cannot be parsed was never run.
        if (error instanceof QueryError && error.kind !== "bad-query")
          ran(order, error.stats ?? statsOfWaiting(0), error.message);
        throw error;
      }
    };
    return {
      features: lane.features,
      maxConcurrency: lane.maxConcurrency,
      listActive: () => lane.listActive(),
      evaluate: (order) => watch(order, lane.evaluate(counted(order, log))),
      answer: (order, withStats) => watch(order, lane.answer(counted(order, log), withStats)),
      read: (text, form) => lane.read(text, form),
      close: () => lane.close(),
    };
  };
  return Object.fromEntries(Object.entries<QueryLane>(lanes).map(([name, lane]) => [name, watched(lane)])) as Record<
    K,
    QueryLane
  >;
}

/** The log tells Prometheus' counts of samples. */
const counted = (order: QueryOrder, log: QueryLog): QueryOrder =>
  log.enabled ? { ...order, samplesOf: order.samplesOf ?? "query" } : order;

function showState(lanes: readonly QueryLane[], metrics: SelfMetrics, log: QueryLog): void {
  const running = metrics.gauge(
    "prometheus_engine_queries",
    "The current number of queries being executed or waiting.",
  );
  const limit = metrics.gauge("prometheus_engine_queries_concurrent_max", "The max number of concurrent queries.");
  const enabled = metrics.gauge("prometheus_engine_query_log_enabled", "State of the query log.");
  const failures = metrics.counter("prometheus_engine_query_log_failures_total", "The number of query log failures.");
  let lost = 0;
  metrics.addSource(() => {
    running.set(lanes.reduce((sum, lane) => sum + lane.listActive().length, 0));
    limit.set(lanes[0]?.maxConcurrency ?? 0);
    enabled.set(log.enabled ? 1 : 0);
    failures.inc(log.failures - lost);
    lost = log.failures;
    return [];
  });
}

/** Is the result one that is brought into order: a range of times, or the samples of a range? */
const isSorted = (order: QueryOrder, { timings }: QueryStats): boolean =>
  !("time" in order) || timings.resultSortTime > 0;

function counting(metrics: SelfMetrics): (stats: QueryStats, sorted: boolean) => void {
  const help = "Query timings";
  const durations = metrics.summary("prometheus_engine_query_duration_seconds", help, [0.5, 0.9, 0.99], ["slice"]);
  // All slices are there from the start; what is reset stays.
  for (const slice of Object.keys(SLICES)) durations.observe({ slice }, 0);
  durations.reset();
  const samples = metrics.counter(
    "prometheus_engine_query_samples_total",
    "The total number of samples loaded by all queries.",
  );
  let uncounted: (() => void)[] = [];
  const countAll = (): void => {
    const counts = uncounted;
    uncounted = [];
    for (const count of counts) count();
  };
  metrics.addSource(() => {
    countAll();
    return [];
  });
  // The answer goes out first: quantiles take longer than anything else that is done for it here.
  return (stats, sorted) => {
    if (uncounted.length === 0) setImmediate(countAll);
    uncounted.push(() => {
      samples.inc(stats.samples.totalQueryableSamples);
      for (const [slice, timing] of Object.entries(SLICES))
        if (sorted || slice !== "result_sort") durations.observe({ slice }, stats.timings[timing]);
    });
  };
}
