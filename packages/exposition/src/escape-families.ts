import type { MetricFamily } from "./family.ts";
import { escapeName, type EscapingScheme } from "./name-escaping.ts";

/** Families with the names of metrics and labels written under a scheme; the same objects under "allow-utf-8". */
export function escapeFamilies(families: Iterable<MetricFamily>, scheme: EscapingScheme): Iterable<MetricFamily> {
  if (scheme === "allow-utf-8") return families;
  return [...families].map((family) => ({
    ...family,
    name: escapeName(family.name, scheme),
    samples: family.samples.map((sample) => ({
      ...sample,
      labels: sample.labels.map((text, i) => (i % 2 === 0 ? escapeName(text, scheme) : text)),
    })),
  }));
}
