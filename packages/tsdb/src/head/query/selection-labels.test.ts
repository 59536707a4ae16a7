import { compareLabels, Labels, Matcher } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SelectionLabels } from "./selection-labels.ts";
import { Head } from "../head.ts";
import { sortByLabels } from "./label-order.ts";
import { rowsForMatchers } from "./rows-for-matchers.ts";

const texts = fc.oneof(
  fc.constantFrom("a", "b", "ä", "日本", "", "x".repeat(100)),
  fc.string({ unit: "grapheme", maxLength: 5 }),
);
const labelSets = fc.uniqueArray(
  fc
    .dictionary(fc.constantFrom("job", "pod", "zone", "größe"), texts)
    .map((record) => Labels.of({ m: "1", ...record })),
  { selector: ({ key }) => key, minLength: 1, maxLength: 40 },
);

const namesThatCount = fc.subarray(["job", "pod", "zone", "m", "other"]);

/** Creates a head with one series for each label set. */
function headOf(sets: readonly Labels[]): { head: Head; rows: Uint32Array } {
  const head = new Head(0);
  const appender = head.appender();
  for (const labels of sets) appender.series(labels);
  const rows = rowsForMatchers(head.memory, [new Matcher("=", "m", "1")]);
  sortByLabels(head.memory, rows);
  return { head, rows };
}

const all = (chosen: SelectionLabels): Labels[] => Array.from({ length: chosen.count }, (_, index) => chosen.at(index));

test("labels that are created on demand are those of the series, all together and one by one", () =>
  fc.assert(
    fc.property(labelSets, (sets) => {
      const { head, rows } = headOf(sets);
      const expected = sets.toSorted(compareLabels);
      const chosen = new SelectionLabels(head.memory, rows);
      expect(chosen.count).toBe(sets.length);
      expected.forEach((labels, i) => {
        for (const name of ["job", "pod", "zone", "m", "other"]) expect(chosen.value(i, name)).toBe(labels.get(name));
        expect(chosen.at(i).toRecord()).toEqual(labels.toRecord());
      });
    }),
  ));

test("groups of groups of series are numbered by the labels that are kept, in the order of their first occurrence", () =>
  fc.assert(
    fc.property(labelSets, fc.array(namesThatCount, { minLength: 1, maxLength: 6 }), (sets, askedFor) => {
      const { head, rows } = headOf(sets);
      const chosen = new SelectionLabels(head.memory, rows);
      for (const names of askedFor) {
        const keep = (name: string): boolean => names.includes(name);
        const seen: string[] = [];
        const expected = all(chosen).map((labels) => {
          const { key } = labels.filter(keep);
          if (!seen.includes(key)) seen.push(key);
          return seen.indexOf(key);
        });
        expect([...chosen.group(keep)]).toEqual(expected);
        all(chosen).forEach((labels, i) => expect(chosen.at(i, keep).key).toBe(labels.filter(keep).key));
      }
    }),
  ));

test("groups of groups of many series are numbered in the same way", () => {
  const sets = Array.from({ length: 3000 }, (_, i) =>
    Labels.of({ m: "1", job: `${i % 7}`, pod: `${i}`, zone: `${i % 3}` }),
  );
  const { head, rows } = headOf(sets);
  const chosen = new SelectionLabels(head.memory, rows);
  const groups = chosen.group((name) => name !== "pod");
  const keys = new Map(all(chosen).map((labels, i) => [labels.without("pod").key, groups[i]!]));
  expect(keys.size).toBe(21);
  expect(all(chosen).every((labels, i) => keys.get(labels.without("pod").key) === groups[i])).toBe(true);
  expect(new Set(chosen.group(() => true)).size).toBe(3000);
});

test("a selection may have more label names than 16 bits can number", () => {
  const count = 66_000;
  const sets = Array.from({ length: count }, (_, i) => Labels.of({ m: "1", [`name_${i}`]: "x" }));
  const { head, rows } = headOf(sets);
  const chosen = new SelectionLabels(head.memory, rows);
  expect(new Set(all(chosen).map(({ key }) => key)).size).toBe(count);
});
