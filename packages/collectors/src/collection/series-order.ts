import type { FamilySample } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { Steps } from "@narthex/runtime";

/** Series order of a Go client: by label values, label names sorted. */
function compareSamples(a: FamilySample, b: FamilySample): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Lines sorted between two yields. */
const LINES_A_STEP = 1024;

/** The lines of a family in order. Runs of a few are sorted each, then two and two are merged: no step takes long. */
export function* sortedInSteps(samples: readonly FamilySample[]): Steps<FamilySample[]> {
  let runs: FamilySample[][] = [];
  for (let at = 0; at < samples.length; at += LINES_A_STEP) {
    if (at > 0) yield;
    runs.push(samples.slice(at, at + LINES_A_STEP).toSorted(compareSamples));
  }
  while (runs.length > 1) {
    const merged: FamilySample[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* mergedInSteps(runs[i]!, runs[i + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Of equal lines those of `a` come first. */
function* mergedInSteps(a: readonly FamilySample[], b: readonly FamilySample[]): Steps<FamilySample[]> {
  const merged: FamilySample[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const isFirst = j === b.length || (i < a.length && compareSamples(a[i]!, b[j]!) <= 0);
    merged.push(isFirst ? a[i++]! : b[j++]!);
    if (merged.length % LINES_A_STEP === 0) yield;
  }
  return merged;
}
