/** The state of an error budget. */
export interface Budget {
  /** Share of good events. */
  readonly sli: number;
  /** Share of the budget that is left: 1 if nothing is spent, negative if more than the budget is spent. */
  readonly remaining: number;
}

/**
 * Returns the budget that a share of bad events leaves. An objective of 100 % has no budget: the first bad event spends
 * all of it.
 */
export function budgetOf(errorRatio: number, objective: number): Budget {
  const sli = 1 - errorRatio;
  const allowed = 1 - objective;
  if (allowed <= 0) return { sli, remaining: errorRatio > 0 ? 0 : 1 };
  return { sli, remaining: 1 - errorRatio / allowed };
}

/** Returns how many times faster than allowed a share of bad events spends the budget. Infinite without a budget. */
export const burnRateOf = (errorRatio: number, objective: number): number =>
  errorRatio === 0 ? 0 : errorRatio / Math.max(0, 1 - objective);
