import { Labels } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import { testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RuleGroup } from "./group.ts";
import { RecordedLabels } from "./recording.ts";
import type { QueryElement } from "./rule-query.ts";
import { parseRuleFile } from "./rule-file.ts";
import { storedSamples, testGroupContext } from "./testing/group-context.ts";
import { element } from "./testing/scripted-query.ts";

const MINUTE = 60_000;
const INSTANCES = ["a", "b", "c", "d"];

/** The instances in the result of each evaluation, in order. An instance may occur twice. */
const results = fc.array(fc.array(fc.constantFrom(...INSTANCES), { maxLength: 4 }), { minLength: 1, maxLength: 8 });

test("a recording rule writes the series of each result and ends the others, in any order of results", async () => {
  await fc.assert(
    fc.asyncProperty(results, async (instances) => {
      const rig = testGroupContext({
        up: (ms) => instances[ms / MINUTE]!.map((instance) => element({ __name__: "up", instance }, ms / MINUTE)),
      });
      const loaded = parseRuleFile("groups:\n- name: g\n  rules:\n  - {record: r, expr: up}\n", "r.yml");
      if (!loaded.ok) throw new Error("the rule file is wrong");
      const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
      const group = new RuleGroup("r.yml", loaded.value[0]!, defaults, rig.context, false);
      const expected = new Map<string, string[]>();
      let active = new Set<string>();
      for (const [minute, list] of instances.entries()) {
        // oxlint-disable-next-line no-await-in-loop -- evaluations follow each other
        await group.evaluate(minute * MINUTE);
        const isRefused = new Set(list).size < list.length;
        expect(group.rules[0]!.health).toBe(isRefused ? "err" : "ok");
        if (isRefused) continue;
        const add = (instance: string, value: string): unknown =>
          expected.set(instance, [...(expected.get(instance) ?? []), `${minute * MINUTE} ${value}`]);
        for (const instance of list) add(instance, String(minute));
        for (const instance of active) if (!list.includes(instance)) add(instance, "stale");
        active = new Set(list);
      }
      for (const instance of INSTANCES) {
        const stored = storedSamples(rig.storage, `{__name__="r", instance="${instance}"}`);
        expect(stored).toEqual(expected.get(instance));
      }
    }),
    { seed: testSeed(), numRuns: testCases(200, 2000) },
  );
});

test("the labels of a series that the query returns again are not read again", async () => {
  const rule = {
    kind: "recording",
    name: "r",
    query: "",
    expr: undefined as never,
    labels: new Map([["team", "a"]]),
  } as const;
  const recorded = new RecordedLabels(rule);
  let reads = 0;
  const identity = { labels: Labels.of({ job: "x" }) };
  const one = (value: number): QueryElement => ({
    identity,
    value,
    get labels() {
      reads++;
      return identity.labels;
    },
  });
  const first = runToEnd(recorded.samples([one(1)], 0));
  expect(reads).toBe(1);
  const second = runToEnd(recorded.samples([one(2)], 0));
  expect(reads).toBe(1);
  expect(second[0]!.labels).toBe(first[0]!.labels);
  expect(second[0]!.value).toBe(2);
  const other = runToEnd(recorded.samples([{ labels: Labels.of({ job: "y" }), value: 3 }], 0));
  expect(String(other[0]!.labels)).toBe('{__name__="r", job="y", team="a"}');
});
