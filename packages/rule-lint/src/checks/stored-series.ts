import { formatDuration, METRIC_NAME } from "@narthex/model";
import type { Expr } from "@narthex/promql";
import { DataError, type StoredData } from "../data/stored-data.ts";
import {
  COMPARISONS,
  containsNode,
  matcherText,
  metricOf,
  type PlacedSelector,
  selectorsOf,
  selectorText,
} from "../expression/nodes.ts";
import type { LintContext } from "../lint-context.ts";
import type { ReportFinding, RuleCheck } from "../rule-check.ts";

/** How far back the history of a selector is searched, ms. */
const HISTORY_MS = 30 * 86_400_000;

/** Largest number of steps of a range query. Prometheus refuses more than 11,000. */
const MAX_STEPS = 10_000;

export const NEVER_SELECTED = "never-selected";

export const neverSelected: RuleCheck = {
  name: NEVER_SELECTED,
  severity: "warning",
  help: `A selector matches no series, and has matched none in the last ${formatDuration(HISTORY_MS)}. Needs stored series.`,
  check: (rule, context, report) =>
    eachEmptySelector(rule.spec.expr, context, async (placed, data, { now }) => {
      if ((await lastSeen(placed, data, context)) !== undefined) return;
      const { selector } = placed;
      report(
        { part: "expr", node: selector },
        `no series matches ${selectorText(selector)}, now and in the last ${formatDuration(HISTORY_MS)}: ${await reasonOf(placed, data, now)}`,
        "correct the selector, or switch the check off if the series appear only after an event",
      );
    }),
};

export const vanishedSeries: RuleCheck = {
  name: "vanished-series",
  severity: "warning",
  help: "A selector matches no series now, but has matched some in the past. Needs stored series.",
  check: (rule, context, report) =>
    eachEmptySelector(rule.spec.expr, context, async (placed, data, { now }) => {
      const last = await lastSeen(placed, data, context);
      if (last === undefined) return;
      const { selector } = placed;
      const time = new Date(last).toISOString().slice(0, 19);
      report(
        { part: "expr", node: selector },
        `no series matches ${selectorText(selector)} since ${time}Z, ${formatDuration(Math.max(0, Math.round((now - last) / 60_000) * 60_000))} ago`,
        "check the targets of the metric, or remove the rule",
      );
    }),
};

type Found = (placed: PlacedSelector, data: StoredData, options: { readonly now: number }) => Promise<void>;

/** Calls `found` with each selector of an expression that matches no series now, but should. */
async function eachEmptySelector(expr: Expr, context: LintContext, found: Found): Promise<void> {
  const { data, now, lookbackMs } = context.options;
  if (data === undefined) return;
  const seen = new Set<string>();
  for (const placed of selectorsOf(expr)) {
    const text = matcherText(placed.selector);
    if (seen.has(text) || !shouldExist(placed, context)) continue;
    seen.add(text);
    const window = formatDuration(Math.max(placed.rangeMs, lookbackMs));
    try {
      if ((await data.instant(`count(last_over_time(${text}[${window}]))`, now)).series === 0)
        await found(placed, data, { now });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
}

/** Metrics of the server itself that exist only while alerts are active. */
const OF_ALERTS: ReadonlySet<string> = new Set(["ALERTS", "ALERTS_FOR_STATE"]);

/** Reports whether a selector should match series. A series may be missing in absent(), after unless, or with a fallback. */
function shouldExist({ selector, path }: PlacedSelector, context: LintContext): boolean {
  const metric = metricOf(selector);
  if (metric !== undefined && (OF_ALERTS.has(metric) || context.recorded.has(metric))) return false;
  const nodes = [...path, selector as Expr];
  return nodes.every((node, i) => {
    const parent = nodes[i - 1];
    if (node.kind === "call" && (node.func === "absent" || node.func === "absent_over_time")) return false;
    if (parent?.kind !== "binary") return true;
    if (parent.op === "or") return !isFallback(node === parent.lhs ? parent.rhs : parent.lhs);
    const isCompared = containsNode(node, (inner) => inner.kind === "binary" && COMPARISONS.has(inner.op));
    return parent.op !== "unless" || node === parent.lhs || isCompared;
  });
}

const isFallback = (expr: Expr): boolean =>
  containsNode(expr, (node) => node.kind === "call" && (node.func === "vector" || node.func.startsWith("absent")));

/** Returns the time at which a selector last matched a series, in the searched history. */
async function lastSeen(
  { selector }: PlacedSelector,
  data: StoredData,
  { options: { now, lookbackMs } }: LintContext,
): Promise<number | undefined> {
  const step = Math.max(lookbackMs, Math.ceil(HISTORY_MS / MAX_STEPS));
  const text = matcherText(selector);
  const found = await data.lastResult(`count(${text})`, now - HISTORY_MS, now, step);
  if (found === undefined) return undefined;
  const { greatest } = await data.instant(`max(timestamp(${text}))`, found);
  return greatest === undefined ? found : greatest * 1000;
}

/** Explains why a selector matches no series: the metric does not exist, or a matcher excludes its series. */
async function reasonOf({ selector }: PlacedSelector, data: StoredData, now: number): Promise<string> {
  const { matchers } = selector;
  const metric = metricOf(selector);
  const others = matchers.filter(({ name }) => name !== METRIC_NAME);
  const has = async (some: typeof matchers): Promise<boolean> =>
    (await data.instant(`count(${matcherText({ matchers: some })})`, now)).series > 0;
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  if (metric !== undefined && !(await has(names))) return `there is no metric ${metric}`;
  if (metric === undefined) return "no series fulfils all of the matchers";
  for (const matcher of others)
    if (!(await has([...names, matcher]))) return `${metric} exists, but never with ${matcher.toString()}`;
  return `${metric} exists, but not with all of the matchers together`;
}

export const unknownAlert: RuleCheck = {
  name: "unknown-alert",
  severity: "warning",
  help: "The expression reads the series ALERTS of an alert without a rule.",
  check({ spec }, context, report) {
    for (const { selector } of selectorsOf(spec.expr)) reportUnknownAlert(selector, context, report);
  },
};

function reportUnknownAlert(selector: PlacedSelector["selector"], context: LintContext, report: ReportFinding): void {
  if (!OF_ALERTS.has(metricOf(selector) ?? "")) return;
  const matcher = selector.matchers.find(({ name, type }) => name === "alertname" && type === "=");
  if (matcher === undefined || context.alerts.has(matcher.value)) return;
  report(
    { part: "expr", node: selector },
    `no checked rule defines the alert ${matcher.value}`,
    "correct the name, or check all rule files together",
  );
}
