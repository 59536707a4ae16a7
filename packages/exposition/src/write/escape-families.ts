import { isLegacyMetricName } from "@narthex/model";
import type { MetricFamily } from "../family.ts";
import { escapeName, type EscapingScheme } from "./name-escaping.ts";

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
