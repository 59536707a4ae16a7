import type { FloatHistogram } from "@narthex/model";
import type { EngineClock } from "../../deadline.ts";
import { createEngine, type Engine, type EngineRequest } from "../../engine.ts";
import { forEachSample, type QueryResult, scalarValue } from "../../query-result.ts";
import { QueryError } from "../../query-error.ts";
import type { ScriptValue } from "./compare.ts";
import type { ScriptEngine, ScriptOutcome } from "./run.ts";

/** A clock that never advances, because scripts do not test durations. */
const STILL: EngineClock = {
  now: () => 0,
  monotonic: () => 0,
  sleep: () => Promise.resolve(),
  after: () => () => {},
};

/** Returns our engine with all features that promqltest scripts may use. */
export const fullEngine = (): Engine =>
  createEngine({
    clock: STILL,
    maxSamples: 10_000,
    features: {
      delayedNameRemoval: true,
      useStartTimestamps: true,
      experimentalFunctions: true,
      extendedRangeSelectors: true,
      binopFillModifiers: true,
      durationExpressions: true,
    },
  });

/** Returns our engine with the settings and the interface that promqltest scripts expect. */
export function scriptEngine(): ScriptEngine {
  const engine = fullEngine();
  const run = async (request: EngineRequest): Promise<ScriptOutcome> => {
    try {
      const result = await engine.query(request);
      return { ok: true, value: valueOf(result), warnings: result.warnings, infos: result.infos };
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return { ok: false, error: error.message };
    }
  };
  return {
    instant: (queryable, text, time) => run({ queryable, text, time }),
    range: (queryable, text, start, end, step) => run({ queryable, text, start, end, step }),
  };
}

function valueOf(result: QueryResult): ScriptValue {
  if (result.type === "string") return { type: "string", value: result.text };
  if (result.type === "scalar") return { type: "scalar", value: scalarValue(result) };
  const series = result.series.map((one) => {
    const points: { timestamp: number; value: number | FloatHistogram }[] = [];
    forEachSample(one, (timestamp, value, histogram) => points.push({ timestamp, value: histogram ?? value }));
    return { labels: one.labels, points };
  });
  if (result.type === "matrix") return { type: "matrix", series };
  return { type: "vector", samples: series.map(({ labels, points }) => ({ labels, value: points[0]!.value })) };
}
