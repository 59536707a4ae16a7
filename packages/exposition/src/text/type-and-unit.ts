import { METRIC_NAME } from "@narthex/model";
import type { MetricType } from "../family.ts";

/** Names of the labels that contain the type and unit of a series' metric family. */
export const TYPE_LABEL = "__type__";
export const UNIT_LABEL = "__unit__";

/**
 * Adds the type and unit of the family, if known, to a list of labels (name, value, name, value …; the metric's name
 * first). The added labels replace labels with the same names.
 */
export function withTypeAndUnit(labels: readonly string[], type: MetricType, unit: string): string[] {
  const out = labels.slice(0, 2);
  if (type !== "unknown") out.push(TYPE_LABEL, type);
  if (unit !== "") out.push(UNIT_LABEL, unit);
  for (let i = 2; i < labels.length; i += 2) {
    if (!isSetByFamily(labels[i]!, type, unit)) out.push(labels[i]!, labels[i + 1]!);
  }
  return out;
}

/** Reports whether the value of a label comes from the type or unit of the family and not from the series. */
export function isSetByFamily(label: string, type: MetricType, unit: string): boolean {
  if (label === TYPE_LABEL) return type !== "unknown";
  return label === UNIT_LABEL ? unit !== "" : label === METRIC_NAME;
}
