import type { Steps } from "@narthex/runtime";
import { LongTexts, type ValueBudget } from "./value-budget.ts";

/** Number of values that are counted in one step. */
const VALUES_OF_STEP = 1000;

/**
 * Takes the cells of a JSON value that a frame contains as it is. Each object, list and value counts as a cell, and
 * long names and texts as several. Throws QueryFailure if the budget has too few cells left.
 */
export function* takeJson(value: unknown, cells: ValueBudget): Steps<void> {
  const texts = new LongTexts(cells);
  const pending: unknown[] = [value];
  let counted = 0;
  while (pending.length > 0) {
    const next = pending.pop();
    cells.take(1);
    texts.counted(1);
    if (++counted % VALUES_OF_STEP === 0) yield;
    if (typeof next === "string") texts.take(next.length);
    else if (Array.isArray(next)) for (const one of next) pending.push(one);
    else if (typeof next === "object" && next !== null)
      for (const [name, one] of Object.entries(next)) {
        texts.take(name.length);
        pending.push(one);
      }
  }
}
