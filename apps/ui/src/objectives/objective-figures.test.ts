import { expect, test } from "vitest";
import type { Objective } from "../api/narthex.ts";
import {
  alertFactor,
  budgetColor,
  budgetPercent,
  budgetQuery,
  budgetText,
  byBudget,
  sharePercent,
} from "./objective-figures.ts";

const objective = (id: string, ...left: readonly number[]): Objective => ({
  id,
  name: id,
  service: "shop",
  description: "",
  format: "narthex",
  file: "slo.yml",
  line: 1,
  objective: 0.99,
  window: 2_592_000,
  labels: {},
  alertWindows: [
    { severity: "page", short: 300, long: 3600, factor: 14.4 },
    { severity: "ticket", short: 3600, long: 86_400, factor: 3 },
  ],
  errorRatioQuery: "ratio",
  series: left.map((budgetRemaining) => ({ labels: {}, sli: 1, budgetRemaining, burnRates: [] })),
  alerts: [],
});

test("shares have the decimals that distinguish them from an objective", () => {
  expect([1, 0.99951, 0.9234, 0.5].map(sharePercent)).toEqual(["100 %", "99.951 %", "92.34 %", "50 %"]);
  expect([0.996, -1.2].map(budgetPercent)).toEqual(["100 %", "-120 %"]);
  expect([0.4, -1.5].map(budgetText)).toEqual(["40 % of the budget left", "250 % of the budget spent"]);
  expect([0.5, 0.1, 0, -1].map(budgetColor)).toEqual(["fennel", "ember", "red", "red"]);
});

test("the objective with the smallest budget comes first, and one without data last", () => {
  const sorted = byBudget([objective("none"), objective("good", 0.9), objective("bad", 1, -0.5)]);
  expect(sorted.map(({ id }) => id)).toEqual(["bad", "good", "none"]);
});

test("a graph shows the budget, and a window has the factor of its alert", () => {
  expect(budgetQuery(objective("a"))).toBe("1 - (ratio) / (1 - 0.99)");
  expect([300, 3600, 60].map((window) => alertFactor(objective("a"), window))).toEqual([14.4, 3, undefined]);
});
