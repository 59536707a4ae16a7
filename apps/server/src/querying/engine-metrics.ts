import type { SelfMetrics } from "@narthex/http";
import { QueryError, type QueryStats, queuedQueryStats } from "@narthex/promql";
import type { ResultSummary, QueryLane, QueryLog, QueryRequest, QueryScheduler } from "@narthex/querying";

const SLICES = {
  queue_time: "execQueueTime",
  prepare_time: "queryPreparationTime",
  inner_eval: "innerEvalTime",
  result_sort: "resultSortTime",
} as const;

type InstrumentedLanes = Readonly<Record<"queries" | "rules", QueryLane>>;

/**
 * Returns query lanes (queues of jobs) that count their queries in Prometheus's metrics and write them to the query
 * log. `asked` is called with each user query.
 */
export function instrumentedLanes(
  scheduler: QueryScheduler,
  metrics: SelfMetrics,
  log: QueryLog,
  onQuery: (text: string) => void,
): InstrumentedLanes {
  const { queries, rules } = scheduler.lanes;
  showState([queries, rules], metrics, log);
  const memory = metrics.gauge(
    "narthex_query_memory_bytes",
    "Memory that queries, and answers that clients have not read yet, take.",
  );
  metrics.addSource(() => {
    memory.set(scheduler.usedBytes);
    return [];
  });
  showReuse(scheduler.reused, metrics);
  const count = counting(metrics);
  const ran = (request: QueryRequest, stats: QueryStats, error: string | undefined): void => {
    count(stats, error === undefined && isSorted(request, stats));
    log.write({ request, stats, error });
    if (request.origin === undefined || !("ruleGroup" in request.origin)) onQuery(request.text);
  };
  const watched = (lane: QueryLane): QueryLane => {
    const watch = async <T extends ResultSummary>(request: QueryRequest, found: Promise<T>): Promise<T> => {
      try {
        const result = await found;
        ran(request, result.stats, undefined);
        return result;
      } catch (error) {
        // Does not count a query that cannot be parsed, because it never ran.
        if (error instanceof QueryError && error.kind !== "bad-query")
          ran(request, error.stats ?? queuedQueryStats(0), error.message);
        throw error;
      }
    };
    return {
      features: lane.features,
      maxConcurrency: lane.maxConcurrency,
      listActive: () => lane.listActive(),
      evaluate: (request) => watch(request, lane.evaluate(counted(request, log))),
      answer: (request, withStats) => watch(request, lane.answer(counted(request, log), withStats)),
      explain: (request, analyze) => lane.explain(request, analyze),
      list: (request) => lane.list(request),
      parse: (text, format, signal) => lane.parse(text, format, signal),
      close: () => lane.close(),
    };
  };
  return { queries: watched(queries), rules: watched(rules) };
}

/** Adds metrics about reused query results. The counters of threads may wrap around. */
function showReuse(reused: QueryScheduler["reused"], metrics: SelfMetrics): void {
  const shown = [
    [
      () => reused.reusedSteps,
      metrics.counter(
        "narthex_query_reused_steps_total",
        "Steps of range queries that were taken from stored results.",
      ),
    ],
    [
      () => reused.evaluatedSteps,
      metrics.counter(
        "narthex_query_evaluated_steps_total",
        "Steps of range queries that were evaluated although their results can be stored.",
      ),
    ],
    [
      () => reused.sharedEvaluations,
      metrics.counter(
        "narthex_query_shared_evaluations_total",
        "Queries answered with the result of the same query of another client.",
      ),
    ],
  ] as const;
  const before = shown.map(([read]) => read());
  metrics.addSource(() => {
    for (const [i, [read, counter]] of shown.entries()) {
      const now = read();
      counter.inc((now - before[i]!) >>> 0);
      before[i] = now;
    }
    return [];
  });
}

/**
 * Returns the query request. If the query log is enabled, the request also asks for sample counts in Prometheus' sense,
 * which the log contains.
 */
const counted = (request: QueryRequest, log: QueryLog): QueryRequest =>
  log.enabled ? { ...request, samplesOf: request.samplesOf ?? "query" } : request;

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

/** Reports whether the engine sorts the result of a query: it does for range queries and for range selectors. */
const isSorted = (request: QueryRequest, { timings }: QueryStats): boolean =>
  !("time" in request) || timings.resultSortTime > 0;

function counting(metrics: SelfMetrics): (stats: QueryStats, sorted: boolean) => void {
  const help = "Query timings";
  const durations = metrics.summary("prometheus_engine_query_duration_seconds", help, [0.5, 0.9, 0.99], ["slice"]);
  // All slices are created at the start, so that the metric exists from then on. reset() keeps the slices.
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
  // Updates the metrics after the response was sent, because computing quantiles is slow.
  return (stats, sorted) => {
    if (uncounted.length === 0) setImmediate(countAll);
    uncounted.push(() => {
      samples.inc(stats.samples.totalQueryableSamples);
      for (const [slice, timing] of Object.entries(SLICES))
        if (sorted || slice !== "result_sort") durations.observe({ slice }, stats.timings[timing]);
    });
  };
}
