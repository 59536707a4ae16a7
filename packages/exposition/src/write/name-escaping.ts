import { isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import type { MetricFamily } from "../family.ts";

/** How a name outside the classic alphabet is written for those who do not know UTF-8 names. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** The schemes' names, as headers and configuration spell them. */
export const ESCAPING_SCHEMES: readonly EscapingScheme[] = ["allow-utf-8", "underscores", "dots", "values"];

/** A metric or label name under a scheme. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (name === "" || scheme === "allow-utf-8") return name;
  if (scheme === "underscores") return isLegacyMetricName(name) ? name : mapped(name, () => "_");
  if (scheme === "dots") return mapped(name, (char) => (char === "." ? "_dot_" : "__"), "__");
  if (isLegacyMetricName(name) || isLegacyLabelName(name)) return name;
  return `U__${mapped(name, (char) => `_${char.codePointAt(0)!.toString(16)}_`, "__")}`;
}

/** Every character that may not stand in a classic name, replaced; underscores too where `underscore` is given. */
function mapped(name: string, replace: (char: string) => string, underscore?: string): string {
  let out = "";
  for (const char of name) {
    if (char === "_" && underscore !== undefined) out += underscore;
    else if (/[a-zA-Z_:]/.test(char) || (/[0-9]/.test(char) && out !== "")) out += char;
    else out += replace(char);
  }
  return out;
}

/** Families with the names of metrics and labels written under a scheme; the same objects under "allow-utf-8". */
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

/** Names that need no escaping stand as they are, as Go's writers have it: "dots" does not double their underscores. */
export const escaped = (name: string, scheme: EscapingScheme): string =>
  isLegacyMetricName(name) ? name : escapeName(name, scheme);
