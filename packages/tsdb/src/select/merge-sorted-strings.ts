import { compareBytewise } from "@narthex/model";

/**
 * Returns the sorted union of sorted lists of distinct strings, up to `limit` strings. Reads no strings beyond the
 * limit.
 */
export function mergeSortedStrings(lists: readonly (readonly string[])[], limit = Infinity): readonly string[] {
  const filled = lists.filter(({ length }) => length > 0);
  if (filled.length <= 1) return cut(filled[0] ?? [], limit);
  // Merges the two shortest lists repeatedly, so that each string is compared only a logarithmic number of times.
  const queue = filled.toSorted((a, b) => a.length - b.length);
  while (queue.length > 1) {
    const merged = mergeTwo(queue.shift()!, queue.shift()!, limit);
    let at = 0;
    while (at < queue.length && queue[at]!.length < merged.length) at++;
    queue.splice(at, 0, merged);
  }
  return queue[0]!;
}

const cut = (words: readonly string[], limit: number): readonly string[] =>
  words.length > limit ? words.slice(0, limit) : words;

function mergeTwo(a: readonly string[], b: readonly string[], limit: number): string[] {
  const merged: string[] = [];
  let [i, j] = [0, 0];
  while (merged.length < limit && (i < a.length || j < b.length)) {
    const order = i === a.length ? 1 : j === b.length ? -1 : compareBytewise(a[i]!, b[j]!);
    merged.push(order <= 0 ? a[i]! : b[j]!);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return merged;
}
