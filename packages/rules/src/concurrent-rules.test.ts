import { Labels } from "@narthex/model";
import { printExpression, QueryGate } from "@narthex/promql";
import { expect, test } from "vitest";
import { concurrentBatches } from "./concurrent-rules.ts";
import { RuleGroup } from "./group.ts";
import { parseRuleFile } from "./rule-file.ts";
import type { GroupSpec } from "./rule-spec.ts";
import { storedSamples, testGroupContext } from "./testing/group-context.ts";
import { element } from "./testing/scripted-query.ts";

/** Creates a rule group from texts of the form `NAME: EXPR`. A name with a capital letter is an alerting rule. */
function groupSpec(...rules: readonly string[]): GroupSpec {
  const lines = rules.map((rule) => {
    const [name, expr] = rule.split(": ");
    return `  - {${/[A-Z]/.test(name!) ? "alert" : "record"}: ${name}, expr: '${expr}'}`;
  });
  const loaded = parseRuleFile(["groups:", "- name: g", "  rules:", ...lines, ""].join("\n"), "r.yml");
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value[0]!;
}

const batches = (...rules: readonly string[]): unknown => concurrentBatches(groupSpec(...rules).rules);

test("rules without dependencies are first, then come those with dependencies and dependants one by one, then the others", () => {
  expect(batches("a: up", "b: a", "c: up", "d: b + a", "e: c", "f: rate(b[1m])")).toEqual([[0, 2], [1], [3, 4, 5]]);
  expect(batches("a: up", "b: up")).toEqual([[0, 1]]);
  expect(batches()).toEqual([]);
});

test("a rule's batch follows the earlier rules that read it, and a rule may read itself", () => {
  expect(batches("a: a or b", "b: up")).toEqual([[0], [1]]);
  expect(batches("a: a", "b: up", "c: b or d", "d: up")).toEqual([[0, 1], [2], [3]]);
  expect(batches("a: b", "b: up", "c: b", "d: up")).toEqual([[0, 3], [1], [2]]);
});

test("rules of one name are evaluated in order, because the first sample of a series and time is stored", () => {
  expect(batches("a: up", "b: up", "a: down", "A: up", "A: down")).toEqual([
    [0, 1, 3],
    [2, 4],
  ]);
});

test("a rule depends on names that its patterns match; a selector without a name makes all rules run one by one", () => {
  expect(batches("ax: up", "bx: up", 'c: {__name__=~"a.*"}', 'd: {__name__=~"[^a].*"}')).toEqual([[0, 1], [2], [3]]);
  expect(batches("a: up", "b: up", 'c: {job="x"}', "d: up")).toEqual([[0], [1], [2], [3]]);
  expect(batches('c: {job="x"}')).toEqual([[0]]);
});

test("a template with a query makes all rules run one by one", () => {
  const alert = (text: string): string => `{alert: A, expr: up, annotations: {text: '${text}'}}`;
  const loaded = (text: string): unknown => {
    const rules = ["{record: a, expr: up}", alert(text), "{record: b, expr: up}"].map((rule) => `  - ${rule}`);
    const file = parseRuleFile(["groups:", "- name: g", "  rules:", ...rules, ""].join("\n"), "r.yml");
    return file.ok ? concurrentBatches(file.value[0]!.rules) : file.problems;
  };
  expect(loaded('{{ with query "a" }}{{ . | first | value }}{{ end }}')).toEqual([[0], [1], [2]]);
  expect(loaded('{{ with printf "a{b=%q}" .Labels.b | query }}{{ . | first | value }}{{ end }}')).toEqual([
    [0],
    [1],
    [2],
  ]);
  expect(loaded("slow query of {{ .Labels.job }}")).toEqual([[0, 1, 2]]);
  expect(loaded("query")).toEqual([[0, 1, 2]]);
});

test("a selector of alert series depends on the earlier alerts that its matcher matches", () => {
  expect(batches("Down: up == 0", "Slow: up", 'a: ALERTS{alertname="Slow"}', "up: x")).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(batches("Down: up", "r: up", "a: ALERTS_FOR_STATE", "b: a")).toEqual([[0, 1], [2], [3]]);
});

/** Creates a rule group whose queries wait. The test gives the result of a rule by its name. */
function heldGroup(slots: QueryGate, ...rules: readonly string[]) {
  const rig = testGroupContext({}, 0, slots);
  const answers = new Map<string, () => void>();
  const query = (expr: Parameters<typeof printExpression>[0]) =>
    new Promise<readonly ReturnType<typeof element>[]>((resolve) =>
      answers.set(printExpression(expr), () => resolve([element({})])),
    );
  const defaults = { intervalMs: 60_000, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
  const group = new RuleGroup("r.yml", groupSpec(...rules), defaults, { ...rig.context, query }, false);
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    ...rig,
    group,
    asked: () => [...answers.keys()],
    answer: async (name: string): Promise<void> => {
      answers.get(name)!();
      answers.delete(name);
      await settle();
    },
  };
}

test("rules of a batch are evaluated concurrently, as far as there are slots, and the next batch waits for all", async () => {
  const slots = new QueryGate(2);
  const { group, storage, asked, answer } = heldGroup(slots, "a: x1", "b: x2", "c: x3", "d: x4", "e: a");
  const evaluation = group.evaluate(60_000);
  // Only three of the rules have started, because there is no free slot for another rule.
  expect(asked()).toEqual(["x1", "x2", "x3"]);
  await answer("x1");
  expect(asked()).toEqual(["x2", "x3"]);
  await answer("x3");
  expect(asked()).toEqual(["x2", "x4"]);
  await answer("x4");
  expect(asked()).toEqual(["x2"]);
  expect(storedSamples(storage, '{__name__="e"}')).toBeUndefined();
  await answer("x2");
  expect(asked()).toEqual(["a"]);
  await answer("a");
  await evaluation;
  expect(storedSamples(storage, '{__name__="e"}')).toEqual(["60000 1"]);
  expect(group.numbers).toMatchObject({ evaluations: 5, lastSamples: 5 });
  expect([1, 2, 3].map(() => slots.tryAcquire() !== undefined)).toEqual([true, true, false]);
});

test("groups share the slots, and without a slot rules run in order", async () => {
  const slots = new QueryGate(1);
  const one = heldGroup(slots, "a: x1", "b: x2");
  const other = heldGroup(slots, "a: y1", "b: y2");
  const evaluations = [one.group.evaluate(0), other.group.evaluate(0)];
  expect([one.asked(), other.asked()]).toEqual([["x1", "x2"], ["y1"]]);
  for (const name of ["x1", "x2"]) await one.answer(name);
  for (const name of ["y1", "y2"]) await other.answer(name);
  await Promise.all(evaluations);
});

test("a stopped group begins no further rule and releases its slots", async () => {
  const slots = new QueryGate(1);
  const { group, asked, answer } = heldGroup(slots, "a: x1", "b: x2", "c: x3");
  const evaluation = group.evaluate(0);
  const stopped = group.stop();
  await answer("x2");
  await answer("x1");
  await Promise.all([evaluation, stopped]);
  expect(asked()).toEqual([]);
  expect(slots.tryAcquire()).toBeDefined();
});

test("a rule does not read samples that a later rule writes in the same evaluation, whatever the order of the answers", async () => {
  const { group, asked, answer } = heldGroup(new QueryGate(2), "a: b", "b: up");
  const evaluation = group.evaluate(60_000);
  expect(asked()).toEqual(["b"]);
  await answer("b");
  expect(asked()).toEqual(["up"]);
  await answer("up");
  await evaluation;
});
