import type { Position } from "@narthex/config";
import { formatFloat, Matcher, METRIC_NAME } from "@narthex/model";
import { parseExpression } from "@narthex/promql/syntax";
import type { Texts } from "../generated-rule.ts";

/** A selector of one metric. `matchers` does not contain the metric name. */
export interface Metric {
  readonly name: string;
  readonly matchers: readonly Matcher[];
}

/** How an objective of Pyrra measures good events. */
export type PyrraIndicator =
  | { readonly kind: "ratio"; readonly errors: Metric; readonly total: Metric }
  | { readonly kind: "latency"; readonly success: Metric; readonly total: Metric }
  | { readonly kind: "latencyNative"; readonly total: Metric; readonly seconds: number }
  | { readonly kind: "boolGauge"; readonly total: Metric };

export interface PyrraAlerting {
  readonly burnRates: boolean;
  readonly absent: boolean;
  readonly name: string;
  readonly absentName: string;
  readonly severities: { readonly absent: string; readonly burnRates: readonly string[] };
}

/** An objective of Pyrra: a Kubernetes object `ServiceLevelObjective`. */
export interface PyrraObjective extends Position {
  readonly name: string;
  readonly namespace: string;
  readonly description: string;
  /** Labels of the object that the rules get. */
  readonly labels: Texts;
  readonly annotations: Texts;
  /** Share of good events, from 0 to 1. */
  readonly target: number;
  readonly windowMs: number;
  /** True if the whole window is computed from recorded increases of 5 minutes. */
  readonly isApproximate: boolean;
  readonly grouping: readonly string[];
  readonly alerting: PyrraAlerting;
  readonly indicator: PyrraIndicator;
}

/** Parses a selector with a metric name. Returns the reason if the text is something else. */
export function metricOf(text: string): Metric | string {
  const parsed = parseExpression(text);
  if (!parsed.ok) return `could not parse the metric: ${parsed.errors[0].toString()}`;
  const { expr } = parsed;
  if (expr.kind !== "vectorSelector") return "the metric is not a selector";
  const name =
    expr.name === ""
      ? (expr.matchers.find((one) => one.name === METRIC_NAME && one.type === "=")?.value ?? "")
      : expr.name;
  if (name === "") return "the selector has no metric name";
  return { name, matchers: expr.matchers.filter((one) => one.name !== METRIC_NAME) };
}

/**
 * Returns a matcher that also finds buckets of Prometheus 3, which stores the bound 1 as "1.0". Other matchers are
 * returned unchanged.
 */
export const bucketMatcher = (matcher: Matcher): Matcher =>
  matcher.name === "le" && matcher.type === "=" && isWhole(matcher.value)
    ? new Matcher("=~", "le", `${matcher.value}(\\.0)?`)
    : matcher;

const isWhole = (text: string): boolean => text !== "" && formatFloat(Number.parseInt(text, 10)) === text;

/** Returns the selector of a metric. */
export const selectorText = ({ name, matchers }: Metric): string =>
  matchers.length === 0 ? name : `${name}{${matchers.map(String).join(",")}}`;
