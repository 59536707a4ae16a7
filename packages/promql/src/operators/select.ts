import { type FloatHistogram, type Grid, isStaleAt } from "@narthex/model";
import { countOf, SampleColumns, SampleSpans, type SeriesSet } from "@narthex/storage";
import { histogramWeight } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import type { Selection } from "../selection.ts";
import { ABSENT, FLOAT, HISTOGRAM, type SeriesColumn, type VectorOperator, histogramSlots } from "./operator.ts";
import { SpanWindows, timesAt, valuesAt } from "./span-windows.ts";
import { outputsOf } from "./stored-series.ts";
import { firstBeyond } from "./window-slots.ts";

/** Typical number of samples of a series within the lookback time. */
const FEW_SAMPLES = 32;

/** The part of a sample that an instant selector returns. */
export type SelectedField = "value" | "timestamp" | "startTimestamp";

/** The evaluation times of an instant selector: `first + i·stride`, ms. */
export interface EvaluationTimes {
  readonly first: number;
  /** Distance between consecutive evaluation times, ms; 0 if `@` fixes the time. */
  readonly stride: number;
  /** Maximum age in ms of a sample at an evaluation time. Default: the lookback of the query. */
  readonly lookbackMs?: number;
}

/**
 * Implements instant selectors. At each evaluation time t, returns the latest sample with t - lookback < ts ≤ t, unless
 * this is a stale marker.
 */
export function select(
  evaluation: Evaluation,
  selection: Selection,
  grid: Grid,
  moments: EvaluationTimes,
  yields: SelectedField = "value",
): VectorOperator {
  const { budget } = evaluation;
  const { lookbackMs = evaluation.lookbackMs } = moments;
  // A lookback below 1 ms counts as 1 ms, because Prometheus finds a sample exactly at the evaluation time with any
  // lookback. For the start of the range to read, it counts as 0.
  const reachMs = Math.max(lookbackMs, 1);
  // Creates `samples` and `latest` on demand. Series are usually read as spans if there are several evaluation times,
  // and as columns if there is only one.
  let samples: SampleColumns | undefined;
  let latest: LatestOfSpans | undefined;
  const last = moments.first + moments.stride * (grid.count - 1);
  const oneMoment = last === moments.first;
  let set: SeriesSet | undefined;
  let count = 0;
  let index = 0;
  return {
    async prepare(signal) {
      set = await selection.series(signal);
      count = countOf(set);
      return outputsOf(set);
    },
    next(out) {
      if (set === undefined || index >= count) return false;
      const sparse = reachInto(set, index, moments, reachMs);
      const from = moments.first - Math.max(lookbackMs, sparse.lookbackMs) + 1;
      let weight: number;
      if (!oneMoment && set.readSpans !== undefined) latest ??= new LatestOfSpans(grid, moments, reachMs, yields);
      if (latest !== undefined && set.readSpans!(index, from, last, latest.spans)) {
        index++;
        weight = latest.pick(out);
      } else {
        samples ??= new SampleColumns(oneMoment ? FEW_SAMPLES : undefined);
        samples.reset();
        if (oneMoment && set.readNewest !== undefined) set.readNewest(index++, from, last, samples);
        else set.read(index++, from, last, samples);
        weight =
          isOnly(samples, yields, out) && set.downsampled === undefined
            ? pickOnly(samples, last, reachMs, out)
            : pickLatest(samples, moments, { lookbackMs: reachMs, sparse }, yields, out);
      }
      budget.take(weight);
      budget.release(weight);
      budget.totalQueryable += weight;
      budget.read += weight;
      return true;
    },
    close() {
      set = undefined;
    },
  };
}

/** Finds the latest sample of a series before each evaluation time. Reads the series in pieces (spans). */
class LatestOfSpans {
  readonly spans = new SampleSpans();
  readonly #windows: SpanWindows;
  readonly #yields: SelectedField;

  constructor(grid: Grid, { first, stride }: EvaluationTimes, lookbackMs: number, yields: SelectedField) {
    this.#windows = new SpanWindows({ grid, firstEnd: first, stride, rangeMs: lookbackMs });
    this.#yields = yields;
  }

  /**
   * Writes the latest samples of one series into `out`. Returns the number of samples that they count for in the sample
   * limit.
   */
  pick(out: SeriesColumn): number {
    const { present, values } = out;
    const windows = this.#windows;
    out.histograms = undefined;
    windows.lay(this.spans);
    if (this.#yields === "value") valuesAt(this.spans, windows.to, -1, values);
    else if (this.#yields === "timestamp") timesAt(this.spans, windows.to, -1, values);
    let weight = 0;
    for (let step = 0; step < present.length; step++) {
      const isThere = windows.to[step]! > windows.from[step]!;
      present[step] = isThere ? FLOAT : ABSENT;
      if (!isThere) {
        values[step] = 0;
        continue;
      }
      weight++;
      if (this.#yields === "timestamp") values[step]! /= 1000;
      else if (this.#yields === "startTimestamp") values[step] = 0;
    }
    return weight;
  }
}

/** Returns whether there is only one evaluation time and one float, as is usual for an instant query. */
const isOnly = ({ count, histograms }: SampleColumns, yields: SelectedField, { present }: SeriesColumn): boolean =>
  count === 1 && present.length === 1 && histograms === undefined && yields === "value";

function pickOnly(
  { timestamps, values, valueWords }: SampleColumns,
  moment: number,
  lookbackMs: number,
  out: SeriesColumn,
): number {
  const time = timestamps[0]!;
  out.histograms = undefined;
  out.present[0] = time > moment || time <= moment - lookbackMs || isStaleAt(valueWords, 0) ? ABSENT : FLOAT;
  out.values[0] = values[0]!;
  return out.present[0];
}

/** Maximum age in ms of a sample at an evaluation time. Downsampled data has its own maximum age. */
interface Reach {
  readonly lookbackMs: number;
  readonly sparse: { readonly before: number; readonly lookbackMs: number };
}

const NOT_SPARSE: Reach["sparse"] = { before: -Infinity, lookbackMs: 0 };

/**
 * Returns the maximum age of samples, ms. A downsampled period has only one sample, so an evaluation time inside a
 * period needs the sample of the previous period.
 */
function reachInto(
  { downsampled }: Pick<SeriesSet, "downsampled">,
  index: number,
  { first, stride }: EvaluationTimes,
  lookbackMs: number,
): Reach["sparse"] {
  if (downsampled === undefined || downsampled.of?.(index) === false) return NOT_SPARSE;
  const { before, resolutionMs } = downsampled;
  if (first % resolutionMs === 0 && stride % resolutionMs === 0) return NOT_SPARSE;
  return { before, lookbackMs: lookbackMs + resolutionMs };
}

/**
 * Writes the latest samples of one series into `out`. Returns the number of samples that they count for in the sample
 * limit.
 */
function pickLatest(
  samples: SampleColumns,
  moments: EvaluationTimes,
  { lookbackMs, sparse }: Reach,
  yields: SelectedField,
  out: SeriesColumn,
): number {
  const { timestamps, values, valueWords, histograms, count } = samples;
  const { present, values: results } = out;
  const starts = samples.startTimestamps;
  let found: (FloatHistogram | undefined)[] | undefined;
  let at = -1;
  let advance = 0;
  let weight = 0;
  for (let step = 0; step < present.length; step++) {
    const moment = moments.first + step * moments.stride;
    const next = firstBeyond(timestamps, count, moment, at + 1, advance);
    advance = next - 1 - at;
    at = next - 1;
    present[step] = ABSENT;
    if (at < 0) continue;
    if (timestamps[at]! <= moment - (timestamps[at]! < sparse.before ? sparse.lookbackMs : lookbackMs)) continue;
    const histogram = histograms?.[at];
    if (histogram === undefined ? isStaleAt(valueWords, at) : histogram.stale === true) continue;
    if (yields !== "value") {
      results[step] = (yields === "timestamp" ? timestamps[at]! : (starts?.[at] ?? 0)) / 1000;
      present[step] = FLOAT;
      weight++;
    } else if (histogram === undefined) {
      results[step] = values[at]!;
      present[step] = FLOAT;
      weight++;
    } else {
      (found ??= histogramSlots(present.length))[step] = histogram;
      present[step] = HISTOGRAM;
      weight += histogramWeight(histogram);
    }
  }
  out.histograms = found;
  return weight;
}
