import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LabelBytes } from "./label-bytes.ts";
import { Labels } from "./labels.ts";

const name = fc.constantFrom("a", "ab", "b", "ba", "é", "__name__", "Z", "n".repeat(600), "n".repeat(601));
const value = fc.constantFrom("", "a", "ba", "é", "long".repeat(300));
const pairs = fc.array(fc.tuple(name, value), { maxLength: 8 });
/** Label sets with more labels than LabelBytes supports for its cached sort order. */
const many = fc
  .integer({ min: 60, max: 80 })
  .map((count) => Array.from({ length: count }, (_, i): [string, string] => [`n${(i * 37) % count}`, `${i}`]));

test("sort() results in the Labels of the added pairs, whatever was sorted before", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.oneof(pairs, pairs, many), fc.boolean())), (steps) => {
      const set = new LabelBytes();
      let kept: [string, string][] = [];
      let before: [string, string][] = [];
      for (const [keeps, added, again] of steps) {
        if (keeps) {
          set.reset();
          kept = added.filter(([key], i) => added.findIndex(([other]) => other === key) === i);
          for (const [key, text] of kept) set.addText(key, text);
          set.keep();
        }
        // With `again`, the next label set has the same names in the same order, but other values.
        const own = again ? before.map(([key, text]): [string, string] => [key, text === "" ? "a" : ""]) : added;
        set.clear();
        for (const [key, text] of own) set.addText(key, text);
        before = own;
        const all = [...kept, ...own];
        const isSet = new Set(all.map(([key]) => key)).size === all.length;
        expect(set.sort()).toBe(isSet);
        if (!isSet) continue;
        expect(set.toLabels().pairs).toEqual(Labels.of(all).pairs);
        expect(set.sort()).toBe(true);
        expect(set.toLabels().pairs).toEqual(Labels.of(all).pairs);
      }
    }),
    { numRuns: 300 },
  ));

test("more labels than fit in 16-bit indexes are sorted correctly", () => {
  const set = new LabelBytes();
  const count = 2 ** 16 + 2;
  const nameOf = (i: number): string => `n${String(i).padStart(5, "0")}`;
  for (let i = 0; i < count; i++) set.addText(nameOf(i), "x");
  expect(set.sort()).toBe(true);
  expect(set.toLabels().names().slice(-3)).toEqual([nameOf(count - 3), nameOf(count - 2), nameOf(count - 1)]);
});

test("names with other boundaries but the same bytes are distinguished", () => {
  const set = new LabelBytes();
  for (const names of [
    ["a", "ba"],
    ["ab", "a"],
    ["aba", "b"],
  ]) {
    set.clear();
    for (const name of names) set.addText(name, "x");
    expect(set.sort()).toBe(true);
    expect(set.toLabels().names()).toEqual(names.toSorted());
  }
});
