import { type FloatHistogram, Labels } from "@narthex/model";
import { SampleStatsRecorder } from "../sample-stats/sample-stats-recorder.ts";
import { Annotations } from "../annotations.ts";
import { HeldMemory, SampleBudget } from "../budget.ts";
import type { Evaluation } from "../evaluation.ts";
import { createSeriesColumn, type SeriesColumn, type WindowFrame } from "../operators/operator.ts";
import type { RangeKernelFactory, WindowedSeries } from "../operators/window.ts";

/** Samples of one series and the length of the windows. Times are in ms. */
export interface KernelInput {
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  readonly histograms?: readonly (FloatHistogram | undefined)[];
  readonly rangeMs: number;
  readonly step: number;
  readonly count: number;
  readonly scalars?: readonly number[];
}

const EVERYTHING_OFF = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
  durationExpressions: true,
};

/**
 * Returns the evaluation data for running a single range function. This evaluation reads no series and never pauses.
 */
export const bareEvaluation = (count: number, step = 1): Evaluation => ({
  grid: { start: 0, step, count },
  end: (count - 1) * step,
  lookbackMs: 300_000,
  subqueryStepMs: 60_000,
  features: EVERYTHING_OFF,
  annotations: new Annotations(),
  budget: new SampleBudget(1e9),
  recorder: new SampleStatsRecorder(false, new SampleBudget(1e9)),
  claim: () => ({ series: () => Promise.reject(new Error("nothing to select from")) }),
  yieldToEventLoop: () => undefined,
  checkDeadlineAfter: () => undefined,
});

/** Returns the indexes of the samples in the window that ends at `at`. */
export function windowSlots({ timestamps, rangeMs, step }: KernelInput, at: number): number[] {
  const end = at * step;
  return timestamps.flatMap((time, slot) => (time > end - rangeMs && time <= end ? [slot] : []));
}

/**
 * Applies a range function to one series, with windows that end at 0, step, 2·step and so on. Evaluation times without
 * a result are undefined.
 */
export function runKernel(factory: RangeKernelFactory, input: KernelInput): (number | FloatHistogram | undefined)[] {
  const { count, step, rangeMs } = input;
  const frame: WindowFrame = {
    grid: { start: 0, step, count },
    rangeMs,
    firstEnd: 0,
    stride: step,
    before: 0,
    after: 0,
    mode: "plain",
  };
  const position = { start: 0, end: 0 };
  const scalars = (input.scalars ?? []).map((value) => new Float64Array(count).fill(value));
  const evaluation = bareEvaluation(count, step);
  const kernel = factory({
    frame,
    scalars,
    evaluation,
    held: new HeldMemory(evaluation.budget),
    position,
    scalarPosition: position,
    func: "f",
  });
  const slots = Array.from({ length: count }, (_, at) => windowSlots(input, at));
  let from = 0;
  const bounds = slots.map((window) =>
    window.length === 0 ? [from, from] : [(from = window[0]!), window.at(-1)! + 1],
  );
  const series: WindowedSeries = {
    timestamps: Float64Array.from(input.timestamps),
    values: Float64Array.from(input.values),
    histograms: input.histograms,
    startTimestamps: undefined,
    count: input.timestamps.length,
    from: Int32Array.from(bounds, ([low]) => low!),
    to: Int32Array.from(bounds, ([, high]) => high!),
    metricName: "m_total",
    series: { labels: Labels.of({ __name__: "m_total" }), dropName: false },
  };
  const out = createSeriesColumn(count);
  kernel(series, out);
  return Array.from({ length: count }, (_, at) => slotOf(out, at));
}

const slotOf = (out: SeriesColumn, at: number): number | FloatHistogram | undefined =>
  out.present[at] === 0 ? undefined : out.present[at] === 2 ? out.histograms![at] : out.values[at];
