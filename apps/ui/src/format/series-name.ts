/** Label values by name, as in the API's series; `__name__` is the metric. */
export type LabelSet = Readonly<Record<string, string>>;

const legacyMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Returns a PromQL string literal in double quotes. */
export function quoteString(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** Returns a label name for PromQL: quoted unless it is a plain identifier. */
export function quoteLabelName(name: string): string {
  return legacyLabel.test(name) ? name : quoteString(name);
}

/** Returns the labels without the metric name, sorted by name. */
export function sortedLabels(labels: LabelSet): Array<[string, string]> {
  return Object.entries(labels)
    .filter(([name]) => name !== "__name__")
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Returns a unique key for a label set, independent of the label order. */
export function seriesKey(labels: LabelSet): string {
  return JSON.stringify(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Returns a series as a PromQL selector: `up{job="node"}`, `{"a.b", job="node"}`, `{}`. */
export function seriesName(labels: LabelSet): string {
  const metric = labels["__name__"] ?? "";
  const pairs = sortedLabels(labels).map(([name, value]) => `${quoteLabelName(name)}=${quoteString(value)}`);
  if (metric !== "" && !legacyMetric.test(metric)) return `{${[quoteString(metric), ...pairs].join(", ")}}`;
  if (pairs.length === 0) return metric === "" ? "{}" : metric;
  return `${metric}{${pairs.join(", ")}}`;
}
