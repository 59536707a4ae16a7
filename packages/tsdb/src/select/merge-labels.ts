import { compareLabels, type Labels } from "@narthex/model";

/** The union of several sorted lists of label sets, and the index of each label set in each list. */
export interface MergedLabels {
  readonly labels: readonly Labels[];
  /**
   * For each list and each merged label set, its index in the list + 1; 0 if the list does not contain the label set.
   */
  readonly positions: readonly Uint32Array[];
}

/** Returns the union of sorted lists, sorted, up to `limit` label sets. */
export function mergeLabels(lists: readonly (readonly Labels[])[], limit = Infinity): MergedLabels {
  const [only] = lists;
  if (lists.length === 1 && only!.length <= limit) return { labels: only!, positions: [countingUp(only!.length)] };
  const most = lists.reduce((sum, { length }) => sum + length, 0);
  const positions = lists.map(() => new Uint32Array(Math.min(most, limit)));
  const next = lists.map(() => 0);
  const labels: Labels[] = [];
  const holders: number[] = [];
  while (labels.length < limit) {
    let least: Labels | undefined;
    for (let i = 0; i < lists.length; i++) {
      const candidate = lists[i]![next[i]!];
      if (candidate === undefined) continue;
      const order = least === undefined ? -1 : compareLabels(candidate, least);
      if (order > 0) continue;
      if (order < 0) {
        least = candidate;
        holders.length = 0;
      }
      holders.push(i);
    }
    if (least === undefined) break;
    for (const i of holders) positions[i]![labels.length] = ++next[i]!;
    labels.push(least);
  }
  return { labels, positions: positions.map((column) => column.slice(0, labels.length)) };
}

const countingUp = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i + 1);
