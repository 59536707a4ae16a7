import type { Frame, Labels, NumericField } from "../frame/frame.ts";
import { timeFieldOf } from "../frame/frame.ts";

/** What a series was on average, how much its values vary around that, and of how many values that is known. */
export interface SeriesLevel {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** A series in two ranges; undefined where it was not there. */
export interface SeriesChange {
  readonly labels: Labels;
  readonly before: SeriesLevel | undefined;
  readonly after: SeriesLevel | undefined;
}

/** A series over time. */
export interface SeriesCourse {
  readonly labels: Labels;
  /** Epoch ms. */
  readonly times: Float64Array;
  readonly field: NumericField;
}

/** The series that frames hold, the metric's name left out of their labels. */
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

/** Undefined of a series without a finite value. */
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

/** What tells a series from others. */
const identityOf = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A series with its courses in both ranges. */
export interface ComparedSeries extends SeriesChange {
  readonly courses: { readonly before?: SeriesCourse; readonly after?: SeriesCourse };
}

/** Series of two ranges side by side; those without a value in either are left out. */
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
