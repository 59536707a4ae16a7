import type { ExpressionNode, VectorMatching } from "../../api/expression-tree.ts";
import type { InstantSeries } from "../../api/query-result.ts";
import type { LabelSet } from "../../format/series-name.ts";

/** Series of both operands with equal values of the matching labels, and whether they match. */
export interface MatchGroup {
  /** Matching labels of the group with their common values. */
  readonly labels: LabelSet;
  readonly left: readonly InstantSeries[];
  readonly right: readonly InstantSeries[];
  readonly result: readonly InstantSeries[];
  /**
   * `matched` if both sides have series, `only left` or `only right` if one side has none, `ambiguous` if too many
   * series have the same labels.
   */
  readonly state: "matched" | "only left" | "only right" | "ambiguous";
}

/** A binary operation between two vectors. */
export type VectorOperation = Extract<ExpressionNode, { type: "binaryExpr" }> & { readonly matching: VectorMatching };

/** Reports whether a node is a binary operation between two vectors. */
export function isVectorOperation(node: ExpressionNode): node is VectorOperation {
  return node.type === "binaryExpr" && node.matching !== null;
}

function matchingLabels(labels: LabelSet, matching: VectorMatching): LabelSet {
  const kept = Object.entries(labels).filter(
    ([name]) => matching.labels.includes(name) === matching.on && (matching.on || name !== "__name__"),
  );
  return Object.fromEntries(kept.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function stateOf({ card }: VectorMatching, left: number, right: number): MatchGroup["state"] {
  // The query fails for a second series on a "one" side. In a one-to-one match, it fails for a second series on the
  // right even without a series on the left.
  if ((card === "one-to-one" || card === "many-to-one") && right > 1) return "ambiguous";
  if (card === "one-to-many" && left > 1) return "ambiguous";
  if (card === "one-to-one" && left > 1 && right > 0) return "ambiguous";
  if (left > 0 && right > 0) return "matched";
  return left > 0 ? "only left" : "only right";
}

const stateOrder = ["ambiguous", "matched", "only left", "only right"] as const;

interface Members {
  readonly labels: LabelSet;
  readonly left: InstantSeries[];
  readonly right: InstantSeries[];
  readonly result: InstantSeries[];
}

/**
 * Groups the series of both operands by matching labels. Groups that make the query fail come first, then matched
 * groups.
 */
export function matchGroups(
  matching: VectorMatching,
  sides: Readonly<Record<"left" | "right" | "result", readonly InstantSeries[]>>,
): MatchGroup[] {
  const groups = new Map<string, Members>();
  for (const side of ["left", "right", "result"] as const) {
    for (const series of sides[side]) {
      const labels = matchingLabels(series.metric, matching);
      const key = JSON.stringify(labels);
      const group = groups.get(key) ?? { labels, left: [], right: [], result: [] };
      group[side].push(series);
      groups.set(key, group);
    }
  }
  return Array.from(groups.values(), (group) => ({
    ...group,
    state: stateOf(matching, group.left.length, group.right.length),
  })).toSorted((left, right) => stateOrder.indexOf(left.state) - stateOrder.indexOf(right.state));
}

/** Returns the number of groups in each state as text: `3 matched, 1 only left`. */
export function countMatches(groups: readonly MatchGroup[]): string {
  const words = stateOrder
    .map((state) => [groups.filter((group) => group.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  return words.length === 0 ? "no series on either side" : words.join(", ");
}

/** Returns the labels of a series that are not the matching labels of its group. */
export function remainingLabels(series: InstantSeries, group: MatchGroup): LabelSet {
  return Object.fromEntries(Object.entries(series.metric).filter(([name]) => !(name in group.labels)));
}
