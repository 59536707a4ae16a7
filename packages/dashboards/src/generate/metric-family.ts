export interface MetricMetadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/**
 * The series of one metric name. Contains the name, the labels whose values differ between the series, and the number
 * of series.
 */
export interface MetricSeries {
  readonly name: string;
  readonly labels: readonly string[];
  readonly count: number;
}

type FamilyKind = "counter" | "gauge" | "histogram" | "native histogram" | "summary" | "info" | "time" | "state";

/** A metric family as exporters define it. A histogram includes its buckets, its sum and its count. */
export interface MetricFamily extends MetricMetadata {
  readonly name: string;
  readonly kind: FamilyKind;
  /** The series to query: for a counter `x_total`, for a histogram `x_bucket`, otherwise `x`. */
  readonly series: MetricSeries;
}

const PARTS = /_(?:bucket|sum|count)$/;
const NOTHING: MetricMetadata = { type: "unknown", help: "", unit: "" };

function kindOf(name: string, type: string): FamilyKind {
  if (type === "counter" || (type === "unknown" && name.endsWith("_total"))) return "counter";
  if (type === "histogram" || type === "gaugehistogram") return "native histogram";
  if (type === "summary") return "summary";
  if (type === "info" || name.endsWith("_info")) return "info";
  if (/_(?:timestamp|time)_seconds$/.test(name)) return "time";
  return type === "stateset" || name === "up" || name.endsWith("_up") ? "state" : "gauge";
}

/**
 * Groups series into the metrics that they belong to, by their names. Metadata may name a counter with or without
 * `_total`.
 */
export function metricFamilies(
  series: readonly MetricSeries[],
  metadata: ReadonlyMap<string, MetricMetadata>,
): MetricFamily[] {
  const byName = new Map(series.map((one) => [one.name, one]));
  const families: MetricFamily[] = [];
  for (const one of series) {
    const whole = one.name.replace(PARTS, "");
    const isBucket = one.name.endsWith("_bucket") && one.labels.includes("le");
    const part =
      whole === one.name
        ? undefined
        : (metadata.get(whole)?.type ?? (byName.has(`${whole}_bucket`) ? "histogram" : undefined));
    if (isBucket) {
      const info = metadata.get(whole) ?? NOTHING;
      families.push({ ...info, type: "histogram", name: whole, kind: "histogram", series: one });
    } else if (part === "histogram" || part === "gaugehistogram" || (part === "summary" && byName.has(whole))) {
      // This series is part of a histogram or summary, and is shown with that metric.
    } else {
      const info = metadata.get(one.name) ?? metadata.get(one.name.replace(/_total$/, "")) ?? NOTHING;
      families.push({ ...info, name: one.name, kind: kindOf(one.name, info.type), series: one });
    }
  }
  return families.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
