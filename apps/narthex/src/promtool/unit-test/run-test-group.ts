import { compareLabels, formatDuration, formatExponent, formatGoDuration, Labels, quote } from "@narthex/model";
import { parseMetric } from "@narthex/promql";
import { type QueryElement, RuleError, type RuleGroup } from "@narthex/rules";
import { alertsText, compareAlerts, type ShownAlert, sortedPairs } from "./alert-report.ts";
import type { Bench } from "./bench.ts";
import { histogramText } from "./histogram-text.ts";
import { InputError, parseInput } from "./input-series.ts";
import type { AlertTest, ExpectedSample, ExpressionTest, TestFile, TestGroup } from "./test-file.ts";

/** Formats the differences between expected and actual alerts. */
type AlertsDiff = (expected: readonly ShownAlert[], got: readonly ShownAlert[]) => string;

/** Returns the time from the start of a test to its last evaluation, ms. */
export const lastEvaluationMs = ({ alertTests, expressionTests }: TestGroup): number =>
  [...alertTests, ...expressionTests].reduce((last, { evalTimeMs }) => Math.max(last, evalTimeMs), 0);

/**
 * Evaluates the rules at all times of a test. Resolves with a paragraph for each expectation that is not met. Stops at
 * the first evaluation time at which a rule fails; the errors of this evaluation are last in the result.
 */
export async function runTestGroup(
  test: TestGroup,
  file: TestFile,
  bench: Bench,
  diff?: AlertsDiff,
): Promise<string[]> {
  const failures: string[] = [];
  const groups = inOrder(bench.groups, file.groupOrder);
  const step = file.evaluationIntervalMs;
  const last = lastEvaluationMs(test);
  for (let elapsed = 0; elapsed <= last; elapsed += step) {
    await bench.load(test.startMs + elapsed);
    const errors = await evaluateAll(groups, test.startMs + elapsed);
    if (errors.length > 0) return [...failures, ...errors];
    const due = test.alertTests.filter(({ evalTimeMs }) => evalTimeMs >= elapsed && evalTimeMs < elapsed + step);
    due.sort((a, b) => a.evalTimeMs - b.evalTimeMs);
    for (const expectation of due) failures.push(...checkAlerts(expectation, groups, test.name, diff));
  }
  await bench.load(test.startMs + last);
  for (const expectation of test.expressionTests) {
    failures.push(...(await checkExpression(expectation, test, file.fuzzyCompare, bench)));
  }
  return failures;
}

function inOrder(groups: readonly RuleGroup[], order: readonly string[]): readonly RuleGroup[] {
  const rank = ({ spec }: RuleGroup): number => Math.max(0, order.indexOf(spec.name));
  return groups.toSorted((a, b) => rank(a) - rank(b));
}

async function evaluateAll(groups: readonly RuleGroup[], ts: number): Promise<string[]> {
  const errors: string[] = [];
  for (const group of groups) {
    await group.evaluate(ts);
    for (const { spec, lastError } of group.rules) {
      if (lastError !== undefined)
        errors.push(`    rule: ${spec.name}, time: ${formatGoDuration(ts)}, err: ${lastError}`);
    }
  }
  return errors;
}

function checkAlerts(
  { alertname, evalTimeMs, expAlerts }: AlertTest,
  groups: readonly RuleGroup[],
  name: string,
  diff?: AlertsDiff,
): string[] {
  const got: ShownAlert[] = [];
  for (const { spec, alertState } of groups.flatMap(({ rules }) => rules)) {
    if (alertState === undefined || spec.name !== alertname) continue;
    for (const { state, labels, annotations } of alertState.activeAlerts) {
      if (state === "firing") got.push({ labels: sortedPairs(labels), annotations: sortedPairs(annotations) });
    }
  }
  const expected = expAlerts.map(({ labels, annotations }): ShownAlert => ({
    labels: sortedPairs(new Map([...labels, ["alertname", alertname]])),
    annotations: sortedPairs(annotations),
  }));
  got.sort(compareAlerts);
  expected.sort(compareAlerts);
  const same = got.length === expected.length && got.every((alert, i) => compareAlerts(alert, expected[i]!) === 0);
  if (same) return [];
  const head = name === "" ? "" : `    name: ${name},\n`;
  const header = `    alertname: ${alertname}, time: ${formatDuration(evalTimeMs)}, \n`;
  if (diff !== undefined) return [`${head}${header}        diff: ${diff(expected, got)}`];
  return [`${head}${header}        exp:${alertsText(expected)}, \n        got:${alertsText(got)}`];
}

async function checkExpression(
  { expr, evalTimeMs, expSamples }: ExpressionTest,
  test: TestGroup,
  fuzzy: boolean,
  bench: Bench,
): Promise<string[]> {
  const header = `    expr: ${quote(expr)}, time: ${formatDuration(evalTimeMs)},`;
  try {
    const got = [...(await bench.query(expr, test.startMs + evalTimeMs))].sort(byLabels);
    const expected = expSamples.map(elementOf).sort(byLabels);
    if (got.length === expected.length && got.every((element, i) => sameElement(element, expected[i]!, fuzzy)))
      return [];
    return [`${header}\n        exp: ${elementsText(expected)}\n        got: ${elementsText(got)}`];
  } catch (error) {
    if (error instanceof RuleError || error instanceof InputError) return [`${header} err: ${error.message}`];
    throw error;
  }
}

const byLabels = (a: QueryElement, b: QueryElement): number => compareLabels(a.labels, b.labels);

function elementOf({ labels, value, histogram }: ExpectedSample): QueryElement {
  const parsed = labels === "" ? { ok: true as const, labels: Labels.EMPTY } : parseMetric(labels);
  if (!parsed.ok) throw new RuleError(`labels ${quote(labels)}: ${parsed.errors[0].toString()}`);
  if (histogram === "") return { labels: parsed.labels, value };
  const first = parseInput(`x ${histogram}`).values[0];
  return { labels: parsed.labels, value: 0, histogram: first?.kind === "histogram" ? first.histogram : undefined };
}

function sameElement(a: QueryElement, b: QueryElement, fuzzy: boolean): boolean {
  if (!a.labels.equals(b.labels)) return false;
  if (a.histogram !== undefined || b.histogram !== undefined) {
    return valueText(a) === valueText(b);
  }
  return a.value === b.value || (fuzzy && adjacent(a.value, b.value));
}

/** Reports whether two floating-point numbers are equal or adjacent. */
function adjacent(a: number, b: number): boolean {
  const view = new DataView(new ArrayBuffer(16));
  view.setFloat64(0, a);
  view.setFloat64(8, b);
  const distance = view.getBigInt64(0) - view.getBigInt64(8);
  return distance >= -1n && distance <= 1n;
}

function elementsText(elements: readonly QueryElement[]): string {
  if (elements.length === 0) return "nil";
  return elements
    .map(({ labels, value, histogram }) => `${labels.toString()} ${valueText({ value, histogram })}`)
    .join(", ");
}

const valueText = ({ value, histogram }: Pick<QueryElement, "value" | "histogram">): string =>
  histogram === undefined ? formatExponent(value).replace("e", "E") : histogramText(histogram);
