import type { Objective, ObjectiveSeries } from "../api/narthex.ts";

/** Formats a share as percent, with enough decimals to distinguish it from an objective such as 99.95 %. */
export function sharePercent(share: number): string {
  const percent = share * 100;
  const decimals = percent > 99 && percent < 100 ? 3 : percent > 90 && percent < 100 ? 2 : 1;
  return `${Number(percent.toFixed(decimals))} %`;
}

/** Describes the budget in words. */
export const budgetText = (remaining: number): string =>
  remaining < 0
    ? `${budgetPercent(1 - remaining)} of the budget spent`
    : `${budgetPercent(remaining)} of the budget left`;

/** Formats the share of the budget that is left, as whole percent. */
export const budgetPercent = (remaining: number): string => `${Math.round(remaining * 100)} %`;

/** Colour of a budget: red if it is spent, orange for the last quarter. */
export const budgetColor = (remaining: number): string =>
  remaining <= 0 ? "red" : remaining < 0.25 ? "ember" : "fennel";

/** Returns the series with the smallest budget, or undefined if the objective has no data. */
export const worstSeries = ({ series }: Objective): ObjectiveSeries | undefined =>
  series.reduce<ObjectiveSeries | undefined>(
    (worst, one) => (worst === undefined || one.budgetRemaining < worst.budgetRemaining ? one : worst),
    undefined,
  );

/** Sorts objectives by the budget that is left. Objectives without data come last. */
export const byBudget = (objectives: readonly Objective[]): readonly Objective[] =>
  objectives
    .map((objective) => ({ objective, left: worstSeries(objective)?.budgetRemaining ?? Infinity }))
    .toSorted((a, b) => a.left - b.left || (a.objective.id < b.objective.id ? -1 : 1))
    .map(({ objective }) => objective);

/** Returns the query of the budget that is left, for a graph. */
export const budgetQuery = ({ errorRatioQuery, objective }: Objective): string =>
  `1 - (${errorRatioQuery}) / ${1 - objective === 0 ? "0" : `(1 - ${objective})`}`;

/** Returns the factor at which an alert compares the burn rate of a window, the smallest if there are several. */
export const alertFactor = ({ alertWindows }: Objective, window: number): number | undefined =>
  alertWindows
    .filter(({ short, long }) => short === window || long === window)
    .map(({ factor }) => factor)
    .toSorted((a, b) => a - b)[0];
