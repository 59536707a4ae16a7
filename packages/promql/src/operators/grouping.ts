import { METRIC_NAME } from "@narthex/model";
import { Numbering } from "./numbering.ts";

/** `by (a, b)` or `without (a, b)` of an aggregation; no clause is `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/** What tells groups apart: the labels a group keeps. `without` leaves out the metric's name, too. */
export function groupsOf({ labels, without }: Grouping): Numbering {
  if (without) return new Numbering((name) => name !== METRIC_NAME && !labels.includes(name));
  return new Numbering((name) => labels.includes(name));
}
