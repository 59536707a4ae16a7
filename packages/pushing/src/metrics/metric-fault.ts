import { quote } from "@narthex/model";
import { describeMetric } from "./describe-metric.ts";
import type { MetricParts } from "./metric-text.ts";
import { SUMMARY, TYPE_NAMES } from "./metric-type.ts";
import { hasValueOf } from "./metric-value.ts";

const collected = (name: string, metric: MetricParts): string =>
  `collected metric ${quote(name)} { ${describeMetric(metric)}}`;

/**
 * Returns the error of a metric that does not fit the declared type, or undefined. In metrics from text bodies, only
 * `quantile` can be invalid.
 */
export function metricFault(name: string, type: number, metric: MetricParts): string | undefined {
  const { labels, value } = metric;
  if (!hasValueOf(type, value)) return typeProblem(name, metric, type);
  let isSummary: boolean | undefined;
  for (let i = 0; i < labels.length; i += 2) {
    const [label, text] = [labels[i]!, labels[i + 1]!];
    // Compares the first label name with an empty name, as Pushgateway does.
    if (label === (i === 0 ? "" : labels[i - 2]))
      return `${collected(name, metric)} has two or more labels with the same name: ${label}`;
    if (label.startsWith("__") || !label.isWellFormed())
      return `${collected(name, metric)} has a label with an invalid name: ${label}`;
    if (label === "quantile" && (isSummary ??= hasValueOf(SUMMARY, value)))
      return `${collected(name, metric)} must not have an explicit "quantile" label`;
    if (!text.isWellFormed())
      return `${collected(name, metric)} has a label named ${quote(label)} whose value is not utf8: ${quote(text)}`;
  }
  return undefined;
}

/** Returns the error message for a metric whose value has another type than declared. */
export const typeProblem = (name: string, metric: MetricParts, type: number): string =>
  `${collected(name, metric)} is not a ${TYPE_NAMES[type as 0]}`;

/** Returns the error message for a metric that occurs twice. */
export const repeatProblem = (name: string, metric: MetricParts): string =>
  `${collected(name, metric)} was collected before with the same name and label values`;
