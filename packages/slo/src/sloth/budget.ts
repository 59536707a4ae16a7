import type { BudgetQueries, SlothObjective } from "../objective.ts";
import { recordedWindows } from "./indicator-rules.ts";
import { errorRatioMetric, identityLabels, selectorOf } from "./labels.ts";

/** Returns the queries that show the state of an objective whose rules have the names of Sloth. */
export function slothQueries(objective: SlothObjective): BudgetQueries {
  const selector = selectorOf(identityLabels(objective));
  const ratio = (windowMs: number): string => `${errorRatioMetric(windowMs)}${selector}`;
  return {
    errorRatio: ratio(objective.windowMs),
    windows: recordedWindows(objective).map((windowMs) => ({ windowMs, errorRatio: ratio(windowMs) })),
    alertLabels: new Map([["sloth_id", `${objective.service}-${objective.name}`]]),
  };
}
