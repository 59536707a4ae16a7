const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** How names are checked: any UTF-8, or the identifiers of Prometheus 2. */
export type NameValidation = "utf8" | "legacy";

/** Is this a metric name of the classic alphabet (letters, digits, underscore, colon)? */
export const isLegacyMetricName = (name: string): boolean => LEGACY_METRIC.test(name);

/** Is this a label name of the classic alphabet (letters, digits, underscore)? */
export const isLegacyLabelName = (name: string): boolean => LEGACY_LABEL.test(name);

/** Is the name allowed under the scheme? UTF-8: not empty, no lone surrogates. */
export function isMetricName(name: string, scheme: NameValidation = "utf8"): boolean {
  return scheme === "legacy" ? isLegacyMetricName(name) : name !== "" && name.isWellFormed();
}

/** Is the label name allowed under the scheme? */
export function isLabelName(name: string, scheme: NameValidation = "utf8"): boolean {
  return scheme === "legacy" ? isLegacyLabelName(name) : name !== "" && name.isWellFormed();
}
