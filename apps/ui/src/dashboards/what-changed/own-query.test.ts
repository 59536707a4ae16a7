import { expect, test } from "vitest";
import { ownQuery, withMatchers } from "./own-query.ts";

test.each([
  ["sum(rate(a_total[5m]))", "rate(a_total[5m])", "sum"],
  ["sum by (x) (sum(rate(a_total[$__rate_interval])) by (y))", "rate(a_total[$__rate_interval])", "sum"],
  ['avg(b{c=~"$d"})', 'b{c=~"$d"}', "mean"],
  ["max(b)", "max(b)", "mean"],
  ["sum(a) / sum(b)", "sum(a) / sum(b)", "mean"],
  ["increase(a_total[1h])", "increase(a_total[1h])", "sum"],
  ["sum(", "sum(", "mean"],
])("for %s, the page compares the series of %s", (expr, inner, together) => {
  const query = ownQuery(expr, "");
  expect([query.exprWith([]), query.together]).toEqual([inner, together]);
});

test("the matchers of a group are added to each selector of an expression", () => {
  expect(withMatchers('rate(a{b="c"}[5m]) / d{} + e', ['x="y"'])).toBe(
    'rate(a{x="y",b="c"}[5m]) / d{x="y"} + e{x="y"}',
  );
  expect(withMatchers("a", [])).toBe("a");
});
