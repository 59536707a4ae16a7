import type { FamilySample } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { sortedInSteps, type Steps } from "@narthex/runtime";

/** Compares series as Prometheus' Go client does: by label values, in the order of the label names. */
function compareSamples(a: FamilySample, b: FamilySample): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Returns the lines of a family in the order of Prometheus' Go client. */
export const samplesInOrder = (samples: readonly FamilySample[]): Steps<FamilySample[]> =>
  sortedInSteps(samples, compareSamples);
