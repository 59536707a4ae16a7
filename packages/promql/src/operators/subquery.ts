import type { FloatHistogram, Grid } from "@narthex/model";
import { HeldMemory } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import { floatBytes } from "./column-weight.ts";
import { scaleSampleCounts } from "./scale-sample-counts.ts";
import {
  ABSENT,
  createSeriesColumn,
  HISTOGRAM,
  type RangeSource,
  type SeriesColumn,
  type VectorOperator,
  type WindowFrame,
} from "./operator.ts";

/**
 * Returns the evaluation times of a subquery: the multiples of `step` after the start of the first window, up to the
 * end of the last window.
 */
export function subqueryGrid(frame: WindowFrame, step: number): Grid {
  const firstStart = frame.firstEnd - frame.rangeMs;
  const lastEnd = frame.firstEnd + frame.stride * (frame.grid.count - 1);
  let start = step * Math.trunc(firstStart / step);
  if (start <= firstStart) start += step;
  return { start, step, count: Math.max(0, Math.floor((lastEnd - start) / step) + 1) };
}

/** Makes a range vector from the results of a subquery's expression. */
export function subquery(input: VectorOperator, grid: Grid, frame: WindowFrame, evaluation: Evaluation): RangeSource {
  const held = new HeldMemory(evaluation.budget);
  let column: SeriesColumn | undefined;
  const counted = scaleSampleCounts(input, evaluation, 0);
  return {
    frame,
    derived: true,
    prepare(signal) {
      if (grid.count === 0) return Promise.resolve([]);
      held.add(floatBytes(grid.count));
      column = createSeriesColumn(grid.count);
      return counted.prepare(signal);
    },
    next(out) {
      if (column === undefined || !counted.next(column)) return false;
      out.reset();
      const { present, values, histograms } = column;
      out.reserve(present.reduce((count, slot) => (slot === ABSENT ? count : count + 1), 0));
      for (let i = 0; i < grid.count; i++) {
        if (present[i] === ABSENT) continue;
        const time = grid.start + i * grid.step;
        if (present[i] === HISTOGRAM) {
          out.pushHistogram(time, withoutResetClaim(histograms![i]!));
        } else {
          out.timestamps[out.count] = time;
          out.values[out.count++] = values[i]!;
        }
      }
      evaluation.budget.take(out.count, 0);
      evaluation.budget.release(out.count, 0);
      return true;
    },
    close() {
      input.close();
      column = undefined;
      held.release();
    },
  };
}

/** Returns a histogram without its counter reset hint. The hint may be wrong, because the subquery skips samples. */
const withoutResetClaim = (histogram: FloatHistogram): FloatHistogram =>
  histogram.resetHint === "reset" || histogram.resetHint === "not-reset"
    ? { ...histogram, resetHint: "unknown" }
    : histogram;
