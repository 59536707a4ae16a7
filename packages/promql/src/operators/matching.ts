import { type Labels, METRIC_NAME } from "@narthex/model";
import type { VectorMatching } from "../syntax/ast.ts";
import { Numbering } from "./numbering.ts";

/** The labels two elements are matched by. */
export function matchLabels(labels: Labels, { on, labels: names }: Pick<VectorMatching, "on" | "labels">): Labels {
  if (on) return labels.filter((name) => names.includes(name));
  return labels.filter((name) => name !== METRIC_NAME && !names.includes(name));
}

/** Numbers the match groups of both sides alike. `ofOneSelection`: of all lists with the same stored labels. */
export function signaturesOf(
  { on, labels: names }: Pick<VectorMatching, "on" | "labels">,
  ofOneSelection = false,
): Numbering {
  if (on) return new Numbering((name) => names.includes(name), ofOneSelection);
  return new Numbering((name) => name !== METRIC_NAME && !names.includes(name), ofOneSelection);
}
