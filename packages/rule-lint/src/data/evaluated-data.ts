import { forEachSample, QueryError, type QueryResult } from "@narthex/promql";
import { DataError, type StoredData } from "./stored-data.ts";

/** Time of a query: an instant, or a range with both ends. Unix ms. */
export type EvaluatedTime =
  | { readonly time: number }
  | { readonly start: number; readonly end: number; readonly step: number };

/**
 * Returns access to stored series through an engine.
 * @param evaluate evaluates an expression
 * @param metricTypes returns the types of a metric by its metadata
 */
export function evaluatedData(
  evaluate: (expression: string, time: EvaluatedTime) => Promise<QueryResult>,
  metricTypes: (metric: string) => readonly string[] = () => [],
): StoredData {
  const query = async (expression: string, time: EvaluatedTime): Promise<QueryResult> => {
    try {
      return await evaluate(expression, time);
    } catch (cause) {
      if (cause instanceof QueryError) throw new DataError(cause.message, { cause });
      throw cause;
    }
  };
  return {
    async instant(expression, time) {
      const result = await query(expression, { time });
      let greatest: number | undefined;
      for (const one of result.series)
        forEachSample(one, (_time, value, histogram) => {
          if (histogram === undefined && !(value <= (greatest ?? -Infinity))) greatest = value;
        });
      return { series: result.series.length, greatest, samplesRead: result.stats.samples.totalQueryableSamples };
    },
    async lastResult(expression, start, end, step) {
      const { series } = await query(expression, { start, end, step });
      let last: number | undefined;
      for (const one of series) forEachSample(one, (time) => (last = Math.max(last ?? time, time)));
      return last;
    },
    metricTypes: async (metric) => metricTypes(metric),
  };
}
