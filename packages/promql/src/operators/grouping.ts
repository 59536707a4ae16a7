import { METRIC_NAME } from "@narthex/model";
import { GroupIds } from "./group-ids.ts";

/** `by (a, b)` or `without (a, b)` of an aggregation; no clause is `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/** What tells groups apart: the labels a group keeps. `without` leaves out the metric's name, too. */
export function groupsOf({ labels, without }: Grouping): GroupIds {
  if (without) return new GroupIds((name) => name !== METRIC_NAME && !labels.includes(name));
  return new GroupIds((name) => labels.includes(name));
}
