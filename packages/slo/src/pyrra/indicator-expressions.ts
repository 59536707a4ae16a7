import { formatDuration, formatFloat, Matcher } from "@narthex/model";
import { bucketMatcher, type Metric, type PyrraObjective, selectorText } from "./pyrra-objective.ts";

/** Returns ` by (a, b)`, or nothing without labels. */
export const byLabels = (labels: readonly string[]): string =>
  labels.length === 0 ? "" : ` by (${[...new Set(labels)].sort().join(", ")})`;

const ranged = (metric: Metric, windowMs: number): string => `${selectorText(metric)}[${formatDuration(windowMs)}]`;

const withBuckets = ({ name, matchers }: Metric): Metric => ({ name, matchers: matchers.map(bucketMatcher) });

/** Returns the expression of the share of bad events in a window. */
export function burnRateExpression({ indicator, grouping }: PyrraObjective, windowMs: number): string {
  const by = byLabels(grouping);
  const sum = (call: string, metric: Metric): string => `sum${by} (${call}(${ranged(metric, windowMs)}))`;
  switch (indicator.kind) {
    case "ratio":
      return `${sum("rate", indicator.errors)} / ${sum("rate", indicator.total)}`;
    case "latency": {
      const [total, success] = [withBuckets(indicator.total), withBuckets(indicator.success)];
      return `(${sum("rate", total)} - ${sum("rate", success)}) / ${sum("rate", total)}`;
    }
    case "latencyNative":
      return `1 - histogram_fraction(0, ${formatFloat(indicator.seconds)}, ${sum("rate", indicator.total)})`;
    case "boolGauge": {
      const count = sum("count_over_time", indicator.total);
      return `(${count} - ${sum("sum_over_time", indicator.total)}) / ${count}`;
    }
  }
}

/** A number of events in the whole window that is recorded. */
export interface RecordedCount {
  /** Name of the series for a window. */
  readonly record: (windowMs: number) => string;
  readonly expression: (windowMs: number, by: readonly string[]) => string;
  /** Value of the label `le`, if the series has one. */
  readonly le: string | undefined;
  /** The metric whose absence causes an alert; undefined if there is no such alert. */
  readonly source: Metric | undefined;
  readonly matchers: readonly Matcher[];
}

/** Returns the counts of events that are recorded for the whole window. */
export function recordedCounts({ indicator }: PyrraObjective): readonly RecordedCount[] {
  switch (indicator.kind) {
    case "ratio": {
      const { total, errors } = indicator;
      return total.name === errors.name ? [increase(total)] : [increase(total), increase(errors)];
    }
    case "latency": {
      const le = indicator.success.matchers.find(({ name }) => name === "le")?.value ?? "";
      return [increase(withBuckets(indicator.total)), { ...increase(withBuckets(indicator.success)), le }];
    }
    case "latencyNative":
      return nativeCounts(indicator.total, indicator.seconds);
    case "boolGauge":
      return [overTime(indicator.total, "count"), { ...overTime(indicator.total, "sum"), source: undefined }];
  }
}

const increase = (metric: Metric): RecordedCount => ({
  record: (windowMs) => increaseName(metric.name, windowMs),
  expression: (windowMs, by) => `sum${byLabels(by)} (increase(${ranged(metric, windowMs)}))`,
  le: undefined,
  source: metric,
  matchers: metric.matchers,
});

const overTime = (metric: Metric, what: "count" | "sum"): RecordedCount => ({
  record: (windowMs) => `${metric.name}:${what}${formatDuration(windowMs)}`,
  expression: (windowMs, by) => `sum${byLabels(by)} (${what}_over_time(${ranged(metric, windowMs)}))`,
  le: undefined,
  source: metric,
  matchers: metric.matchers,
});

function nativeCounts(total: Metric, seconds: number): readonly RecordedCount[] {
  const sum = (windowMs: number, by: readonly string[]): string =>
    `sum${byLabels(by)} (increase(${ranged(total, windowMs)}))`;
  const record = (windowMs: number): string => increaseName(total.name, windowMs);
  const shared = { record, source: undefined, matchers: total.matchers };
  const bound = formatFloat(seconds);
  return [
    { ...shared, le: undefined, expression: (windowMs, by) => `histogram_count(${sum(windowMs, by)})` },
    {
      ...shared,
      le: bound,
      expression: (windowMs, by) =>
        `histogram_fraction(0, ${bound}, ${sum(windowMs, by)}) * histogram_count(${sum(windowMs, by)})`,
    },
  ];
}

const increaseName = (metric: string, windowMs: number): string =>
  `${withoutSuffixes(metric, "_total", "_count", "_bucket")}:increase${formatDuration(windowMs)}`;

/** Returns the name of the series with the share of bad events in a window. */
export const burnRateName = ({ indicator }: PyrraObjective, windowMs: number): string =>
  `${withoutSuffixes(indicator.total.name, "_total", "_count")}:burnrate${formatDuration(windowMs)}`;

/** Removes each of the suffixes with which the name ends, in their order. */
const withoutSuffixes = (name: string, ...suffixes: readonly string[]): string =>
  suffixes.reduce((rest, suffix) => (rest.endsWith(suffix) ? rest.slice(0, -suffix.length) : rest), name);
