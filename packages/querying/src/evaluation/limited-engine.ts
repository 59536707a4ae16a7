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

/** Limits for each query of a lane, and features of the language. */
export interface EngineLimits {
  /** Largest number of samples that a query holds at a time. */
  readonly maxSamples: number;
  /** Largest number of bytes of columns that a query holds at a time. */
  readonly maxBytes: number;
  readonly lookbackMs: number;
  readonly features: QueryFeatures;
}

/**
 * Creates an engine without a limit of concurrent queries, timeouts and yielding, because the caller is responsible for
 * them.
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

/** Adds the time that a query waited for a slot to its statistics. */
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

/** Runs a query, and adds its time in the queue to the result or to the error. */
export async function runWithQueueTime(engine: Engine, request: EngineRequest, queuedMs: number): Promise<QueryResult> {
  try {
    const result = await engine.query(request);
    return { ...result, stats: withQueueTime(result.stats, queuedMs) };
  } catch (error) {
    if (error instanceof QueryError && error.stats !== undefined) error.stats = withQueueTime(error.stats, queuedMs);
    throw error;
  }
}
