import { Labels, relabel } from "@narthex/model";
import { foundJobReader, parsePrometheusConfig } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesSelectors } from "../testing/selector-match.ts";
import { MonitorSelector } from "./label-selector.ts";
import { SpecError } from "../custom-objects/spec-error.ts";
import { type Json } from "./monitor.ts";
import { metaLabel } from "./relabel-rules.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";

const selectorOf = (value: Json): MonitorSelector => new MonitorSelector(new SpecFields(value, "selector"));

const KEYS = ["app", "tier", "example.com/part-of"] as const;
const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom("a", "b", "a-b", "", "3");
const labels = fc.dictionary(key, value);
const some = fc.uniqueArray(value, { minLength: 1, maxLength: 3 });

const expression: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: some }),
  fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const labelSelector = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 3 }) },
  { requiredKeys: [] },
);

const parsed = parsePrometheusConfig("", "prometheus.yml", {}, () => undefined);
if (!parsed.ok) throw new Error("an empty file is valid");
const readJob = foundJobReader(parsed.value.global);

function rulesOf(rules: readonly Json[]) {
  const loaded = readJob({ job_name: "x", relabel_configs: rules });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value.relabelConfigs;
}

test("a selector's relabel rules keep the same objects that the API selects by its text", () => {
  fc.assert(
    fc.property(labelSelector, labels, (wanted, own) => {
      const selector = selectorOf(wanted);
      const object = { metadata: { name: "web", labels: own } };
      const meta = Labels.of([
        ["__address__", "10.0.0.1:80"],
        ...Object.entries(own).flatMap(([name, one]): [string, string][] => [
          [metaLabel("service", "label", name), one],
          [metaLabel("service", "labelpresent", name), "true"],
        ]),
      ]);
      const isKept = relabel(meta, rulesOf(selector.rules("service"))) !== undefined;
      expect(isKept, selector.text).toBe(matchesSelectors(object, selector.text, ""));
    }),
  );
});

test.each<[Json, string]>([
  [{}, ""],
  [{ matchLabels: { b: "1", a: "2" } }, "a=2,b=1"],
  [
    {
      matchLabels: { "m/n": "" },
      matchExpressions: [
        { key: "z", operator: "NotIn", values: ["y", "x"] },
        { key: "c", operator: "DoesNotExist" },
        { key: "b", operator: "Exists" },
        { key: "a", operator: "In", values: ["q"] },
      ],
    },
    "a in (q),b,!c,m/n=,z notin (x,y)",
  ],
])("%j is asked as %s", (wanted, text) => expect(selectorOf(wanted).text).toBe(text));

test.each<[Json, string]>([
  [{ matchLabels: { a: "not a label's value" } }, "found 'a', expected: ',' or 'end of string'"],
  [{ matchLabels: { "/": "" } }, "prefix part must be non-empty"],
  [{ matchLabels: { a: 1 } }, "selector.matchLabels.a is not a text"],
  [{ matchExpressions: [{ key: "a", operator: "Like" }] }, '"Like" is not a valid label selector operator'],
  [{ matchExpressions: [{ key: "a", operator: "In" }] }, "a: operator In needs values"],
  [
    { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] },
    "a: operator Exists does not accept values",
  ],
  [{ matchExpressions: ["a"] }, "selector.matchExpressions[0] is not an object"],
])("%j is refused: %s", (wanted, words) => {
  expect(() => selectorOf(wanted)).toThrow(SpecError);
  expect(() => selectorOf(wanted)).toThrow(words);
});
