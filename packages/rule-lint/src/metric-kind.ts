import type { Expr } from "@narthex/promql";
import type { LintedRule } from "./linted-rule.ts";
import { unwrapped } from "./expression/nodes.ts";

/** Whether a metric only increases (counter) or can also decrease (gauge), and how this is known. */
export interface MetricKind {
  readonly kind: "counter" | "gauge";
  readonly source: "metadata" | "name" | "rule";
}

const METADATA_NAMES: ReadonlySet<string> = new Set(["_bucket", "_count", "_sum"]);

/** Returns the kind of a metric with the given metadata types. Undefined if they contradict each other. */
export function kindByTypes(metric: string, types: readonly string[]): MetricKind | undefined {
  const kinds = new Set(types.map((type) => kindOfType(metric, type)));
  const [kind] = kinds;
  return kinds.size === 1 && kind !== undefined ? { kind, source: "metadata" } : undefined;
}

function kindOfType(metric: string, type: string): MetricKind["kind"] | undefined {
  if (type === "counter" || type === "gauge") return type;
  if (type !== "histogram" && type !== "summary") return undefined;
  const suffix = metric.slice(metric.lastIndexOf("_"));
  if (METADATA_NAMES.has(suffix)) return "counter";
  // The series of a summary without a suffix are quantiles. A native histogram has no suffix either.
  return type === "summary" ? "gauge" : undefined;
}

const COUNTER_ENDINGS = ["_total", "_bucket"];
const GAUGE_ENDINGS = ["_ratio", "_percent", "_percentage", "_celsius", "_info", "_timestamp_seconds", "_created"];

/** Guesses the kind of a metric by its name. Returns undefined for names that do not follow the conventions. */
export function kindByName(metric: string): MetricKind | undefined {
  if (metric.includes(":")) return undefined;
  if (COUNTER_ENDINGS.some((ending) => metric.endsWith(ending))) return { kind: "counter", source: "name" };
  return GAUGE_ENDINGS.some((ending) => metric.endsWith(ending)) ? { kind: "gauge", source: "name" } : undefined;
}

/** Functions whose result can decrease, for any argument. */
const GAUGE_FUNCTIONS: ReadonlySet<string> = new Set([
  "rate",
  "irate",
  "increase",
  "delta",
  "idelta",
  "deriv",
  "histogram_quantile",
  "predict_linear",
  "avg_over_time",
]);

/** Returns the kind of a recorded metric by the expressions that record it. Undefined if it does not follow from them. */
export function kindByRules(rules: readonly LintedRule[]): MetricKind | undefined {
  const isGauge = rules.every(({ spec }) => isGaugeExpression(spec.expr));
  return isGauge ? { kind: "gauge", source: "rule" } : undefined;
}

function isGaugeExpression(expr: Expr): boolean {
  const inner = unwrapped(expr);
  if (inner.kind === "aggregate") return inner.op === "count" || inner.op === "group" || isGaugeExpression(inner.expr);
  if (inner.kind === "call") return GAUGE_FUNCTIONS.has(inner.func);
  return inner.kind === "binary" && (inner.op === "/" || inner.op === "*") && isGaugeExpression(inner.lhs);
}
