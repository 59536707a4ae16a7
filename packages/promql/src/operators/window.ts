import { SampleColumns, SampleSpans } from "@narthex/storage";
import type { FloatHistogram } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { Position } from "../syntax/ast.ts";
import { HeldMemory, histogramWeight } from "../budget.ts";
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
import { NAMELESS } from "./series-labels.ts";
import { metricNameOf } from "./stored-series.ts";

/**
 * The samples of one series with its windows. The window for evaluation time i has the samples with the indexes from[i]
 * … to[i]-1.
 */
export interface WindowedSeries {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
  readonly startTimestamps: Float64Array | undefined;
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Metric name of the series, for messages. */
  readonly metricName: string;
  readonly series: OutputSeries;
}

/** A series of floats in the pieces (spans) in which it is stored, with its windows. */
export interface WindowedSpans {
  readonly spans: SampleSpans;
  readonly windows: SpanWindows;
  readonly metricName: string;
  readonly series: OutputSeries;
}

/** Computes a range function for one series at all evaluation times. Before the call, `out` has no samples. */
export interface RangeKernel {
  (series: WindowedSeries, out: SeriesColumn): void;
  /**
   * Computes the function from a series in pieces (spans), with the same result. Present for functions that need only
   * few samples of a window.
   */
  readonly ofSpans?: (series: WindowedSpans, out: SeriesColumn) => void;
  /**
   * Computes the result from downsampled rows. If this method is missing, the function gets the last sample of each
   * row.
   */
  readonly ofAggregates?: (series: WindowedAggregates, out: SeriesColumn) => void;
}

/** Arguments of one call of a function in a query. */
export interface RangeCall {
  readonly frame: WindowFrame;
  /** Values of the scalar arguments at all evaluation times, in the order of the arguments. */
  readonly scalars: readonly Float64Array[];
  readonly evaluation: Evaluation;
  /** Memory of the function, counted for the query until the call is closed. */
  readonly held: HeldMemory;
  /**
   * Positions of the range argument, of the first scalar argument and of the call in the query, for warnings and infos.
   */
  readonly position: Position;
  readonly scalarPosition: Position;
  readonly func: string;
}

export type RangeKernelFactory = (call: RangeCall) => RangeKernel;

/** Applies a function to every series of a range vector. `relabel` changes the labels. */
export function window(
  source: RangeSource,
  evaluation: Evaluation,
  makeKernel: (signal: AbortSignal, held: HeldMemory) => Promise<RangeKernel>,
  relabel: (list: OutputList) => OutputList | Promise<OutputList>,
): VectorOperator {
  const { frame } = source;
  const { budget } = evaluation;
  const held = new HeldMemory(budget);
  const copied = new HeldMemory(budget);
  let reading: RangeReading | undefined;
  let inputs: OutputList = [];
  let index = 0;
  return {
    async prepare(signal) {
      const kernel = await makeKernel(signal, held);
      inputs = await source.prepare(signal);
      held.add((source.downsampled === undefined ? WINDOW_BYTES : AGGREGATE_WINDOW_BYTES) * frame.grid.count);
      reading = new RangeReading(source, evaluation, kernel);
      return relabel(inputs);
    },
    next(out) {
      if (reading === undefined || !reading.next(inputs[index], out)) return false;
      index++;
      copied.growTo(reading.bytes);
      return true;
    },
    close() {
      source.close();
      reading = undefined;
      held.release();
      copied.release();
    },
  };
}

/**
 * Memory in bytes for each evaluation time: for windows over samples, and additionally for windows over downsampled
 * rows.
 */
const WINDOW_BYTES = 16;
const AGGREGATE_WINDOW_BYTES = 40;

/** The series of a range vector that is being computed. */
class CurrentSeries implements WindowedSeries {
  timestamps: Float64Array = new Float64Array(0);
  values: Float64Array = new Float64Array(0);
  histograms: WindowedSeries["histograms"];
  startTimestamps: Float64Array | undefined;
  count = 0;
  from: Int32Array = new Int32Array(0);
  to: Int32Array = new Int32Array(0);
  series: OutputSeries = NAMELESS;

  get metricName(): string {
    return metricNameOf(this.series);
  }
}

/** Applies a function to the series of a range vector, one after the other. */
class RangeReading {
  readonly #source: RangeSource;
  readonly #evaluation: Evaluation;
  readonly #kernel: RangeKernel;
  /** Arrays for copied samples. The arrays are empty at first, because most series are read without copying. */
  readonly #samples = new SampleColumns(0);
  readonly #windows: WindowSlots;
  readonly #spans: SpanReader;
  readonly #aggregates: AggregateReader;
  /** The series for the kernel. One object serves all series, because kernels do not keep it. */
  readonly #windowed = new CurrentSeries();

  constructor(source: RangeSource, evaluation: Evaluation, kernel: RangeKernel) {
    this.#source = source;
    this.#evaluation = evaluation;
    this.#kernel = kernel;
    this.#windows = new WindowSlots(source.frame);
    this.#spans = new SpanReader(source, evaluation);
    this.#aggregates = new AggregateReader(source, evaluation);
  }

  /** Size in bytes of the copied samples. The memory is reused for the next series. */
  get bytes(): number {
    return 16 * this.#samples.timestamps.length + this.#spans.bytes;
  }

  /** Computes the function for the next series, at all evaluation times. Returns false if there are no more series. */
  next(series: OutputSeries | undefined, out: SeriesColumn): boolean {
    const kernel = this.#kernel;
    if (this.#aggregates.next(kernel, series, out) || this.#spans.next(kernel, series, out)) return true;
    const samples = this.#samples;
    if (!this.#source.next(samples)) return false;
    out.present.fill(0);
    out.histograms = undefined;
    if (samples.count > 0) this.#compute(series!, out);
    return true;
  }

  #compute(series: OutputSeries, out: SeriesColumn): void {
    const [samples, windows] = [this.#samples, this.#windows];
    const { budget, features } = this.#evaluation;
    const held = samples.histograms === undefined ? samples.count : weightOf(samples);
    budget.take(held);
    windows.lay(samples);
    budget.totalQueryable += windows.looked;
    if (!this.#source.derived) budget.read += freshWeightOf(samples, windows);
    const windowed = this.#windowed;
    windowed.timestamps = samples.timestamps;
    windowed.values = samples.values;
    windowed.histograms = samples.histograms;
    windowed.startTimestamps = features.useStartTimestamps ? samples.startTimestamps : undefined;
    windowed.count = samples.count;
    windowed.from = windows.from;
    windowed.to = windows.to;
    windowed.series = series;
    this.#kernel(windowed, out);
    budget.release(held);
  }
}

/** Applies range functions to series that can be read in the pieces (spans) in which they are stored. */
class SpanReader {
  readonly #source: RangeSource;
  readonly #evaluation: Evaluation;
  readonly #spans = new SampleSpans();
  readonly #windows: SpanWindows;
  readonly #flat = new FlatSpans();
  /** Whether the selector has no modifier `anchored` or `smoothed`. These modifiers need samples around the window. */
  readonly #plain: boolean;

  constructor(source: RangeSource, evaluation: Evaluation) {
    this.#plain = source.frame.mode === "plain";
    this.#source = source;
    this.#evaluation = evaluation;
    this.#windows = new SpanWindows(source.frame);
  }

  get bytes(): number {
    return 16 * this.#flat.values.length;
  }

  /** Computes the function for the next series. Returns false if the series cannot be read in pieces. */
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

  /**
   * Copies the pieces (spans) of the current series into one array. This is faster than a second read of the series,
   * because its windows are already computed.
   */
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
