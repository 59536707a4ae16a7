import type { Steps } from "./time-slice.ts";

/** Number of items that are sorted, or merged, between two yields to other work. */
const ITEMS_A_STEP = 1024;

/** Sorts many items stably in short steps: sorts short runs, and then merges the runs in pairs. */
export function* sortedInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += ITEMS_A_STEP) {
    if (at > 0) yield;
    runs.push(items.slice(at, at + ITEMS_A_STEP).sort(compare));
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* mergedInSteps(runs[i]!, runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Merges two sorted lists. If an item of `a` equals an item of `b`, the item of `a` comes first. */
function* mergedInSteps<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const isFirst = j === b.length || (i < a.length && compare(a[i]!, b[j]!) <= 0);
    merged.push(isFirst ? a[i++]! : b[j++]!);
    if (merged.length % ITEMS_A_STEP === 0) yield;
  }
  return merged;
}
