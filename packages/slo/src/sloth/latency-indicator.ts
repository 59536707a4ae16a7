import { formatFloat, METRIC_NAME } from "@narthex/model";
import { parseExpression } from "@narthex/promql/syntax";
import type { Indicator } from "../objective.ts";

/** Requests that must be faster than a threshold, measured by a histogram. */
export interface LatencyQuery {
  /** A selector of the histogram without the suffixes `_bucket` and `_count`. */
  readonly histogram: string;
  readonly thresholdSeconds: number;
  /** True for a native histogram. */
  readonly isNative: boolean;
  /** Labels for which there is an error ratio each. */
  readonly by: readonly string[];
}

/** Returns the queries of a latency objective, or what is wrong with its selector. */
export function latencyIndicator(query: LatencyQuery): Indicator | string {
  const parsed = parseExpression(query.histogram);
  if (!parsed.ok) return `could not parse the selector: ${parsed.errors[0].toString()}`;
  const { expr } = parsed;
  if (expr.kind !== "vectorSelector" || expr.name === "") return "the histogram is not a selector with a metric name";
  if (expr.offsetMs !== 0 || expr.offsetExpr !== null || expr.at !== null || expr.anchored || expr.smoothed)
    return "the selector must not have a modifier";
  const { name } = expr;
  const matchers = expr.matchers.filter((matcher) => matcher.name !== METRIC_NAME);
  if (matchers.some((matcher) => matcher.name === "le")) return "the selector must not contain the label le";
  const by = query.by.length === 0 ? "" : ` by (${query.by.join(", ")})`;
  const rate = (metric: string, extra: readonly string[]): string =>
    `sum${by} (rate(${metric}{${[...matchers.map(String), ...extra].join(",")}}[{{.window}}]))`;
  if (query.isNative) {
    const all = rate(name, []);
    const fraction = `histogram_fraction(0, ${formatFloat(query.thresholdSeconds)}, ${all})`;
    return countedIndicator(`histogram_count(${all}) * (1 - ${fraction})`, `histogram_count(${all})`);
  }
  const good = rate(`${name}_bucket`, [bucketMatcher(query.thresholdSeconds)]);
  return goodIndicator(good, rate(`${name}_count`, []));
}

/** Returns the matcher of a bucket. Prometheus 3 stores the bound 1 as "1.0", and older data contain "1". */
function bucketMatcher(seconds: number): string {
  const bound = formatFloat(seconds);
  return Number.isInteger(seconds) && !bound.includes("e") ? `le=~"${bound}|${bound}\\\\.0"` : `le="${bound}"`;
}

/**
 * Returns an indicator with the share of bad events. Without bad events the share is 0, and without events there is no
 * share, so that a quiet time neither hides the objective nor spends its budget.
 */
export const countedIndicator = (errorQuery: string, totalQuery: string): Indicator => ({
  kind: "events",
  errorQuery: `\n  (${errorQuery})\n  or\n  0 * (${totalQuery})\n`,
  totalQuery: `\n  (${totalQuery}) > 0\n`,
});

/** Returns an indicator with the share of events that are not good. */
export const goodIndicator = (goodQuery: string, totalQuery: string): Indicator => ({
  kind: "events",
  errorQuery: `\n  (${totalQuery})\n  -\n  (\n    (${goodQuery})\n    or\n    0 * (${totalQuery})\n  )\n`,
  totalQuery: `\n  (${totalQuery}) > 0\n`,
});
