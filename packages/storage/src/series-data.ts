import type { FloatHistogram, MatchType } from "@narthex/model";

/** Samples of one series as plain data. Element i of each array belongs to sample i. */
export interface SeriesData {
  /** The labels by name. The name of the metric is the label `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Times of the samples in Unix ms, ascending. */
  readonly times: ArrayLike<number>;
  /**
   * Values of the samples. Only a Float64Array preserves Prometheus' stale marker, a special NaN; an array of numbers
   * does not.
   */
  readonly values: ArrayLike<number>;
  /** Native histograms. If element i is defined, sample i is this histogram instead of the float `values[i]`. */
  readonly histograms?: readonly (FloatHistogram | undefined)[] | undefined;
}

/** A series that was read from the storage. The reader may keep and change its arrays. */
export interface Series extends SeriesData {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** A condition on one label of a series. A missing label counts as the value "". */
export interface LabelCondition {
  readonly name: string;
  /** `=~` and `!~` compare the whole value with a regular expression in the syntax of RE2. */
  readonly type: MatchType;
  readonly value: string;
}

export interface LabelMatcher extends LabelCondition {
  /** Reports whether a label value fulfils the condition. */
  matches(value: string): boolean;
}

export interface TimeRange {
  /** Start and end of a time range, both inclusive, Unix ms. */
  readonly start: number;
  readonly end: number;
  /** Cancels the work. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns numbers as a Float64Array. A Float64Array is returned unchanged, without a copy. */
export const columnOf = (numbers: ArrayLike<number>): Float64Array =>
  numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);

/** Throws a RangeError if the arrays of a series have different lengths, or if its times do not ascend. */
export function checkColumns({ times, values, histograms }: SeriesData): void {
  if (values.length !== times.length)
    throw new RangeError(`${times.length} times need as many values, not ${values.length}`);
  if (histograms !== undefined && histograms.length > times.length)
    throw new RangeError(`${times.length} times cannot have ${histograms.length} histograms`);
  let before = -Infinity;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (!(time > before)) throw new RangeError(`times must ascend, but slot ${i} is ${time} after ${before}`);
    before = time;
  }
}
