import fc from "fast-check";
import { expect, test } from "vitest";
import { printParts, type PromqlParts, type Step } from "./promql-parts.ts";
import { readParts, withoutVariables } from "./read-parts.ts";
import { stepKinds } from "./step-kinds.ts";

test.each([
  "up",
  'up{job="a", instance=~"b.*"}',
  '{job="x"}',
  "rate(requests_total[5m])",
  'rate(requests_total{job="$job"}[$__rate_interval])',
  "sum by (job, instance) (rate(x[${interval}]))",
  "sum without (a) (x)",
  "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))",
  "max_over_time(rate(x[5m])[1h:1m])",
  "topk(5, x) > bool 3",
  "(a + b) * 2",
  "a + b * 2",
  "a / on (job) group_left (x) b",
  "a - b - c",
  "(a ^ b) ^ c",
  'label_replace(up, "a", "$1", "b", "(.*)")',
  "topk($n, up)",
  "$metric",
  "quantile_over_time(0.9, x[5m])",
])("reading %s and printing its parts returns the same text", (expr) => {
  const parts = readParts(expr);
  expect(parts).toBeDefined();
  expect(printParts(parts!)).toBe(expr);
});

test.each([
  ["sum(x) by (a)", "sum by (a) (x)"],
  ["up{a='b'}", 'up{a="b"}'],
  ['{"a.b", c=`d`}', '{"a.b", c="d"}'],
  ["((up))", "up"],
])("%s is printed as %s", (expr, printed) => {
  expect(printParts(readParts(expr)!)).toBe(printed);
});

test.each(["up{", "-up", "rate(x[5m] offset 1h)", "time()", "up # why", "x @ end()", "up)", "label_replace(a, b, c)"])(
  "%s can be edited only as code",
  (expr) => {
    expect(readParts(expr)).toBeUndefined();
  },
);

test("reading printed parts returns the same parts", () => {
  const name = fc
    .stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
    .filter((one) => !/^(?:and|or|unless|by|on|inf|nan|bool|offset|without|ignoring|start|end|atan2)$/.test(one));
  const filter = fc.record({
    label: name,
    op: fc.constantFrom("=", "!=", "=~", "!~"),
    value: fc.string({ maxLength: 12 }),
  });
  const step = fc.constantFrom(...stepKinds).map((kind): Step => kind.make());
  const arbitrary: fc.Arbitrary<PromqlParts> = fc.record({
    metric: name.map((one) => `metric_${one}`),
    filters: fc.array(filter, { maxLength: 3 }),
    steps: fc.array(step, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(arbitrary, (parts) => {
      expect(readParts(printParts(parts))).toEqual(parts);
    }),
  );
});

test("withoutVariables() keeps the positions of all other characters", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("$", "{", "}", "[", "]", '"', "a", "1", "(", " ", "\\") }),
      (expr) => {
        expect(withoutVariables(expr).length).toBe(expr.length);
      },
    ),
  );
});

test("unclosed variables with long names and unclosed strings are read only once", () => {
  const label = `$${"a".repeat(300_000)}-`;
  const filters = [{ label, op: "=", value: "x" }] as const;
  expect(printParts({ metric: "up", filters, steps: [] })).toContain(JSON.stringify(label));
  const expr = `"${'\\"'.repeat(300_000)}`;
  expect(withoutVariables(expr)).toBe(expr);
});
