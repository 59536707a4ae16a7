import { type FloatHistogram, HistogramBuilder, IncompatibleSchemaError } from "@narthex/model";
import type { WindowedSeries } from "../operators/window.ts";
import type { RangeAnnotations } from "./range-annotations.ts";

/**
 * Approximate cost of processing a histogram, as a number of floats. The real cost depends on the number of buckets.
 */
export const HISTOGRAM_WORK = 64;

/** Adds up or averages histograms, and records which warnings or infos the result needs. */
export class HistogramFold {
  #sum: HistogramBuilder;
  readonly #average: boolean;
  #count = 1;
  /** True if the intermediate result is a mean instead of a sum, because the sum would overflow. */
  #incremental = false;
  #sawReset = false;
  #sawNotReset = false;
  boundsReconciled = false;

  constructor(first: FloatHistogram, average: boolean) {
    this.#sum = new HistogramBuilder(first, true);
    this.#average = average;
    this.#watch(first);
  }

  /** Whether some histograms have the hint "reset" and others "not reset". */
  get hintCollision(): boolean {
    return this.#sawReset && this.#sawNotReset;
  }

  get custom(): boolean {
    return this.#sum.custom;
  }

  #watch(histogram: FloatHistogram): void {
    if (histogram.resetHint === "reset") this.#sawReset = true;
    if (histogram.resetHint === "not-reset") this.#sawNotReset = true;
  }

  /** Adds a histogram. Throws IncompatibleSchemaError if exponential and custom buckets are mixed. */
  add(histogram: FloatHistogram): void {
    this.#watch(histogram);
    this.#count++;
    if (this.#average && !this.#incremental) {
      const trial = this.#sum.clone();
      if (trial.add(histogram).boundsReconciled) this.boundsReconciled = true;
      if (!trial.overflowed) {
        this.#sum = trial;
        return;
      }
      this.#incremental = true;
      this.#sum.divide(this.#count - 1);
    }
    let addend = histogram;
    if (this.#incremental) {
      this.#sum.multiply((this.#count - 1) / this.#count);
      addend = new HistogramBuilder(histogram).divide(this.#count).toHistogram();
    }
    if (this.#sum.add(addend).boundsReconciled) this.boundsReconciled = true;
  }

  result(): HistogramBuilder {
    return this.#average && !this.#incremental ? this.#sum.clone().divide(this.#count) : this.#sum;
  }
}

function fold(
  series: WindowedSeries,
  from: number,
  to: number,
  annotations: RangeAnnotations,
  average: boolean,
): FloatHistogram | undefined {
  const histograms = series.histograms!;
  const folded = new HistogramFold(histograms[from]!, average);
  try {
    for (let i = from + 1; i < to; i++) folded.add(histograms[i]!);
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    annotations.mixedSchemas(series.metricName);
    return undefined;
  }
  if (folded.hintCollision) annotations.hintCollision("aggregation");
  if (folded.boundsReconciled) annotations.boundsReconciled("aggregation");
  return folded.result().toHistogram();
}

type OverTime = (
  series: WindowedSeries,
  from: number,
  to: number,
  annotations: RangeAnnotations,
) => FloatHistogram | undefined;

/**
 * Computes sum_over_time of a window of histograms. If their buckets are incompatible, adds a warning and returns
 * undefined.
 */
export const sumHistograms: OverTime = (series, from, to, annotations) => fold(series, from, to, annotations, false);

export const averageHistogram: OverTime = (series, from, to, annotations) => fold(series, from, to, annotations, true);
