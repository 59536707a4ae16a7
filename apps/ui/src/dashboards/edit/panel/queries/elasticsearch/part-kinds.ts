import type { JsonObject } from "@narthex/dashboards";
import { choice, number, type Option, text } from "../../../../contracts/option-table.ts";

/** The inputs for a type of metrics or groups. */
export interface PartKind {
  readonly label: string;
  /** Whether the part has a field of the documents. */
  readonly hasField: boolean;
  /** Whether the part computes from another metric of the query. */
  readonly hasSource?: boolean;
  readonly options: readonly Option[];
  /** Whether all settings are edited as JSON. */
  readonly isJson?: boolean;
}

const missing = text("settings.missing", "Value of documents without the field");
const plain = (label: string, ...options: readonly Option[]): PartKind => ({ label, hasField: true, options });
const pipeline = (label: string, ...options: readonly Option[]): PartKind => ({
  label,
  hasField: false,
  hasSource: true,
  options,
});
const documents = (label: string, path: string): PartKind => ({
  label,
  hasField: false,
  options: [text(path, "Largest number of documents", "500")],
});

/** Kinds of metrics, by the type in the JSON. */
export const METRICS: Readonly<Record<string, PartKind>> = {
  count: { label: "Count", hasField: false, options: [] },
  avg: plain("Average", missing),
  sum: plain("Sum", missing),
  min: plain("Min", missing),
  max: plain("Max", missing),
  cardinality: plain("Unique Count", text("settings.precision_threshold", "Precise up to")),
  percentiles: { label: "Percentiles", hasField: true, options: [], isJson: true },
  extended_stats: { label: "Extended Stats", hasField: true, options: [], isJson: true },
  rate: plain("Rate", text("settings.unit", "Unit", "minute")),
  top_metrics: { label: "Top Metrics", hasField: false, options: [], isJson: true },
  derivative: pipeline("Derivative", text("settings.unit", "Unit")),
  cumulative_sum: pipeline("Cumulative Sum"),
  serial_diff: pipeline("Serial Difference", text("settings.lag", "Lag", "1")),
  moving_fn: pipeline("Moving Function", text("settings.window", "Window", "5"), text("settings.script", "Script")),
  bucket_script: { label: "Bucket Script", hasField: false, options: [], isJson: true },
  logs: documents("Logs", "settings.limit"),
  raw_data: documents("Raw Data", "settings.size"),
  raw_document: documents("Raw Document", "settings.size"),
};

const minCount = text("settings.min_doc_count", "Least number of documents");

/** Kinds of groups, by the type in the JSON. */
export const GROUPS: Readonly<Record<string, PartKind>> = {
  date_histogram: plain(
    "Date Histogram",
    text("settings.interval", "Interval", "auto"),
    minCount,
    text("settings.trimEdges", "Points to remove at the ends"),
    text("settings.timeZone", "Time zone", "utc"),
  ),
  terms: plain(
    "Terms",
    choice("settings.order", "Order", { desc: "Descending", asc: "Ascending" }, "desc"),
    text("settings.orderBy", "Order by", "_term", { description: "_term, _count, or the id of a metric" }),
    text("settings.size", "Size", "10"),
    minCount,
    missing,
  ),
  histogram: plain("Histogram", text("settings.interval", "Interval", "1000"), minCount),
  filters: { label: "Filters", hasField: false, options: [], isJson: true },
  geohash_grid: plain(
    "Geo Hash Grid",
    number("settings.precision", "Precision", 3, { min: 1, max: 12, integer: true }),
  ),
  nested: plain("Nested"),
};

/** Types of metrics that return documents. Such queries have one metric and no groups. */
export const isDocumentType = (type: string): boolean => ["logs", "raw_data", "raw_document"].includes(type);

/** Returns a free id for a new metric or group of a query. */
export function freeId(parts: readonly JsonObject[]): string {
  const largest = parts.reduce((most, { id }) => (Number(id) > most ? Math.trunc(Number(id)) : most), 0);
  return String(1 + largest);
}
