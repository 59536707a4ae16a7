import { type Labels, METRIC_NAME } from "@narthex/model";
import type { VectorMatching } from "../syntax/ast.ts";
import { GroupIds } from "./group-ids.ts";

/** Returns the labels that must be equal for two elements to match. */
export function matchLabels(labels: Labels, { on, labels: names }: Pick<VectorMatching, "on" | "labels">): Labels {
  if (on) return labels.filter((name) => names.includes(name));
  return labels.filter((name) => name !== METRIC_NAME && !names.includes(name));
}

/**
 * Returns an object that numbers the match groups (series with equal matching labels) of both sides. `ofOneSelection`
 * means that both sides come from the same selection of stored series.
 */
export function signaturesOf(
  { on, labels: names }: Pick<VectorMatching, "on" | "labels">,
  ofOneSelection = false,
): GroupIds {
  if (on) return new GroupIds((name) => names.includes(name), ofOneSelection);
  return new GroupIds((name) => name !== METRIC_NAME && !names.includes(name), ofOneSelection);
}
