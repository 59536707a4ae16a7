import { parseExpression, printExpression } from "@narthex/promql";
import { expect, test } from "vitest";
import { dataExpression } from "./data-expression.ts";
import { thresholdCondition } from "./recovery-expression.ts";

function parsed(text: string) {
  const result = parseExpression(text, { experimentalFunctions: true });
  if (!result.ok) throw new Error(result.errors[0].toString());
  return result.expr;
}

function dataOf(text: string): string | undefined {
  const data = dataExpression(parsed(text));
  if (data === undefined) return undefined;
  const printed = printExpression(data);
  // The text has the meaning of the tree.
  expect(printExpression(parsed(printed))).toBe(printed);
  return printed;
}

test.each([
  ["load > 90", "load"],
  ["90 < load", "load"],
  ["(load > 90) == 95", "(load)"],
  ["rate(e[5m]) / rate(t[5m]) > 0.1", "rate(e[5m]) / rate(t[5m])"],
  ["sum by (job) (up == 0) > 3", "sum by (job) (up)"],
  ["a > b", "a > bool b"],
  ["a > on (x) group_left () b", "a > bool on (x) group_left () b"],
  ["a / (b > 0) > 5", "a / (b)"],
  ["(a + b) * c > 5", "(a + b) * c"],
  ["-(a > 1) > 5", "-(a)"],
  ["-(a + b > 1) < 0", "-(a + b)"],
  ["a > 5 and b < 3", "a"],
  ["a > 5 unless absent(b)", "a"],
  ["a > 5 or b > 3", "a or b"],
  ["topk(3, load) > 90", "load"],
  ["max_over_time((load > 5)[10m:1m]) > 7", "max_over_time((load)[10m:1m])"],
  ["time() - a > 5", "a"],
  ["a > scalar(b)", "a"],
  ["a * on () group_left () vector(2) > 5", "a * on () group_left () vector(2)"],
  ["sum(load) > bool 10 == 1", "sum(load)"],
  ["histogram_quantile(0.9, rate(h[5m])) > 1", "histogram_quantile(0.9, rate(h[5m]))"],
])("the data of %s is %s", (text, expected) => {
  expect(dataOf(text)?.replaceAll(" ", "")).toBe(expected.replaceAll(" ", ""));
});

test.each([
  "absent(up)",
  "absent_over_time(up[5m]) == 1",
  "vector(1)",
  "time() > bool 5",
  "a > 5 or absent(b)",
  "a > 5 or vector(0)",
])("%s always has data", (text) => expect(dataOf(text)).toBeUndefined());

function conditionOf(text: string, threshold: number): string {
  const found = thresholdCondition(parsed(text), threshold);
  return found.ok ? `${found.threshold}: ${printExpression(found.expr)}` : `${found.message}; ${found.hint}`;
}

test("a recovery threshold becomes the comparison with the other direction", () => {
  expect(conditionOf("load > 90", 80)).toBe("< 80: load < 80");
  expect(conditionOf("(load >= 90)", 90)).toBe("< 90: load < 90");
  expect(conditionOf("a / b < 0.1", 0.2)).toBe("> 0.2: (a / b) > 0.2");
  expect(conditionOf("-5 > load", -3)).toBe("> -3: load > -3");
});

test("a recovery threshold that an expression cannot have is refused", () => {
  expect(conditionOf("load > 90", 95)).toBe(
    "the recovery threshold 95 is above 90, at which the alert fires; write 90 or a smaller number",
  );
  expect(conditionOf("load < -5", -9)).toBe(
    "the recovery threshold -9 is below -5, at which the alert fires; write -5 or a larger number",
  );
  for (const text of ["up == 0", "a > b", "up", "a > 5 and b", "a > bool 5"])
    expect(conditionOf(text, 3)).toMatch(/^the expression of the rule is not a comparison with a number/);
});
