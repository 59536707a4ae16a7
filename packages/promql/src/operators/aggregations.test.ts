import fc from "fast-check";
import { expect, test } from "vitest";
import { CHOICE_REFERENCES, FOLD_REFERENCES, grouped, valueText } from "../testing/reference/operator-references.ts";
import {
  comparable,
  evaluate,
  type Plain,
  type PlainElement,
  type PlainSeries,
  storageOf,
} from "../testing/reference/plain.ts";
import { elementsAt, GRID, metric, perStep } from "../testing/reference/scene.ts";

const scene = metric("m");
const clause = fc.constantFrom("", "by (a)", "by (b, a)", "without (a)", "by (__name__)", "without ()");
const namesIn = (text: string): string[] => [...text.matchAll(/\b(a|b|__name__)\b/g)].map(([name]) => name);

const stepsOf = (reference: (step: PlainElement[]) => PlainElement[], all: readonly PlainSeries[]): PlainElement[][] =>
  perStep((time) => reference(elementsAt(all, time)));

test.each(Object.keys(FOLD_REFERENCES))("%s has the same result as folding each group of each step separately", (op) =>
  fc.assert(
    fc.asyncProperty(scene, clause, fc.constantFrom(0, 0.3, 0.5, 1, -1, 2, NaN), async (all, by, parameter) => {
      const argument = op === "quantile" ? `${parameter}, m` : "m";
      const found = await evaluate(await storageOf(all), `${op} ${by} (${argument})`, GRID);
      const expected = stepsOf(
        (elements) =>
          grouped(elements, namesIn(by), by.startsWith("without")).flatMap(({ labels, group }) => {
            const result = FOLD_REFERENCES[op]!(
              group.map((element) => element.value),
              parameter,
            );
            return result === undefined ? [] : [{ labels, value: result }];
          }),
        all,
      );
      expect(found.map(comparable)).toEqual(expected.map(comparable));
    }),
    { numRuns: 60 },
  ),
);

test.each(Object.keys(CHOICE_REFERENCES))("%s keeps the right elements of each group", (op) =>
  fc.assert(
    fc.asyncProperty(scene, clause, fc.integer({ min: -1, max: 4 }), async (all, by, k) => {
      const found = await evaluate(await storageOf(all), `${op} ${by} (${k}, m)`, GRID);
      const elementsOf = (step: readonly PlainElement[]): Map<string, Plain> =>
        new Map(step.map((element) => [JSON.stringify(element.labels), element.value]));
      stepsOf((elements) => elements, all).forEach((elements, i) => {
        const there = elementsOf(elements);
        for (const [labels, kept] of elementsOf(found[i]!)) expect(there.get(labels)).toEqual(kept);
        const groups = grouped(elements, namesIn(by), by.startsWith("without"));
        const inGroups = grouped(found[i]!, namesIn(by), by.startsWith("without"));
        for (const { labels, group } of groups) {
          const kept = inGroups.find((other) => JSON.stringify(other.labels) === JSON.stringify(labels))?.group ?? [];
          const expected = CHOICE_REFERENCES[op]!(group, k);
          // If elements have equal values, topk and bottomk may keep any of them, so only values are compared. limitk
          // may keep any elements, so only their number is compared.
          if (op === "limitk") expect(kept).toHaveLength(expected.length);
          else
            expect(kept.map((one) => valueText(one.value)).sort()).toEqual(
              expected.map((one) => valueText(one.value)).sort(),
            );
        }
      });
    }),
    { numRuns: 60 },
  ),
);

test("each element is in the result of limit_ratio or of its complement, never in both", () =>
  fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: 0, max: 10 }), async (all, tenths) => {
      const storage = await storageOf(all);
      const kept = await evaluate(storage, `limit_ratio(${tenths / 10}, m)`, GRID);
      const others = await evaluate(storage, `limit_ratio(${tenths / 10 - 1}, m)`, GRID);
      const expected = stepsOf((elements) => elements, all);
      const together = kept.map((step, i) => [...step, ...others[i]!]);
      expect(together.map(comparable)).toEqual(expected.map(comparable));
      together.forEach((step, i) => expect(step).toHaveLength(expected[i]!.length));
    }),
    { numRuns: 60 },
  ));

test("count_values counts the elements for each text of a value", () =>
  fc.assert(
    // The label that count_values sets may already be a label of the series, or may be dropped by the aggregation.
    fc.asyncProperty(scene, clause, fc.constantFrom("v", "a", "b"), async (all, by, v) => {
      const found = await evaluate(await storageOf(all), `count_values ${by} ("${v}", m)`, GRID);
      const names = by.startsWith("without") ? namesIn(by) : [...namesIn(by), v];
      const expected = stepsOf(
        (elements) =>
          grouped(
            elements.map((one) => ({ ...one, labels: { ...one.labels, [v]: valueText(one.value) } })),
            names,
            by.startsWith("without"),
          ).map(({ labels, group }) => ({ labels, value: group.length })),
        all,
      );
      expect(found.map(comparable)).toEqual(expected.map(comparable));
    }),
    { numRuns: 60 },
  ));
