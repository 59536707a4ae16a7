import type { ComparedSeries } from "./series-change.ts";
import type { Together } from "./rank-changes.ts";

/** The value of a group of series over time: their sum or mean at each time of a range. */
export interface GroupCourse {
  /** Times of the values, epoch ms, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Computes the value of a group of series over one of the two compared time ranges. */
export function groupCourse(
  series: readonly ComparedSeries[],
  members: readonly number[],
  range: "before" | "after",
  how: Together,
): GroupCourse {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const at of members) {
    const course = series[at]!.courses[range];
    if (course === undefined) continue;
    const { times, field } = course;
    for (let row = 0; row < times.length; row++) {
      const value = field.values[row]!;
      if (field.nulls?.[row] === 1 || !Number.isFinite(value)) continue;
      const index = sums.get(times[row]!);
      if (index === undefined) sums.set(times[row]!, { sum: value, count: 1 });
      else {
        index.sum += value;
        index.count++;
      }
    }
  }
  const ordered = [...sums].toSorted(([a], [b]) => a - b);
  return {
    times: ordered.map(([time]) => time),
    values: ordered.map(([, { sum, count }]) => (how === "sum" ? sum : sum / count)),
  };
}
