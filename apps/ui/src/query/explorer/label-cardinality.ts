import { quoteLabelName, quoteString, seriesName } from "../../format/series-name.ts";
import type { LabelSet } from "../../format/series-name.ts";

/**
 * A label of a metric, with its values and the number of series for each value. The most frequent value comes first.
 */
export interface LabelValues {
  readonly name: string;
  readonly values: ReadonlyArray<readonly [value: string, series: number]>;
}

/** Returns the labels of the series. The label with the most values comes first. */
export function labelCardinality(series: readonly LabelSet[]): LabelValues[] {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [name, value] of Object.entries(labels)) {
      if (name === "__name__") continue;
      const values = counts.get(name) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(name, values);
    }
  }
  return Array.from(counts, ([name, values]) => ({
    name,
    values: Array.from(values).sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1)),
  })).sort((left, right) => right.values.length - left.values.length || (left.name < right.name ? -1 : 1));
}

/** A matcher of the form `name="value"`. */
export interface EqualMatcher {
  readonly name: string;
  readonly value: string;
}

/** Returns the selector of a metric with matchers. */
export function selectorOf(metric: string, matchers: readonly EqualMatcher[]): string {
  if (matchers.length === 0) return seriesName({ __name__: metric });
  const pairs = matchers.map(({ name, value }) => `${quoteLabelName(name)}=${quoteString(value)}`).join(", ");
  const bare = seriesName({ __name__: metric });
  return bare.startsWith("{") ? `${bare.slice(0, -1)}, ${pairs}}` : `${bare}{${pairs}}`;
}
