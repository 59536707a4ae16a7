import { expect, test } from "vitest";
import { alertQuery, expressionIn } from "./alert-query.ts";

test.each([
  ["http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "up == 0"],
  ["/graph?g0.expr=a%7Bb%3D%22c%22%7D#x", 'a{b="c"}'],
  ["not a url?g0.expr=up", "up"],
  ["http://prometheus:9090/graph?g0.tab=1", undefined],
  ["http://prometheus:9090/graph?g0.expr=", undefined],
  ["", undefined],
  [`http://h/?g0.expr=${"a".repeat(5000)}`, undefined],
  [`http://h/${"a".repeat(50_000)}?g0.expr=up`, undefined],
])("the expression of the source link %.60s is %s", (link, expression) => {
  expect(expressionIn(link)).toBe(expression);
});

test.each([
  ["errors > 5", "errors", 5],
  ["(rate(a[5m]) <= -0.5)", "rate(a[5m])", -0.5],
  ["10 < b", "b", 10],
  ["up == 0", "up", 0],
  ["a > b", "a > b", undefined],
  ["a > 1 and b > 2", "a > 1 and b > 2", undefined],
  ["absent(up)", "absent(up)", undefined],
  ["1 > bool 2", "1 > bool 2", undefined],
])("the values of the alert %s are %s, its threshold is %s", (expression, query, threshold) => {
  expect(alertQuery(expression)).toEqual({ query, threshold });
});

test("an invalid expression has no query", () => {
  expect(alertQuery("sum(")).toBeUndefined();
});
