import { unitOf } from "../generate/family-unit.ts";
import type { MetricFamily } from "../generate/metric-family.ts";
import type { Together } from "./rank-changes.ts";

/** A query whose series are compared between two time ranges, to find what changed. */
export interface ChangeQuery {
  /** Title of the comparison: the metric's name, and for histograms also the computed value. */
  readonly title: string;
  readonly together: Together;
  /** Id of the unit of the query's values, as in `FieldConfig.unit`. */
  readonly unit: string;
  /** Returns the query with these label matchers added. With an empty list, returns the query unchanged. */
  readonly exprWith: (matchers: readonly string[]) => string;
}

const WINDOW = "[$__rate_interval]";
const P95 = 0.95;

const query = (
  title: string,
  together: Together,
  unit: string,
  exprOf: (selector: string) => string,
  matchers: readonly string[],
): ChangeQuery => ({
  title,
  together,
  unit,
  exprWith: (more) => {
    const all = [...matchers, ...more];
    return exprOf(all.length === 0 ? "" : `{${all.join(",")}}`);
  },
});

/**
 * Returns the queries that show what changed in a metric. Counters are queried as rates, gauges unchanged, histograms
 * as the rate of observations and the 95th percentile. Returns no queries for info metrics and for timestamps.
 * @param matchers matchers that all series of the metric share: `job="x"`
 */
export function changeQueries(family: MetricFamily, matchers: readonly string[]): readonly ChangeQuery[] {
  const { name, series } = family;
  switch (family.kind) {
    case "counter":
      return [
        query(name, "sum", unitOf(family, true), (selector) => `rate(${series.name}${selector}${WINDOW})`, matchers),
      ];
    case "gauge":
    case "state":
      return [query(name, "mean", unitOf(family, false), (selector) => `${series.name}${selector}`, matchers)];
    case "histogram":
      return [
        query(`${name}: observations`, "sum", "ops", (selector) => `rate(${name}_count${selector}${WINDOW})`, matchers),
        query(
          `${name}: 95th percentile`,
          "mean",
          unitOf(family, false),
          (selector) => `histogram_quantile(${P95}, rate(${name}_bucket${selector}${WINDOW}))`,
          matchers,
        ),
      ];
    case "native histogram":
      return [
        query(
          `${name}: observations`,
          "sum",
          "ops",
          (selector) => `histogram_count(rate(${series.name}${selector}${WINDOW}))`,
          matchers,
        ),
        query(
          `${name}: 95th percentile`,
          "mean",
          unitOf(family, false),
          (selector) => `histogram_quantile(${P95}, rate(${series.name}${selector}${WINDOW}))`,
          matchers,
        ),
      ];
    case "summary":
      return [
        query(`${name}: observations`, "sum", "ops", (selector) => `rate(${name}_count${selector}${WINDOW})`, matchers),
      ];
    case "info":
    case "time":
      return [];
  }
}
