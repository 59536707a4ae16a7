import { expect, test } from "vitest";
import type { AlertingRule, RuleGroup } from "../api/rule-data.ts";
import { filterRules, pageOf } from "./rule-filter.ts";

const rule = (name: string, state: AlertingRule["state"], labels: Record<string, string> = {}): AlertingRule => ({
  type: "alerting",
  name,
  state,
  labels,
  query: "up == 0",
  duration: 0,
  keepFiringFor: 0,
  alerts: [],
  health: "ok",
  evaluationTime: 0,
  lastEvaluation: "",
});
const group = (rules: AlertingRule[]): RuleGroup<AlertingRule> => ({
  name: "g",
  file: "f",
  rules,
  interval: 15,
  evaluationTime: 0,
  lastEvaluation: "",
});

test("a search finds names and labels that contain each of its words", () => {
  const groups = [group([rule("DiskFull", "firing", { severity: "critical" }), rule("HostDown", "inactive")])];
  const names = (search: string): string[] =>
    filterRules(groups, search, () => true)[0]?.rules.map((one) => one.name) ?? [];
  expect(names("disk")).toEqual(["DiskFull"]);
  expect(names('severity="critical"')).toEqual(["DiskFull"]);
  expect(names("severity=crit full")).toEqual(["DiskFull"]);
  expect(names("down disk")).toEqual([]);
  expect(names("")).toHaveLength(2);
});

test("a group without a matching rule stays as an empty group", () => {
  expect(filterRules([group([rule("A", "firing")])], "", (one) => one.state === "pending")[0]?.rules).toEqual([]);
});

test("page numbers are limited to the list", () => {
  const items = [1, 2, 3, 4, 5];
  expect(pageOf(items, 2, 2)).toEqual({ items: [3, 4], page: 2, pages: 3 });
  expect(pageOf(items, 9, 2)).toEqual({ items: [5], page: 3, pages: 3 });
  expect(pageOf(items, Number.NaN, 2).page).toBe(1);
  expect(pageOf([], 1, 2)).toEqual({ items: [], page: 1, pages: 1 });
});
