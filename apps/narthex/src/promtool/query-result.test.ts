import { expect, test } from "vitest";
import { printResult } from "./query-result.ts";

test("native histograms are printed as promtool prints them", () => {
  const histogram = {
    count: "12.5",
    sum: "-3.25",
    buckets: [
      [0, "1", "2", "3"],
      [1, "-1234567", "-0.00001", "4.5"],
      [2, "-1", "0.5", "1e21"],
      [3, "-0.001", "0.001", "123456789"],
    ] as const,
  };
  const text =
    "Count: 12.500000, Sum: -3.250000, " +
    "Buckets: [(1,2]:3 [-1.234567e+06,-1e-05):4.5 (-1,0.5):1000000000000000000000 [-0.001,0.001]:123456789]";
  expect(
    printResult({ resultType: "vector", result: [{ metric: { __name__: "h", a: "b" }, histogram: [5.5, histogram] }] }),
  ).toBe(`h{a="b"} => ${text} @[5.5]\n`);
  const both = {
    metric: { __name__: "h" },
    values: [[1, "2"]],
    histograms: [[2, { count: "0", sum: "NaN" }]],
  } as const;
  expect(printResult({ resultType: "matrix", result: [both] })).toBe(
    "h =>\n2 @[1]\nCount: 0.000000, Sum: NaN, Buckets: [] @[2]\n",
  );
});
