import { type Labels, METRIC_NAME } from "@narthex/model";
import type { VectorMatching } from "../syntax/ast.ts";
import { GroupIds } from "./group-ids.ts";

/** The labels by which two elements are matched. */
export function matchLabels(labels: Labels, { on, labels: names }: Pick<VectorMatching, "on" | "labels">): Labels {
  if (on) return labels.filter((name) => names.includes(name));
  return labels.filter((name) => name !== METRIC_NAME && !names.includes(name));
}

/** Numbers the match groups of both sides consistently. `ofOneSelection`: all lists have the same stored labels. */
export function signaturesOf(
  { on, labels: names }: Pick<VectorMatching, "on" | "labels">,
  ofOneSelection = false,
): GroupIds {
  if (on) return new GroupIds((name) => names.includes(name), ofOneSelection);
  return new GroupIds((name) => name !== METRIC_NAME && !names.includes(name), ofOneSelection);
}
