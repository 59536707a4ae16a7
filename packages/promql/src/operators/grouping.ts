import { METRIC_NAME } from "@narthex/model";
import { GroupIds } from "./group-ids.ts";

/** `by (a, b)` or `without (a, b)` of an aggregation; no clause is `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/** Which labels a group keeps. `without` leaves out the metric's name, too. */
export function keptLabels({ labels, without }: Grouping): (name: string) => boolean {
  if (without) return (name) => name !== METRIC_NAME && !labels.includes(name);
  return (name) => labels.includes(name);
}

/** Identifies groups by the labels that they keep. */
export const groupsOf = (grouping: Grouping): GroupIds => new GroupIds(keptLabels(grouping));
