import type { Frame, Labels, NumericField } from "../frame/frame.ts";
import { timeFieldOf } from "../frame/frame.ts";

/** Statistics of a series in a time range: the mean of its values, their variance, and their number. */
export interface SeriesLevel {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/**
 * Statistics of a series in the two compared time ranges. The statistics are undefined for a range in which the series
 * has no values.
 */
export interface SeriesChange {
  readonly labels: Labels;
  readonly before: SeriesLevel | undefined;
  readonly after: SeriesLevel | undefined;
}

/** The values of a series over time. */
export interface SeriesCourse {
  readonly labels: Labels;
  /** Times of the values, epoch ms. */
  readonly times: Float64Array;
  readonly field: NumericField;
}

/** Returns the series of the frames. Their labels do not contain the metric's name. */
export function coursesOf(frames: readonly Frame[]): readonly SeriesCourse[] {
  return frames.flatMap((frame) => {
    const times = timeFieldOf(frame);
    if (times === undefined) return [];
    return frame.fields.flatMap((field): SeriesCourse[] => {
      if (field.type !== "number") return [];
      const { __name__: _, ...labels } = field.labels ?? {};
      return [{ labels, times: times.values, field }];
    });
  });
}

/**
 * Returns the mean and variance of the finite values of a series. Returns undefined for a series without finite values.
 */
export function levelOf({ values, nulls }: NumericField): SeriesLevel | undefined {
  let [count, mean, squares] = [0, 0, 0];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (nulls?.[row] === 1 || !Number.isFinite(value)) continue;
    count++;
    const distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
  }
  return count === 0 ? undefined : { mean, variance: squares / count, count };
}

/** Returns a text that identifies a series by its labels. */
const identityOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A series with its values over time in both compared ranges. */
export interface ComparedSeries extends SeriesChange {
  readonly courses: { readonly before?: SeriesCourse; readonly after?: SeriesCourse };
}

/** Pairs the series of two time ranges by their labels. Leaves out series that have no value in either range. */
export function compareSeries(
  before: readonly SeriesCourse[],
  after: readonly SeriesCourse[],
): readonly ComparedSeries[] {
  const pairs = new Map<string, { before?: SeriesCourse; after?: SeriesCourse }>();
  for (const course of before) pairs.set(identityOf(course.labels), { before: course });
  for (const course of after) {
    const key = identityOf(course.labels);
    pairs.set(key, { ...pairs.get(key), after: course });
  }
  return [...pairs.values()].flatMap((courses): ComparedSeries[] => {
    const levels = {
      before: courses.before && levelOf(courses.before.field),
      after: courses.after && levelOf(courses.after.field),
    };
    if (levels.before === undefined && levels.after === undefined) return [];
    return [{ labels: (courses.after ?? courses.before)!.labels, ...levels, courses }];
  });
}
