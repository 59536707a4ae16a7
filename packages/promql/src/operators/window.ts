import { SampleColumns, SampleSpans } from "@narthex/storage";
import type { FloatHistogram } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Position } from "../syntax/ast.ts";
import { histogramWeight } from "../budget.ts";
import { AggregateReader } from "./aggregate-reader.ts";
import type { WindowedAggregates } from "./aggregate-windows.ts";
import {
  type OutputList,
  type OutputSeries,
  type RangeSource,
  type SeriesColumn,
  type VectorOperator,
  type WindowFrame,
} from "./operator.ts";
import { freshWeightOf, WindowSlots } from "./window-slots.ts";
import { FlatSpans } from "./flat-spans.ts";
import { SpanWindows } from "./span-windows.ts";
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

/** The same of a series of floats that is told as spans. */
export interface WindowedSpans {
  readonly spans: SampleSpans;
  readonly windows: SpanWindows;
  readonly metricName: string;
  readonly series: OutputSeries;
}

/** Computes every step of one series; `out.present` is all ABSENT and `out.histograms` undefined on entry. */
export interface RangeKernel {
  (series: WindowedSeries, out: SeriesColumn): void;
  /** Kernels that look at few samples of a window, or at none, have this. Same answers. */
  readonly ofSpans?: (series: WindowedSpans, out: SeriesColumn) => void;
  /** Kernels that can tell the same from aggregates have this; others look at the last sample of each row. */
  readonly ofAggregates?: (series: WindowedAggregates, out: SeriesColumn) => void;
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

/** Runs a kernel over every series of a range. `relabel` says what becomes of the labels. */
export function window(
  source: RangeSource,
  evaluation: Evaluation,
  makeKernel: (signal: AbortSignal) => Promise<RangeKernel>,
  relabel: (list: OutputList) => OutputList | Promise<OutputList>,
): VectorOperator {
  const { frame } = source;
  // Most series are told as spans.
  const samples = new SampleColumns(0);
  const windows = new WindowSlots(frame);
  const { from, to } = windows;
  const spans = new SpanReader(source, evaluation);
  const aggregates = new AggregateReader(source, evaluation);
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
      if (aggregates.next(kernel, inputs[index], out) || spans.next(kernel, inputs[index], out)) {
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
      if (!source.derived) budget.read += freshWeightOf(samples, windows);
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

/** Runs kernels over the series of a range that are told as spans. */
class SpanReader {
  readonly #source: RangeSource;
  readonly #evaluation: Evaluation;
  readonly #spans = new SampleSpans();
  readonly #windows: SpanWindows;
  readonly #flat = new FlatSpans();
  /** Others look around their windows. */
  readonly #plain: boolean;

  constructor(source: RangeSource, evaluation: Evaluation) {
    this.#plain = source.frame.mode === "plain";
    this.#source = source;
    this.#evaluation = evaluation;
    this.#windows = new SpanWindows(source.frame);
  }

  /** False where the next series cannot be told as spans. */
  next(kernel: RangeKernel, series: OutputSeries | undefined, out: SeriesColumn): boolean {
    const spans = this.#spans;
    if (!this.#plain || this.#source.nextSpans?.(spans) !== true) return false;
    out.present.fill(0);
    out.histograms = undefined;
    const { samples } = spans;
    if (samples === 0) return true;
    const { budget } = this.#evaluation;
    const windows = this.#windows;
    budget.take(samples);
    windows.lay(spans);
    budget.totalQueryable += windows.looked;
    budget.read += windows.fresh;
    const metricName = metricNameOf(series!);
    if (kernel.ofSpans === undefined) kernel(this.#flatten(metricName, series!), out);
    else kernel.ofSpans({ spans, windows, metricName, series: series! }, out);
    budget.release(samples);
    return true;
  }

  /** The samples that were told last, copied: still cheaper than to have them read, for their times are known. */
  #flatten(metricName: string, series: OutputSeries): WindowedSeries {
    const { from, to, layout } = this.#windows;
    const flat = this.#flat;
    flat.lay(this.#spans, layout);
    const { timestamps, values } = flat;
    const count = this.#spans.samples;
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
