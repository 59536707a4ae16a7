import {
  createEngine,
  type Engine,
  QueryError,
  type QueryFeatures,
  type EngineRequest,
  type QueryResult,
  type QueryStats,
  secondsOf,
} from "@narthex/promql";
import type { Clock } from "@narthex/runtime";

/** Limits for each query, and features of the query language. */
export interface EngineLimits {
  /** Maximum number of samples that a query holds in memory at a time. */
  readonly maxSamples: number;
  /** Maximum number of bytes that the results of a query and of its parts may have in memory. */
  readonly maxBytes: number;
  readonly lookbackMs: number;
  readonly features: QueryFeatures;
}

/**
 * Creates an engine without a limit for concurrent queries, without a timeout, and without yielding to other work. The
 * caller must provide these three functions.
 */
export function createLimitedEngine(
  { maxSamples, maxBytes, lookbackMs, features }: EngineLimits,
  clock: Clock,
): Engine {
  return createEngine({
    clock,
    maxSamples,
    maxBytes,
    lookbackMs,
    features,
    maxConcurrency: Infinity,
    timeoutMs: Infinity,
  });
}

/** Adds the time that a query waited in the queue to the query's statistics. */
function withQueueTime(stats: QueryStats, queuedMs: number): QueryStats {
  const { timings } = stats;
  const after = (seconds: number): number => secondsOf(seconds * 1000 + queuedMs);
  return {
    ...stats,
    timings: {
      ...timings,
      execQueueTime: after(timings.execQueueTime),
      execTotalTime: after(timings.execTotalTime),
    },
  };
}

/** Runs a query. Adds the time in the queue to the statistics of the result or of the error. */
export async function runWithQueueTime(engine: Engine, request: EngineRequest, queuedMs: number): Promise<QueryResult> {
  try {
    const result = await engine.query(request);
    return { ...result, stats: withQueueTime(result.stats, queuedMs) };
  } catch (error) {
    if (error instanceof QueryError && error.stats !== undefined) error.stats = withQueueTime(error.stats, queuedMs);
    throw error;
  }
}
