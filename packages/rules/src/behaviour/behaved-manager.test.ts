import { formatProblem } from "@narthex/config";
import { recordFiles } from "@narthex/config/testing";
import { SelfMetrics } from "@narthex/http";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { RuleManager } from "../manager.ts";
import { parseRuleFile } from "../rule-file.ts";
import * as answers from "../rules-answer.ts";
import { testGroupContext } from "../testing/group-context.ts";
import { element } from "../testing/scripted-query.ts";
import { parseBehaviourFile } from "./behaviour-file.ts";
import { behaviourMetrics } from "./behaviour-metrics.ts";

/** The answers of the API, with lists as arrays. */
const written = (answer: object): unknown => JSON.parse(JSON.stringify(answer));
const rulesAnswer = (...of: Parameters<typeof answers.rulesAnswer>): unknown => written(answers.rulesAnswer(...of));
const alertsAnswer = (...of: Parameters<typeof answers.alertsAnswer>): unknown => written(answers.alertsAnswer(...of));

const START = 1_700_000_000_000;
const RULES = "groups: [{name: g, rules: [{alert: A, expr: load > 5}, {alert: B, expr: up}]}]";
const KEEP =
  "behaviours: [{alert: A, on_no_data: keep, recovery_threshold: 3, flap_damping: {max_changes: 2, window: 1m}}]";

/** A manager whose rule A has results that the test changes. */
function managerOf(rules = RULES) {
  const load = { value: 9 as number | undefined };
  const results = (accepts: (value: number) => boolean) => () =>
    load.value !== undefined && accepts(load.value) ? [element({ __name__: "load", i: "x" }, load.value)] : [];
  const scripts = { "load > 5": results((v) => v > 5), load: results(() => true), "load < 3": results((v) => v < 3) };
  const rig = testGroupContext(scripts, START);
  const manager = new RuleManager(rig.context, recordFiles({ "a.yml": rules }));
  const prepare = (behaviours: string) => {
    const entries = parseBehaviourFile(behaviours, "b.yml");
    if (!entries.ok) throw new Error(JSON.stringify(entries.problems));
    const shared = { intervalMs: 10_000, queryOffsetMs: 0, externalLabels: Labels.EMPTY, scheme: "utf8" as const };
    return manager.prepare({ ...shared, ruleFiles: ["*.yml"], behaviours: entries.value });
  };
  const update = async (behaviours: string): Promise<void> => {
    const prepared = await prepare(behaviours);
    if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
    await prepared.apply();
  };
  return { ...rig, load, manager, prepare, update };
}

test("the API shows a behaviour and what it holds, and only for rules that have one", async () => {
  const { manager, update, load, clock } = managerOf();
  await update(KEEP);
  manager.start();
  await clock.advance(10_000);
  const firedAt = manager.groups[0]!.rules[0]!.alertState!.alerts[0]!.firedAtMs!;
  const shown = () => (alertsAnswer(manager) as { readonly alerts: readonly unknown[] }).alerts;
  expect(shown()).toEqual([expect.not.objectContaining({ heldBy: expect.anything() })]);
  load.value = 4;
  await clock.advance(10_000);
  expect(shown()).toMatchObject([{ state: "firing", heldBy: "recovery" }]);
  load.value = undefined;
  await clock.advance(10_000);
  expect(shown()).toMatchObject([{ state: "firing", heldBy: "no_data" }]);
  load.value = 1;
  await clock.advance(10_000);
  const until = new Date(firedAt + 60_000).toISOString().replace(/0*Z$/, "Z");
  expect(shown()).toMatchObject([{ state: "firing", heldBy: "damping", heldUntil: until }]);
  const metrics = new SelfMetrics();
  behaviourMetrics(metrics, () => manager.groups);
  const values = (await metrics.families())
    .filter(({ name }) => name.startsWith("narthex_rule"))
    .flatMap(({ name, samples }) => samples.map(({ labels, value }) => `${name} ${labels.at(-1)} ${value}`));
  expect(values).toEqual([
    "narthex_rule_held_alerts no_data 0",
    "narthex_rule_held_alerts recovery 0",
    "narthex_rule_held_alerts damping 1",
    "narthex_rule_alerts_held_total no_data 1",
    "narthex_rule_alerts_held_total recovery 1",
    "narthex_rule_alerts_held_total damping 1",
  ]);
  await clock.advance(30_000);
  expect(shown()).toEqual([]);
  const [a, b] = (rulesAnswer(manager, new URLSearchParams()) as { groups: readonly { rules: readonly unknown[] }[] })
    .groups[0]!.rules;
  expect(a).toMatchObject({
    behaviour: {
      onNoData: "keep",
      data: "load",
      recovery: "load < 3",
      recoveryThreshold: "< 3",
      flapDamping: { maxChanges: 2, window: 60 },
      file: "b.yml",
      line: 1,
    },
  });
  expect(b).not.toHaveProperty("behaviour");
  await manager.stop();
});

test("a reload with another behaviour keeps the alerts and their changes", async () => {
  const { manager, update, load, clock } = managerOf();
  await update(KEEP);
  manager.start();
  await clock.advance(10_000);
  const before = manager.groups[0];
  await update(KEEP);
  expect(manager.groups[0]).toBe(before);
  await update(KEEP.replace("1m", "2m").replace("on_no_data: keep, ", ""));
  expect(manager.groups[0]).not.toBe(before);
  load.value = 1;
  await clock.advance(100_000);
  expect(manager.groups[0]!.rules[0]!.alertState!.activeAlerts).toMatchObject([{ heldBy: "damping" }]);
  await update("");
  await clock.advance(10_000);
  expect(manager.groups[0]!.rules[0]!.alertState!.activeAlerts).toEqual([]);
  await manager.stop();
});

test("an alert from before its rule got a behaviour ends as in Prometheus, until a result contains it again", async () => {
  const { manager, update, load, clock } = managerOf();
  await update("");
  manager.start();
  await clock.advance(10_000);
  await update("behaviours: [{alert: A, on_no_data: keep}]");
  load.value = undefined;
  await clock.advance(10_000);
  expect(manager.groups[0]!.rules[0]!.alertState!.activeAlerts).toEqual([]);
  load.value = 9;
  await clock.advance(10_000);
  load.value = undefined;
  await clock.advance(10_000);
  expect(manager.groups[0]!.rules[0]!.alertState!.activeAlerts).toMatchObject([{ heldBy: "no_data" }]);
  await manager.stop();
});

test("a failed query of a behaviour keeps all states and is the error of the rule", async () => {
  const { manager, update, load, clock, scripts } = managerOf();
  await update(KEEP);
  manager.start();
  await clock.advance(10_000);
  load.value = 4;
  Object.assign(scripts, {
    load: () => {
      throw new Error("the storage is gone");
    },
  });
  await clock.advance(10_000);
  const [rule] = manager.groups[0]!.rules;
  expect([rule!.health, rule!.lastError, rule!.alertState!.state]).toEqual(["err", "the storage is gone", "firing"]);
  await manager.stop();
});

test("a behaviour that a rule cannot have is refused with the rules, and the earlier rules stay", async () => {
  const { manager, prepare, update } = managerOf();
  await update(KEEP);
  const { groups } = manager;
  const refused = await prepare("behaviours: [{alert: B, recovery_threshold: 1}]");
  expect(!refused.ok && refused.problems.map(formatProblem)).toEqual([
    expect.stringMatching(/^b\.yml:1:45: alert "B" of group "g": the expression of the rule is not a comparison/),
  ]);
  expect(manager.groups).toEqual(groups);
});

test("an entry for no alert is a warning, which is logged once", async () => {
  const { update, logger } = managerOf();
  const warnings = () => logger.lines.filter(({ message }) => message === "A behaviour has no effect");
  await update("behaviours: [{alert: AA, on_no_data: keep}]");
  await update("behaviours: [{alert: AA, on_no_data: keep}]");
  expect(warnings().map(({ fields }) => fields["err"])).toEqual([
    'b.yml:1:22: no alert "AA" in the rule files; write alert: A?',
  ]);
  await update("");
  await update("behaviours: [{alert: AA, on_no_data: keep}]");
  expect(warnings()).toHaveLength(2);
});

test("rules of a place get their behaviours, and a behaviour that such a rule cannot have is only a warning", async () => {
  const { manager, update, logger } = managerOf();
  await update("behaviours: [{alert: P, on_no_data: keep}, {alert: Q, recovery_threshold: 1}]");
  logger.lines.length = 0;
  const loaded = parseRuleFile("groups: [{name: h, rules: [{alert: P, expr: up}, {alert: Q, expr: up}]}]", "p.yml");
  if (!loaded.ok) throw new Error("the rule file is wrong");
  const files = new Map([["p.yml", loaded.value]]);
  await manager.setPlace("api", files);
  const [, group] = manager.groups;
  expect(group!.rules.map(({ spec }) => spec.kind === "alerting" && spec.behaviour?.onNoData)).toEqual([
    "keep",
    undefined,
  ]);
  expect(logger.lines.map(({ fields }) => fields["err"])).toEqual([
    expect.stringMatching(/^b\.yml:1:75: alert "Q" of group "h": the expression/),
  ]);
  await manager.setPlace("api", files);
  expect(manager.groups[1]).toBe(group);
});
