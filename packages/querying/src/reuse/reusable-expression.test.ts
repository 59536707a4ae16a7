import { DEFAULT_FEATURES, parseExpression, type QueryFeatures } from "@narthex/promql";
import { expect, test } from "vitest";
import { inputSpanOf } from "./reusable-expression.ts";

const features = {
  ...DEFAULT_FEATURES,
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

const delayOf = (text: string, changes?: Partial<QueryFeatures>): number | undefined => spanOf(text, changes)?.delayMs;

function spanOf(text: string, changes: Partial<QueryFeatures> = {}): ReturnType<typeof inputSpanOf> {
  const parsed = parseExpression(text, features);
  if (!parsed.ok) throw new Error(text);
  return inputSpanOf(parsed.expr, { ...features, ...changes });
}

test.each([
  ["up", 0],
  ["sum by (job) (rate(http_requests_total[5m]))", 0],
  ["up offset 1m", 60_000],
  ["up offset 1m - up offset 5m", 60_000],
  ["up - up offset 5m", 0],
  ["max_over_time(sum(up offset 1m)[1h:1m] offset 2m)", 180_000],
  ["histogram_quantile(0.9, rate(latency_bucket[5m]))", 0],
  ["count(sum by (job) (up))", 0],
  ["sum(up) or vector(0)", 0],
  ["topk(3, up)", 0],
  ["topk(3, up / down)", 0],
  ["sum(up unless on (job) down)", 0],
  ["count(up / on (job) down)", 0],
  ["abs(up / on (job) down)", 0],
  ['{__name__="up"} > 0', 0],
  ["up * time()", 0],
  ["absent(up)", 0],
])("each step of %s depends only on samples at least %d ms before it", (text, delay) => {
  expect(delayOf(text)).toBe(delay);
});

test.each([
  ["up", 0],
  ["up offset 1m", 60_000],
  ["rate(up[5m]) - up offset 1m", 300_000],
  ["rate(up[5m] offset 1m)", 360_000],
  ["max_over_time(rate(up[5m] offset 1m)[1h:1m] offset 2m)", 4_080_000],
])("a step of %s depends on samples at most %d ms before it", (text, reach) => {
  expect(spanOf(text)?.reachMs).toBe(reach);
});

test("the shortest range of a subquery is found", () => {
  expect(spanOf("up")?.minSubqueryMs).toBe(Infinity);
  expect(spanOf("max_over_time(up[1h:1m]) + min_over_time(up[5m:1m])")?.minSubqueryMs).toBe(300_000);
});

test.each([
  // Expressions whose value at an evaluation time depends on other times, or on the range of the query.
  "up @ 0",
  "up @ end()",
  "sum(max_over_time(up[1h:1m] @ start()))",
  "rate(up[step()])",
  "up offset step()",
  "end() - up",
  "topk(scalar(up), vector(1))",
  "quantile(time(), up)",
  "max_over_time(min_over_time(up[5m:1m])[1h:1m])",
  // Expressions that read samples later than the evaluation time.
  "up offset -1m",
  "max_over_time(up[1h:1m] offset -5m)",
  "up smoothed",
  "rate(up[5m] anchored)",
  // Functions that keep sums or sorted values from one window to the next.
  "sum_over_time(up[5m])",
  "avg_over_time(up[5m])",
  "sum(stddev_over_time(up[5m]))",
  "quantile_over_time(0.5, up[5m])",
  "deriv(up[5m])",
  "predict_linear(up[5m], 60)",
  // Groups whose order depends on the range of the query.
  "topk(1, count by (job) (up))",
  "stddev(sum by (job) (up))",
  "sum(2 * max by (job) (up))",
  "histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))",
  "topk(1, up * on (job) group_left () down)",
  "sum by (job) (up / ignoring (instance) down)",
  "histogram_quantile(0.9, rate(latency_bucket[5m]) * on (job) group_right () up)",
  // Expressions in which labels of different series may become equal.
  '{job="a"}',
  '{__name__=~"a|b"}',
  "abs(up or down)",
  "-(up or down)",
  "1 + sum by (__name__) (up or down)",
  'label_replace(up, "a", "b", "", "")',
  'label_join(up, "a", "b")',
  'count_values("a", up)',
  "info(up)",
  "limitk(1, up)",
  "up + fill(0) down",
  // Expressions that read no stored data.
  "time()",
  "vector(1)",
])("a step of %s may depend on other data", (text) => {
  expect(delayOf(text)).toBeUndefined();
});

test("steps depend on each other if names are dropped at the end, and with types and start times of series", () => {
  expect(delayOf("up", { delayedNameRemoval: true })).toBeUndefined();
  expect(delayOf("up", { typeAndUnitLabels: true })).toBeUndefined();
  expect(delayOf("up", { useStartTimestamps: true })).toBeUndefined();
});
