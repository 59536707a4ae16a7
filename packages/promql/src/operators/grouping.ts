import { Labels, METRIC_NAME } from "@narthex/model";

/** `by (a, b)` or `without (a, b)` of an aggregation; no clause is `by ()`. */
export interface Grouping {
  readonly labels: readonly string[];
  readonly without: boolean;
}

/** The labels a group keeps of one of its members. */
export function groupLabels(labels: Labels, grouping: Grouping): Labels {
  if (grouping.without) {
    return labels.filter((name) => name !== METRIC_NAME && !grouping.labels.includes(name));
  }
  if (grouping.labels.length === 0) return Labels.EMPTY;
  return labels.filter((name) => grouping.labels.includes(name));
}

/**
 * What tells groups apart. `without (a)` on its own ignores the metric name; that and `by` follow from the group's
 * labels, so the key is theirs.
 */
export class Groups {
  readonly labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #grouping: Grouping;

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
  }

  /** The number of the group a series belongs to; groups are numbered as they come. */
  of(labels: Labels): number {
    const group = groupLabels(labels, this.#grouping);
    const known = this.#byKey.get(group.key);
    if (known !== undefined) return known;
    const index = this.labels.length;
    this.#byKey.set(group.key, index);
    this.labels.push(group);
    return index;
  }
}
