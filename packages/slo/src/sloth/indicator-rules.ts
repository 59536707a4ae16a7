import { formatDuration } from "@narthex/model";
import { distinctWindows } from "../alert-windows.ts";
import { type GeneratedRule, joined } from "../generated-rule.ts";
import type { Indicator, SlothObjective } from "../objective.ts";
import { withWindow } from "../window-template.ts";
import { errorRatioMetric, identityLabels, selectorOf, WINDOW_LABEL } from "./labels.ts";

/** Returns the windows whose error ratio is recorded, without the whole period, ms. */
export const recordedWindows = ({ windows, burnRateAlerts }: SlothObjective): readonly number[] =>
  [...new Set([...distinctWindows(windows), ...burnRateAlerts.map(({ windowMs }) => windowMs)])].sort((a, b) => a - b);

/** Returns the rules that record the error ratio of each window, as Sloth writes them. */
export const indicatorRules = (objective: SlothObjective): readonly GeneratedRule[] =>
  recordedWindows(objective).map((windowMs) => countedRule(objective, windowMs));

/** Returns the rule that computes the error ratio of a window from the indicator's queries. */
export const countedRule = (objective: SlothObjective, windowMs: number): GeneratedRule =>
  ratioRule(objective, windowMs, withWindow(ratioQuery(objective.indicator), windowMs));

/**
 * Returns the rule that computes the error ratio of the whole window from the recorded ratios of the shortest window. The
 * ratio is an average over time: all minutes have the same weight, regardless of their requests.
 */
export function averagedRule(objective: SlothObjective): GeneratedRule {
  const { windowMs } = objective;
  const recorded = `${errorRatioMetric(objective.windows.pageQuick.shortMs)}${selectorOf(identityLabels(objective))}`;
  const range = `${recorded}[${formatDuration(windowMs)}]`;
  return ratioRule(
    objective,
    windowMs,
    `sum_over_time(${range})\n/ ignoring (${WINDOW_LABEL})\ncount_over_time(${range})\n`,
  );
}

/** Returns a rule that records an expression as the error ratio of a window. */
export const ratioRule = (objective: SlothObjective, windowMs: number, expr: string): GeneratedRule => ({
  record: errorRatioMetric(windowMs),
  expr,
  labels: joined(identityLabels(objective), new Map([[WINDOW_LABEL, formatDuration(windowMs)]]), objective.labels),
});

const ratioQuery = (indicator: Indicator): string =>
  indicator.kind === "raw"
    ? `(${indicator.errorRatioQuery})`
    : `(${indicator.errorQuery})\n/\n(${indicator.totalQuery})\n`;
