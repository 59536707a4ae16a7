import { formatDuration, formatPlain } from "@narthex/model";
import { parseExpression, printExpression } from "@narthex/promql/syntax";
import { type GeneratedGroup, type GeneratedRule, joined, type Texts } from "../generated-rule.ts";
import {
  byLabels,
  burnRateExpression,
  burnRateName,
  type RecordedCount,
  recordedCounts,
} from "./indicator-expressions.ts";
import { type PyrraObjective, selectorText } from "./pyrra-objective.ts";
import { absentForMs, increaseIntervalMs, pyrraWindows } from "./windows.ts";

/** Interval of the rules that record burn rates, ms. */
const BURN_RATE_INTERVAL_MS = 30_000;
/** Window of the recorded increases that an approximate objective sums up, ms. */
const APPROXIMATE_MS = 300_000;

/** Returns the rule groups of an objective, with the names and labels of Pyrra. */
export const pyrraGroups = (objective: PyrraObjective): readonly GeneratedGroup[] => [
  {
    name: `${objective.name}-increase`,
    intervalMs: increaseIntervalMs(objective.windowMs),
    rules: countRules(objective),
  },
  { name: objective.name, intervalMs: BURN_RATE_INTERVAL_MS, rules: burnRateRules(objective) },
];

const isPattern = ({ type }: { readonly type: string }): boolean => type === "=~" || type === "!~";

/** Returns the labels of an objective's series: its own, and the values that its selector fixes. */
function ruleLabels(objective: PyrraObjective, grouping: ReadonlySet<string>): Texts {
  const fixed = objective.indicator.total.matchers.filter(({ type }) => type === "=");
  const all = joined(
    new Map([["slo", objective.name]]),
    objective.labels,
    new Map(fixed.map(({ name, value }) => [name, value])),
  );
  return new Map([...all].filter(([name]) => !grouping.has(name)));
}

/** Prints an expression in the way of Prometheus. */
function printed(text: string): string {
  const parsed = parseExpression(text);
  return parsed.ok ? printExpression(parsed.expr) : text;
}

function burnRateRules(objective: PyrraObjective): readonly GeneratedRule[] {
  const windows = pyrraWindows(objective.windowMs);
  const lengths = [...new Set(windows.flatMap(({ shortMs, longMs }) => [shortMs, longMs]))].sort((a, b) => a - b);
  const grouping = new Set(objective.grouping);
  const labels = ruleLabels(objective, grouping);
  const records = lengths.map((windowMs): GeneratedRule => ({
    record: burnRateName(objective, windowMs),
    expr: printed(burnRateExpression(objective, windowMs)),
    labels,
  }));
  return objective.alerting.burnRates ? [...records, ...burnRateAlerts(objective, labels)] : records;
}

function burnRateAlerts(objective: PyrraObjective, labels: Texts): readonly GeneratedRule[] {
  const { windowMs, alerting, indicator, grouping, target, annotations } = objective;
  const matchers = [
    ...indicator.total.matchers.filter((matcher) => grouping.includes(matcher.name) || !isPattern(matcher)).map(String),
    `slo="${objective.name}"`,
  ].sort();
  const selector = `{${matchers.join(",")}}`;
  return pyrraWindows(windowMs).map(({ severity, forMs, longMs, shortMs, factor }, at): GeneratedRule => {
    const threshold = `(${factor} * (1-${formatPlain(target)}))`;
    const exceeds = (ms: number): string => `${burnRateName(objective, ms)}${selector} > ${threshold}`;
    const exhaustionMs = Math.trunc(windowMs / 1000 / factor) * 1000;
    const own = new Map([
      ["short", formatDuration(shortMs)],
      ["long", formatDuration(longMs)],
      ["severity", alerting.severities.burnRates[at] || severity],
      ["exhaustion", formatDuration(exhaustionMs)],
    ]);
    const expr = `${exceeds(shortMs)} and ${exceeds(longMs)}`;
    return { alert: alerting.name, expr, forMs, labels: joined(labels, own), annotations };
  });
}

/** Returns the labels by which the counts of the whole window are summed. */
function countGrouping({ indicator, grouping }: PyrraObjective): readonly string[] {
  const { matchers } = indicator.total;
  switch (indicator.kind) {
    case "latencyNative":
      return grouping;
    case "boolGauge":
      return [...new Set([...grouping, ...matchers.map(({ name }) => name)])];
    case "ratio":
    case "latency": {
      const part = indicator.kind === "ratio" ? indicator.errors : indicator.success;
      const own = new Set(matchers.map(({ name }) => name));
      const partly = part.matchers.map(({ name }) => name).filter((name) => !own.has(name) && name !== "le");
      return [...new Set([...grouping, ...partly, ...matchers.filter(isPattern).map(({ name }) => name)])];
    }
  }
}

function countRules(objective: PyrraObjective): readonly GeneratedRule[] {
  const by = countGrouping(objective);
  const isNative = objective.indicator.kind === "latencyNative";
  const labels = ruleLabels(objective, isNative ? new Set() : new Set(by));
  const counts = recordedCounts(objective);
  const labelsOf = ({ le }: RecordedCount): Texts =>
    le === undefined ? labels : joined(labels, new Map([["le", le]]));
  const isApproximate = objective.isApproximate && !isNative;
  const firstMs = isApproximate ? APPROXIMATE_MS : objective.windowMs;
  const records = counts.map((count) => ({
    record: count.record(firstMs),
    expr: printed(count.expression(firstMs, by)),
    labels: labelsOf(count),
  }));
  const sums = isApproximate ? counts.map((count) => summedRule(objective, count, by, labelsOf(count))) : [];
  return [...records, ...sums, ...absentAlerts(objective, counts, labelsOf)];
}

/** Returns the rule that sums the recorded increases of 5 minutes over the whole window. */
function summedRule(
  { windowMs, indicator }: PyrraObjective,
  { record, matchers, le }: RecordedCount,
  by: readonly string[],
  labels: Texts,
): GeneratedRule {
  // The counts of all and of successful events have one name, and differ only by the label `le`.
  const noBucket = indicator.kind === "latency" && le === undefined ? ['le=""'] : [];
  const selector = [...matchers.map(String), ...noBucket].join(",");
  const range = `${record(APPROXIMATE_MS)}{${selector}}[${formatDuration(windowMs)}:${formatDuration(APPROXIMATE_MS)}]`;
  return { record: record(windowMs), expr: printed(`sum${byLabels(by)} (sum_over_time(${range}))`), labels };
}

function absentAlerts(
  { alerting, windowMs, target, annotations }: PyrraObjective,
  counts: readonly RecordedCount[],
  labelsOf: (count: RecordedCount) => Texts,
): readonly GeneratedRule[] {
  if (!alerting.absent) return [];
  const severity = new Map([["severity", alerting.severities.absent || "critical"]]);
  return counts.flatMap((count) =>
    count.source === undefined
      ? []
      : [
          {
            alert: alerting.absentName,
            expr: printed(`absent(${selectorText(count.source)}) == 1`),
            forMs: absentForMs(windowMs, target),
            labels: joined(labelsOf(count), severity),
            annotations,
          },
        ],
  );
}
