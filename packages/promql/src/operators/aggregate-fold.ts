import { type FloatHistogram, IncompatibleSchemaError } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { HistogramFold } from "../functions/histogram-over-time.ts";
import { quantileOfSorted, sortNanFirst } from "../functions/quantile.ts";
import { ABSENT, FLOAT, HISTOGRAM, type OutputSeries, type SeriesColumn, histogramSlots } from "./operator.ts";

/**
 * Computes the aggregation of one group of series. Callers pass each series of the group to add(), and then call
 * finish() to write the result.
 */
export interface GroupFold {
  /** Memory of this group in bytes, without histograms. */
  readonly bytes: number;
  add(column: SeriesColumn, series: OutputSeries): void;
  /**
   * Does slow work in steps that yield to other work. If the function exists, it must be called once between the last
   * add() and finish().
   */
  settle?(evaluation: Evaluation): Promise<void>;
  /** Writes the result into an empty column. */
  finish(out: SeriesColumn): void;
}

/** Adds warnings and infos about the samples of a group. */
export interface FoldAnnotations {
  mixedTypes(): void;
  mixedSchemas(metricName: string): void;
  histogramIgnored(): void;
  hintCollision(): void;
  boundsReconciled(): void;
}

/** Implements count and group, which count floats and histograms. */
export class CountFold implements GroupFold {
  readonly #counts: Float64Array;
  readonly #unit: boolean;

  get bytes(): number {
    return this.#counts.byteLength;
  }

  constructor(steps: number, unit: boolean) {
    this.#counts = new Float64Array(steps);
    this.#unit = unit;
  }

  add({ present }: SeriesColumn): void {
    const counts = this.#counts;
    for (let step = 0; step < present.length; step++) if (present[step] !== ABSENT) counts[step]!++;
  }

  finish(out: SeriesColumn): void {
    for (let step = 0; step < out.present.length; step++) {
      const count = this.#counts[step]!;
      if (count === 0) continue;
      out.values[step] = this.#unit ? 1 : count;
      out.present[step] = FLOAT;
    }
  }
}

/** Implements min and max. The result is NaN only if all values are NaN. */
export class ExtremeFold implements GroupFold {
  readonly #best: Float64Array;
  readonly #seen: Uint8Array;
  readonly #sign: 1 | -1;
  readonly #annotations: FoldAnnotations;

  get bytes(): number {
    return this.#best.byteLength + this.#seen.byteLength;
  }

  constructor(steps: number, largest: boolean, annotations: FoldAnnotations) {
    this.#best = new Float64Array(steps);
    this.#seen = new Uint8Array(steps);
    this.#sign = largest ? 1 : -1;
    this.#annotations = annotations;
  }

  add({ present, values }: SeriesColumn): void {
    const best = this.#best;
    const seen = this.#seen;
    const sign = this.#sign;
    for (let step = 0; step < present.length; step++) {
      if (present[step] !== FLOAT) {
        if (present[step] === HISTOGRAM) this.#annotations.histogramIgnored();
        continue;
      }
      const value = values[step]!;
      const champion = best[step]!;
      if (seen[step] === 0 || sign * champion < sign * value || Number.isNaN(champion)) best[step] = value;
      seen[step] = 1;
    }
  }

  finish(out: SeriesColumn): void {
    out.values.set(this.#best);
    out.present.set(this.#seen);
  }
}

/** Implements stddev and stdvar by Welford's method. If the first value of a group is not finite, the result is NaN. */
export class VarianceFold implements GroupFold {
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #root: boolean;
  readonly #annotations: FoldAnnotations;

  get bytes(): number {
    return 3 * this.#counts.byteLength;
  }

  constructor(steps: number, root: boolean, annotations: FoldAnnotations) {
    this.#counts = new Float64Array(steps);
    this.#means = new Float64Array(steps);
    this.#squares = new Float64Array(steps);
    this.#root = root;
    this.#annotations = annotations;
  }

  add({ present, values }: SeriesColumn): void {
    for (let step = 0; step < present.length; step++) {
      if (present[step] !== FLOAT) {
        if (present[step] === HISTOGRAM) this.#annotations.histogramIgnored();
        continue;
      }
      const value = values[step]!;
      const count = ++this.#counts[step]!;
      if (count === 1) {
        this.#means[step] = value;
        this.#squares[step] = Number.isFinite(value) ? 0 : NaN;
        continue;
      }
      const delta = value - this.#means[step]!;
      this.#means[step]! += delta / count;
      this.#squares[step]! += delta * (value - this.#means[step]!);
    }
  }

  finish(out: SeriesColumn): void {
    for (let step = 0; step < out.present.length; step++) {
      const count = this.#counts[step]!;
      if (count === 0) continue;
      const variance = this.#squares[step]! / count;
      out.values[step] = this.#root ? Math.sqrt(variance) : variance;
      out.present[step] = FLOAT;
    }
  }
}

/** Implements quantile. Collects the floats of all series, and computes the result at the end. */
export class QuantileFold implements GroupFold {
  /** Values of all series of the group, one series after the other. */
  #values: Float64Array;
  #present: Uint8Array;
  #used = 0;
  readonly #quantiles: Float64Array;
  readonly #annotations: FoldAnnotations;

  get bytes(): number {
    return this.#values.byteLength + this.#present.byteLength;
  }

  constructor(quantiles: Float64Array, annotations: FoldAnnotations) {
    this.#quantiles = quantiles;
    this.#annotations = annotations;
    this.#values = new Float64Array(quantiles.length);
    this.#present = new Uint8Array(quantiles.length);
  }

  add({ values, present }: SeriesColumn): void {
    const used = this.#used;
    if (used + present.length > this.#present.length) this.#grow();
    for (let step = 0; step < present.length; step++) {
      this.#values[used + step] = values[step]!;
      this.#present[used + step] = present[step]!;
      if (present[step] === HISTOGRAM) this.#annotations.histogramIgnored();
    }
    this.#used += present.length;
  }

  #grow(): void {
    const [values, present] = [this.#values, this.#present];
    this.#values = new Float64Array(values.length * 2);
    this.#present = new Uint8Array(values.length * 2);
    this.#values.set(values);
    this.#present.set(present);
  }

  /** Computes the results and stores them in the memory of the first series' values. */
  async settle(evaluation: Evaluation): Promise<void> {
    const steps = this.#quantiles.length;
    const buffer = new Float64Array(this.#used / Math.max(1, steps));
    for (let step = 0; step < steps; step++) {
      let count = 0;
      for (let at = step; at < this.#used; at += steps)
        if (this.#present[at] === FLOAT) buffer[count++] = this.#values[at]!;
      this.#present[step] = count === 0 ? ABSENT : FLOAT;
      if (count > 0)
        this.#values[step] = quantileOfSorted(this.#quantiles[step]!, sortNanFirst(buffer.subarray(0, count)));
      const pause = evaluation.yieldToEventLoop();
      if (pause !== undefined) await pause;
    }
  }

  finish(out: SeriesColumn): void {
    const steps = out.present.length;
    out.values.set(this.#values.subarray(0, steps));
    out.present.set(this.#present.subarray(0, steps));
  }
}

const SAW_FLOAT = 1;
const SAW_HISTOGRAM = 2;
const INCOMPATIBLE = 4;
/**
 * Flag for evaluation times at which the group's first sample is a histogram. If floats follow, there is no result at
 * such a time.
 */
const ADDS_HISTOGRAMS = 8;

/**
 * Implements sum and avg with compensated summation, for floats or histograms. An evaluation time with both has no
 * result.
 */
export class SumFold implements GroupFold {
  readonly #sums: Float64Array;
  readonly #compensations: Float64Array;
  readonly #counts: Float64Array;
  readonly #flags: Uint8Array;
  /**
   * Marks the evaluation times at which the sum would overflow. At these times, `sums` contains the mean of the values
   * instead of their sum.
   */
  #incremental: Uint8Array | undefined;
  #histograms: (HistogramFold | undefined)[] | undefined;
  readonly #average: boolean;
  readonly #annotations: FoldAnnotations;

  get bytes(): number {
    return 3 * this.#sums.byteLength + this.#flags.byteLength + (this.#incremental?.byteLength ?? 0);
  }

  constructor(steps: number, average: boolean, annotations: FoldAnnotations) {
    this.#sums = new Float64Array(steps);
    this.#compensations = new Float64Array(steps);
    this.#counts = new Float64Array(steps);
    this.#flags = new Uint8Array(steps);
    this.#average = average;
    this.#annotations = annotations;
  }

  add(column: SeriesColumn, series: OutputSeries): void {
    if (this.#average || this.#histograms !== undefined || column.histograms !== undefined) {
      this.#addAny(column, series);
    } else {
      this.#sumFloats(column);
    }
  }

  /** Fast path for nearly all series: adds floats to sums that contain only floats. */
  #sumFloats({ present, values }: SeriesColumn): void {
    const [flags, sums, compensations] = [this.#flags, this.#sums, this.#compensations];
    for (let step = 0; step < present.length; step++) {
      if (present[step] === ABSENT) continue;
      const value = values[step]!;
      if (flags[step] === 0) {
        flags[step] = SAW_FLOAT;
        sums[step] = value;
        continue;
      }
      const sum = sums[step]!;
      const total = sum + value;
      if (Math.abs(total) === Infinity) compensations[step] = 0;
      else if (Math.abs(sum) >= Math.abs(value)) compensations[step]! += sum - total + value;
      else compensations[step]! += value - total + sum;
      sums[step] = total;
    }
  }

  #addAny({ present, values, histograms }: SeriesColumn, series: OutputSeries): void {
    const flags = this.#flags;
    for (let step = 0; step < present.length; step++) {
      const kind = present[step];
      if (kind === ABSENT || (flags[step]! & INCOMPATIBLE) !== 0) continue;
      const count = ++this.#counts[step]!;
      if (kind === HISTOGRAM) {
        this.#addHistogram(step, histograms![step]!, series);
        continue;
      }
      const isFirst = this.#average ? count === 1 : (flags[step]! & SAW_FLOAT) === 0;
      flags[step]! |= SAW_FLOAT;
      if (isFirst) this.#sums[step] = values[step]!;
      else if (this.#average) this.#addToMean(step, values[step]!, count);
      else this.#addToSum(step, values[step]!);
    }
  }

  #addToSum(step: number, value: number): void {
    const sum = this.#sums[step]!;
    const total = sum + value;
    if (Math.abs(total) === Infinity) this.#compensations[step] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) this.#compensations[step]! += sum - total + value;
    else this.#compensations[step]! += value - total + sum;
    this.#sums[step] = total;
  }

  #addToMean(step: number, value: number, count: number): void {
    if (this.#incremental?.[step] !== 1) {
      if (Math.abs(this.#sums[step]! + value) !== Infinity) {
        this.#addToSum(step, value);
        return;
      }
      (this.#incremental ??= new Uint8Array(this.#sums.length))[step] = 1;
      this.#sums[step]! /= count - 1;
      this.#compensations[step]! /= count - 1;
    }
    const share = (count - 1) / count;
    this.#sums[step]! *= share;
    this.#compensations[step]! *= share;
    this.#addToSum(step, value / count);
  }

  #addHistogram(step: number, histogram: FloatHistogram, series: OutputSeries): void {
    const flags = this.#flags;
    const first = flags[step] === 0;
    flags[step]! |= SAW_HISTOGRAM;
    if (first) {
      flags[step]! |= ADDS_HISTOGRAMS;
      (this.#histograms ??= Array.from<HistogramFold | undefined>({ length: flags.length }))[step] = new HistogramFold(
        histogram,
        this.#average,
      );
      return;
    }
    if ((flags[step]! & ADDS_HISTOGRAMS) === 0) return;
    try {
      this.#histograms![step]!.add(histogram);
    } catch (error) {
      if (!(error instanceof IncompatibleSchemaError)) throw error;
      flags[step]! |= INCOMPATIBLE;
      this.#annotations.mixedSchemas(series.labels.get("__name__"));
    }
  }

  finish(out: SeriesColumn): void {
    for (let step = 0; step < out.present.length; step++) {
      const flags = this.#flags[step]!;
      const histogram = this.#histograms?.[step];
      if (histogram?.boundsReconciled === true) this.#annotations.boundsReconciled();
      if ((flags & SAW_FLOAT) !== 0 && (flags & SAW_HISTOGRAM) !== 0) {
        this.#annotations.mixedTypes();
      } else if ((flags & INCOMPATIBLE) !== 0) {
        continue;
      } else if ((flags & SAW_FLOAT) !== 0) {
        out.values[step] = this.#floatResult(step);
        out.present[step] = FLOAT;
      } else if (histogram !== undefined) {
        if (histogram.hintCollision) this.#annotations.hintCollision();
        out.histograms ??= histogramSlots(out.present.length);
        out.histograms[step] = histogram.result().compact().toHistogram();
        out.present[step] = HISTOGRAM;
      }
    }
  }

  #floatResult(step: number): number {
    const sum = this.#sums[step]!;
    const compensation = this.#compensations[step]!;
    if (!this.#average || this.#incremental?.[step] === 1) return sum + compensation;
    const count = this.#counts[step]!;
    return sum / count + compensation / count;
  }
}
