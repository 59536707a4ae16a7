import { METRIC_NAME } from "@narthex/model";
import { GroupIds } from "./group-ids.ts";

/** The clause `by (a, b)` or `without (a, b)` of an aggregation. A missing clause means `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/**
 * Returns a function that reports whether the result of an aggregation keeps a label. `without` also removes the metric
 * name.
 */
export function keptLabels({ labels, without }: Grouping): (name: string) => boolean {
  if (without) return (name) => name !== METRIC_NAME && !labels.includes(name);
  return (name) => labels.includes(name);
}

/** Returns an object that numbers the groups of an aggregation. */
export const groupsOf = (grouping: Grouping): GroupIds => new GroupIds(keptLabels(grouping));
