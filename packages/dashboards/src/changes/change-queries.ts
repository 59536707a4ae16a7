import { unitOf } from "../generate/family-unit.ts";
import type { MetricFamily } from "../generate/metric-family.ts";
import type { Together } from "./rank-changes.ts";

/** A query whose series are compared between two ranges. */
export interface ChangeQuery {
  /** For the reader: a metric's name, and what of it. */
  readonly title: string;
  readonly together: Together;
  /** As fields have it. */
  readonly unit: string;
  /** The query with such matchers besides its own; without any, as it is asked. */
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
 * What is asked of a metric to see what has changed: counters by their rates, histograms by how often they were observed
 * and by their 95th percentiles, gauges as they are. Facts that do not change, and times, are not asked for.
 *
 * @param matchers those that all its series have, `job="x"`
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
