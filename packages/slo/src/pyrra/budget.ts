import { Matcher } from "@narthex/model";
import { printExpression, parseExpression } from "@narthex/promql/syntax";
import type { BudgetQueries } from "../objective.ts";
import { bucketMatcher, type PyrraObjective, selectorText } from "./pyrra-objective.ts";
import { burnRateName, byLabels, recordedCounts, type RecordedCount } from "./indicator-expressions.ts";
import { pyrraWindows } from "./windows.ts";

/** Returns the queries that show the state of an objective of Pyrra. */
export function pyrraQueries(objective: PyrraObjective): BudgetQueries {
  const windows = pyrraWindows(objective.windowMs).flatMap(({ shortMs, longMs }) => [shortMs, longMs]);
  const slo = new Matcher("=", "slo", objective.name);
  return {
    errorRatio: periodErrorRatio(objective, slo),
    windows: [...new Set(windows)]
      .sort((a, b) => a - b)
      .map((windowMs) => ({
        windowMs,
        errorRatio: selectorText({ name: burnRateName(objective, windowMs), matchers: [slo] }),
      })),
    alertLabels: new Map([["slo", objective.name]]),
  };
}

/** Returns the share of bad events in the whole window, by the labels of the objective's grouping. */
function periodErrorRatio(objective: PyrraObjective, slo: Matcher): string {
  const { indicator, grouping, windowMs } = objective;
  const [all, part] = recordedCounts(objective) as [RecordedCount, RecordedCount | undefined];
  const sum = (name: string, matchers: readonly Matcher[]): string =>
    `sum${byLabels(grouping)} (${selectorText({ name, matchers: [...matchers, slo] })})`;
  const noBucket =
    indicator.kind === "latency" || indicator.kind === "latencyNative" ? [new Matcher("=", "le", "")] : [];
  const total = sum(all.record(windowMs), [...all.matchers, ...noBucket]);
  if (indicator.kind === "ratio") {
    const errors = sum((part ?? all).record(windowMs), indicator.errors.matchers);
    return printed(`(${errors} or 0 * ${total}) / (${total} > 0)`);
  }
  const buckets = part!.le === undefined || indicator.kind === "latency" ? [] : [new Matcher("=", "le", part!.le)];
  const good = sum(part!.record(windowMs), [...part!.matchers.map(bucketMatcher), ...buckets]);
  return printed(`1 - (${good} or 0 * ${total}) / (${total} > 0)`);
}

function printed(text: string): string {
  const parsed = parseExpression(text);
  return parsed.ok ? printExpression(parsed.expr) : text;
}
