import { isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import type { MetricFamily } from "../family.ts";

/** Scheme by which a name that is not a classic name is written for clients that do not support UTF-8 names. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** Names of the escaping schemes in headers and configuration. */
export const ESCAPING_SCHEMES: readonly EscapingScheme[] = ["allow-utf-8", "underscores", "dots", "values"];

/** Returns a metric or label name, escaped by a scheme. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (name === "" || scheme === "allow-utf-8") return name;
  if (scheme === "underscores") return isLegacyMetricName(name) ? name : mapped(name, () => "_");
  if (scheme === "dots") return mapped(name, (char) => (char === "." ? "_dot_" : "__"), "__");
  if (isLegacyMetricName(name) || isLegacyLabelName(name)) return name;
  return `U__${mapped(name, (char) => `_${char.codePointAt(0)!.toString(16)}_`, "__")}`;
}

/**
 * Replaces every character that a classic name cannot contain.
 * @param underscore replaces underscores too, if given
 */
function mapped(name: string, replace: (char: string) => string, underscore?: string): string {
  let out = "";
  for (const char of name) {
    if (char === "_" && underscore !== undefined) out += underscore;
    else if (/[a-zA-Z_:]/.test(char) || (/[0-9]/.test(char) && out !== "")) out += char;
    else out += replace(char);
  }
  return out;
}

/**
 * Returns families in which the names of metrics and labels are escaped. For "allow-utf-8", returns the given families
 * unchanged.
 */
export function escapeFamilies(families: Iterable<MetricFamily>, scheme: EscapingScheme): Iterable<MetricFamily> {
  if (scheme === "allow-utf-8") return families;
  return [...families].map((family) => ({
    ...family,
    name: escaped(family.name, scheme),
    samples: family.samples.map((sample) => ({
      ...sample,
      labels: sample.labels.map((text, i) => (i % 2 === 0 ? escaped(text, scheme) : text)),
    })),
  }));
}

/**
 * Escapes a name that is not a classic name. As in Go's writers, a classic name is returned unchanged; with the scheme
 * "dots", escapeName() would double its underscores.
 */
export const escaped = (name: string, scheme: EscapingScheme): string =>
  isLegacyMetricName(name) ? name : escapeName(name, scheme);
