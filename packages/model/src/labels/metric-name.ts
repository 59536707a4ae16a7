const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Rule for valid metric and label names: any UTF-8, or only the names that Prometheus 2 accepts (`legacy`). */
export type NameValidation = "utf8" | "legacy";

/** Reports whether a name is a classic metric name (letters, digits, underscore, colon). */
export const isLegacyMetricName = (name: string): boolean => LEGACY_METRIC.test(name);

/** Reports whether a name is a classic label name (letters, digits, underscore). */
export const isLegacyLabelName = (name: string): boolean => LEGACY_LABEL.test(name);

/**
 * Reports whether a metric name is valid. Under the rule `utf8`, the name must not be empty and must not contain lone
 * surrogates.
 */
export function isMetricName(name: string, scheme: NameValidation = "utf8"): boolean {
  return scheme === "legacy" ? isLegacyMetricName(name) : name !== "" && name.isWellFormed();
}

/** Reports whether a label name is valid under the given rule. */
export function isLabelName(name: string, scheme: NameValidation = "utf8"): boolean {
  return scheme === "legacy" ? isLegacyLabelName(name) : name !== "" && name.isWellFormed();
}
