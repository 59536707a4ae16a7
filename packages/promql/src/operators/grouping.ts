import { METRIC_NAME } from "@narthex/model";
import { GroupIds } from "./group-ids.ts";

/** `by (a, b)` or `without (a, b)` of an aggregation. Without a clause it is `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/** Returns a function that reports whether a group keeps a label. `without` removes the metric name, too. */
export function keptLabels({ labels, without }: Grouping): (name: string) => boolean {
  if (without) return (name) => name !== METRIC_NAME && !labels.includes(name);
  return (name) => labels.includes(name);
}

/** Returns an object that numbers groups by the labels that they keep. */
export const groupsOf = (grouping: Grouping): GroupIds => new GroupIds(keptLabels(grouping));
