import { createEngine, type Engine, type QueryFeatures, type QueryResult } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { nextTurn } from "./next-turn.ts";

/** Bounds of each query of a lane, and what the language means. */
export interface LaneLimits {
  /** Samples a query may hold at a time. */
  readonly maxSamples: number;
  /** Bytes of columns it may hold at a time. */
  readonly maxBytes: number;
  readonly lookbackMs: number;
  readonly features: QueryFeatures;
}

/** An engine that leaves slots and timeouts to whoever takes queries in. */
export function laneEngine({ maxSamples, maxBytes, lookbackMs, features }: LaneLimits, clock: Clock): Engine {
  return createEngine({
    clock,
    maxSamples,
    maxBytes,
    lookbackMs,
    features,
    maxConcurrency: Infinity,
    timeoutMs: Infinity,
    yieldTurn: nextTurn,
  });
}

/** The result with the time that its query waited for a slot in its stats. */
export function withQueueTime(result: QueryResult, queuedMs: number): QueryResult {
  const { timings } = result.stats;
  const queued = queuedMs / 1000;
  return {
    ...result,
    stats: {
      ...result.stats,
      timings: {
        ...timings,
        execQueueTime: timings.execQueueTime + queued,
        execTotalTime: timings.execTotalTime + queued,
      },
    },
  };
}
