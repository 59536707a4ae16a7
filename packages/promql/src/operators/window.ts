import { SampleColumns, SamplePieces } from "@narthex/storage";
import type { FloatHistogram } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Position } from "../syntax/ast.ts";
import { histogramWeight } from "../budget.ts";
import {
  type OutputList,
  type OutputSeries,
  type RangeSource,
  type SeriesColumn,
  type VectorOperator,
  type WindowFrame,
} from "./operator.ts";
import { FlatPieces } from "./flat-pieces.ts";
import { PieceWindows } from "./piece-windows.ts";
import { metricNameOf } from "./stored-series.ts";

/** One series' samples with the windows of all steps: step i looks at slots from[i] … to[i]-1. */
export interface WindowedSeries {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
  readonly startTimestamps: Float64Array | undefined;
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** For messages. */
  readonly metricName: string;
  readonly series: OutputSeries;
}

/** The same of a series of floats that is told in pieces. */
export interface WindowedPieces {
  readonly pieces: SamplePieces;
  readonly windows: PieceWindows;
  readonly metricName: string;
  readonly series: OutputSeries;
}

/** Computes every step of one series; `out.present` is all ABSENT and `out.histograms` undefined on entry. */
export interface RangeKernel {
  (series: WindowedSeries, out: SeriesColumn): void;
  /** Kernels that look at few samples of a window, or at none, have this. Same answers. */
  readonly ofPieces?: (series: WindowedPieces, out: SeriesColumn) => void;
}

/** What a kernel is made for: one call in one query. */
export interface RangeCall {
  readonly frame: WindowFrame;
  /** Scalar arguments, a value per step, in the order of the call. */
  readonly scalars: readonly Float64Array[];
  readonly evaluation: Evaluation;
  /** The range argument, the first scalar argument and the call, for annotations. */
  readonly position: Position;
  readonly scalarPosition: Position;
  readonly func: string;
}

export type RangeKernelFactory = (call: RangeCall) => RangeKernel;

/** End of the window of a step, ms. */
export const windowEnd = (frame: WindowFrame, step: number): number => frame.firstEnd + step * frame.stride;

/** Runs a kernel over every series of a range. `relabel` says what becomes of the labels. */
export function window(
  source: RangeSource,
  evaluation: Evaluation,
  makeKernel: (signal: AbortSignal) => Promise<RangeKernel>,
  relabel: (list: OutputList) => OutputList | Promise<OutputList>,
): VectorOperator {
  const { frame } = source;
  // Most series are told in pieces.
  const samples = new SampleColumns(0);
  const windows = new Windows(frame);
  const { from, to } = windows;
  const pieces = new PieceReader(source, evaluation);
  const { budget } = evaluation;
  let kernel: RangeKernel | undefined;
  let inputs: OutputList = [];
  let index = 0;
  return {
    async prepare(signal) {
      kernel = await makeKernel(signal);
      inputs = await source.prepare(signal);
      return relabel(inputs);
    },
    next(out) {
      if (kernel === undefined) return false;
      if (pieces.next(kernel, inputs[index], out)) {
        index++;
        return true;
      }
      if (!source.next(samples)) return false;
      const series = inputs[index++]!;
      out.present.fill(0);
      out.histograms = undefined;
      if (samples.count === 0) return true;
      const held = samples.histograms === undefined ? samples.count : weightOf(samples);
      budget.take(held);
      windows.lay(samples);
      budget.totalQueryable += windows.looked;
      if (!source.derived) budget.read += windows.fresh;
      kernel(
        {
          timestamps: samples.timestamps,
          values: samples.values,
          histograms: samples.histograms,
          startTimestamps: evaluation.features.useStartTimestamps ? samples.startTimestamps : undefined,
          count: samples.count,
          from,
          to,
          metricName: metricNameOf(series),
          series,
        },
        out,
      );
      budget.release(held);
      return true;
    },
    close() {
      source.close();
    },
  };
}

/** Runs kernels over the series of a range that are told in pieces. */
class PieceReader {
  readonly #source: RangeSource;
  readonly #evaluation: Evaluation;
  readonly #pieces = new SamplePieces();
  readonly #windows: PieceWindows;
  readonly #flat = new FlatPieces();
  /** Others look around their windows. */
  readonly #plain: boolean;

  constructor(source: RangeSource, evaluation: Evaluation) {
    this.#plain = source.frame.mode === "plain";
    this.#source = source;
    this.#evaluation = evaluation;
    this.#windows = new PieceWindows(source.frame);
  }

  /** False where the next series is not for pieces. */
  next(kernel: RangeKernel, series: OutputSeries | undefined, out: SeriesColumn): boolean {
    const pieces = this.#pieces;
    if (!this.#plain || this.#source.nextPieces?.(pieces) !== true) return false;
    out.present.fill(0);
    out.histograms = undefined;
    const { samples } = pieces;
    if (samples === 0) return true;
    const { budget } = this.#evaluation;
    const windows = this.#windows;
    budget.take(samples);
    windows.lay(pieces);
    budget.totalQueryable += windows.looked;
    budget.read += windows.fresh;
    const metricName = metricNameOf(series!);
    if (kernel.ofPieces === undefined) kernel(this.#flatten(metricName, series!), out);
    else kernel.ofPieces({ pieces, windows, metricName, series: series! }, out);
    budget.release(samples);
    return true;
  }

  /** The samples that were told last, copied: still cheaper than to have them read, for their times are known. */
  #flatten(metricName: string, series: OutputSeries): WindowedSeries {
    const { from, to, layout } = this.#windows;
    const flat = this.#flat;
    flat.lay(this.#pieces, layout);
    const { timestamps, values } = flat;
    const count = this.#pieces.samples;
    return {
      timestamps,
      values,
      histograms: undefined,
      startTimestamps: undefined,
      count,
      from,
      to,
      metricName,
      series,
    };
  }
}

function weightOf(samples: SampleColumns): number {
  let weight = 0;
  for (let i = 0; i < samples.count; i++) {
    const histogram = samples.histograms![i];
    weight += histogram === undefined ? 1 : histogramWeight(histogram);
  }
  return weight;
}

/** Where windows lie among the samples of a series: step i looks at slots from[i] … to[i]-1. */
export class Windows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Samples in all windows, each as often as it is in one; and each once. */
  looked = 0;
  fresh = 0;
  readonly #frame: WindowFrame;
  /** Times of the series before this one, where they are few beside the steps. */
  #laidFor = new Float64Array(0);
  #laidCount = -1;

  constructor(frame: WindowFrame) {
    this.#frame = frame;
    this.from = new Int32Array(frame.grid.count);
    this.to = new Int32Array(frame.grid.count);
  }

  /** Series of one target have the same times: those need no second look. */
  lay({ timestamps, count }: SampleColumns): void {
    if (this.#isLaid(timestamps, count)) return;
    this.#lay(timestamps, count);
    this.#laidCount = -1;
    if (count > WORTH_COMPARING * this.from.length) return;
    if (this.#laidFor.length < count) this.#laidFor = new Float64Array(count * 2);
    this.#laidFor.set(timestamps.subarray(0, count));
    this.#laidCount = count;
  }

  #isLaid(timestamps: Float64Array, count: number): boolean {
    if (count !== this.#laidCount) return false;
    const laidFor = this.#laidFor;
    for (let i = 0; i < count; i++) if (timestamps[i] !== laidFor[i]) return false;
    return true;
  }

  /**
   * Both ends of the windows only ever move forward, mostly by as many samples as at the step before: time goes with the
   * steps, not with the samples.
   */
  #lay(timestamps: Float64Array, count: number): void {
    const { from, to } = this;
    const { firstEnd, stride, after, rangeMs, before } = this.#frame;
    const width = after + rangeMs + before;
    let low = 0;
    let high = 0;
    let lowStride = 0;
    let highStride = 0;
    let looked = 0;
    let fresh = 0;
    for (let step = 0; step < from.length; step++) {
      const end = firstEnd + step * stride + after;
      const known = high;
      high = firstBeyond(timestamps, count, end, high, highStride);
      highStride = high - known;
      const lastLow = low;
      low = firstBeyond(timestamps, high, end - width, low, lowStride);
      lowStride = low - lastLow;
      from[step] = low;
      to[step] = high;
      looked += high - low;
      fresh += high - Math.max(known, low);
    }
    this.looked = looked;
    this.fresh = fresh;
  }
}

/** Up to so many samples a step, comparing times costs less than laying windows. */
const WORTH_COMPARING = 8;

/** The first slot from `at` on whose time lies behind `bound`, `count` where there is none; `guess` slots on is tried first. */
export function firstBeyond(timestamps: Float64Array, count: number, bound: number, at: number, guess: number): number {
  const guessed = at + guess;
  if (
    guessed <= count &&
    (guessed === count || timestamps[guessed]! > bound) &&
    (guess === 0 || timestamps[guessed - 1]! <= bound)
  ) {
    return guessed;
  }
  let low = at;
  let reach = 1;
  while (low + reach <= count && timestamps[low + reach - 1]! <= bound) {
    low += reach;
    reach *= 2;
  }
  let high = Math.min(count, low + reach - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
