import { expect, test } from "vitest";
import { parseExpression } from "../syntax/parse.ts";
import { QueryError } from "../query-error.ts";
import { durationMs } from "./durations.ts";
import { selectorsOfTotals } from "./histogram-stats.ts";
import { isStepInvariant } from "./step-invariance.ts";

const SPAN = { step: 30, range: 3600 };

const exprOf = (text: string): Extract<ReturnType<typeof parseExpression>, { ok: true }>["expr"] => {
  const result = parseExpression(text, {
    experimentalFunctions: true,
    durationExpressions: true,
    extendedRangeSelectors: true,
  });
  if (!result.ok) throw result.errors[0];
  return result.expr;
};

function rangeOf(text: string): number {
  const expr = exprOf(`m[${text}]`);
  if (expr.kind !== "matrixSelector" || expr.rangeExpr === null) throw new Error("no duration expression");
  return durationMs(expr.rangeExpr, SPAN, "positive");
}

test.each([
  ["1h/2", 1_800_000],
  ["step()", 30_000],
  ["range()", 3_600_000],
  ["max_of(step(), 1m)", 60_000],
  ["min_of(step(), 1m) * 2", 60_000],
  ["2^3", 8000],
  ["-(1m - 2m)", 60_000],
  ["70s % 1m", 10_000],
  ["1/3", 333],
])("durationMs(%s)", (text, expected) => {
  expect(rangeOf(text)).toBe(expected);
});

test.each([
  ["step() - 30s", "2:14: duration must be greater than 0"],
  ["max_of(-30s, 0 - 30s)", "9:22: duration must be greater than 0"],
  ["-(30s)", "2:7: duration must be greater than 0"],
  ["1m / (step() - 30)", "2:19: division by zero"],
  ["1m % (step() - 30)", "2:19: modulo by zero"],
  ["10^300 * step()", "2:17: duration is out of range"],
  ["(0-1s)^0.5 + step()", "3:21: duration is NaN or infinite"],
])("durationMs(%s) fails with place and reason", (text, message) => {
  expect(() => rangeOf(text)).toThrow(QueryError);
  expect(() => rangeOf(text)).toThrow(message);
});

test.each([
  ["1 + 2", true],
  ["m", false],
  ["m @ 10", true],
  ["sum(rate(m[5m] @ end()))", true],
  ["m @ 10 + n", false],
  ["m @ 10 + 1", true],
  ["time()", false],
  ["timestamp(m @ 10)", true],
  ["timestamp(abs(m @ 10))", false],
  ["predict_linear(m[5m] @ 10, 1)", false],
  ["max_over_time(m[5m:1m] @ 10)", true],
  ["max_over_time((m @ 10)[5m:1m])", false],
])("isStepInvariant(%s) is %s", (text, expected) => {
  expect(isStepInvariant(exprOf(text))).toBe(expected);
});

test.each([
  ["histogram_count(m)", 1],
  ["histogram_sum(sum(rate(m[5m])))", 1],
  ["histogram_quantile(0.9, m)", 0],
  ["histogram_count(m) + histogram_quantile(0.9, m)", 1],
  ["histogram_count(increase(m[5m:1m]))", 0],
  ["histogram_count(m </ 5)", 0],
])("selectorsOfTotals(%s) finds %i", (text, count) => {
  expect(selectorsOfTotals(exprOf(text)).size).toBe(count);
});
