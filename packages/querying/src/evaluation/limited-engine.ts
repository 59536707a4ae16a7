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

/** Bounds of each query of a lane, and what the language means. */
export interface EngineLimits {
  /** Samples a query may hold at a time. */
  readonly maxSamples: number;
  /** Bytes of columns it may hold at a time. */
  readonly maxBytes: number;
  readonly lookbackMs: number;
  readonly features: QueryFeatures;
}

/** An engine that leaves slots, timeouts and turns to whoever takes queries in. */
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

/** Stats with the time that their query waited for a slot. */
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

/** Runs a query; what it comes to, also where it fails, knows how long it had waited. */
export async function runWithQueueTime(engine: Engine, request: EngineRequest, queuedMs: number): Promise<QueryResult> {
  try {
    const result = await engine.query(request);
    return { ...result, stats: withQueueTime(result.stats, queuedMs) };
  } catch (error) {
    if (error instanceof QueryError && error.stats !== undefined) error.stats = withQueueTime(error.stats, queuedMs);
    throw error;
  }
}
