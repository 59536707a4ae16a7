import { Labels } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";

/** Number of items that are converted before other work can run. */
const ITEMS_A_STEP = 20;

/** Labels of one target by name. Labels with an empty value do not exist. */
export type TargetLabels = Readonly<Record<string, string>>;

/**
 * Converts the items of a service's answer to targets, without blocking the event loop.
 * @param targetsOf returns the targets of one item: one, several, or undefined for none
 */
export async function targetsInTurns<T>(
  clock: Clock,
  items: readonly T[],
  targetsOf: (item: T) => TargetLabels | readonly TargetLabels[] | undefined,
): Promise<readonly Labels[]> {
  return runInTimeSlices(clock, converting(items, targetsOf));
}

function* converting<T>(
  items: readonly T[],
  targetsOf: (item: T) => TargetLabels | readonly TargetLabels[] | undefined,
): Steps<readonly Labels[]> {
  const targets: Labels[] = [];
  for (const [i, item] of items.entries()) {
    const found = targetsOf(item) ?? [];
    for (const labels of isList(found) ? found : [found]) targets.push(Labels.of(labels));
    if (i % ITEMS_A_STEP === ITEMS_A_STEP - 1) yield;
  }
  return targets;
}

const isList = (found: TargetLabels | readonly TargetLabels[]): found is readonly TargetLabels[] =>
  Array.isArray(found);
