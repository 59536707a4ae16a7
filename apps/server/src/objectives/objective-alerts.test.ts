import { Labels, Matcher } from "@narthex/model";
import type { RuleGroup } from "@narthex/rules";
import type { ServiceLevel } from "@narthex/slo";
import { expect, test } from "vitest";
import { ObjectiveAlerts } from "./objective-alerts.ts";

/** Returns a group whose rule has alerts with these labels, and the number of times that the alerts were listed. */
function groupOf(...alerts: readonly Readonly<Record<string, string>>[]) {
  let reads = 0;
  const alertState = {
    get activeAlerts() {
      reads++;
      return alerts.map((labels) => ({ labels: Labels.of(labels) }));
    },
  };
  return { group: { rules: [{ alertState }, {}] } as unknown as RuleGroup, reads: () => reads };
}

const levelOf = (labels: Readonly<Record<string, string>>): Pick<ServiceLevel, "queries"> => ({
  queries: { errorRatio: "", windows: [], alertLabels: new Map(Object.entries(labels)) },
});

const found = (alerts: ObjectiveAlerts, labels: Readonly<Record<string, string>>): readonly string[] =>
  alerts.of(levelOf(labels)).map((alert) => alert.labels.get("n"));

test("the alerts of many objectives are listed once, and each objective gets those with its labels", () => {
  const { group, reads } = groupOf(
    { n: "1", slo: "a", team: "x" },
    { n: "2", slo: "b", team: "x" },
    { n: "3", slo: "a", team: "y" },
    { n: "4" },
  );
  const alerts = new ObjectiveAlerts([group], []);
  expect(found(alerts, { slo: "a" })).toEqual(["1", "3"]);
  expect(found(alerts, { slo: "a", team: "y" })).toEqual(["3"]);
  expect(found(alerts, { team: "x" })).toEqual(["1", "2"]);
  expect(found(alerts, { slo: "c" })).toEqual([]);
  expect(found(alerts, {})).toEqual(["1", "2", "3", "4"]);
  expect(reads()).toBe(1);
});

test("alerts that the sender may not read are left out", () => {
  const { group } = groupOf({ n: "1", slo: "a", team: "x" }, { n: "2", slo: "a", team: "y" });
  expect(found(new ObjectiveAlerts([group], [new Matcher("=", "team", "y")]), { slo: "a" })).toEqual(["2"]);
});
