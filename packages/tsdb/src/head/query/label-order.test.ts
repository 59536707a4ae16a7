import { compareLabels, Labels } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Head } from "../head.ts";
import { sortByLabels } from "./label-order.ts";

const word = fc.oneof(
  fc.constantFrom("a", "ab", "b", "é", "\u{1f600}", "\uffff", "Z", "0"),
  fc.string({ minLength: 1, unit: "binary" }),
);
const labelSets = fc
  .array(fc.uniqueArray(fc.tuple(fc.constantFrom("__name__", "a", "b", "zone"), word), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 120,
  })
  .map((sets) => [...new Map(sets.map((pairs) => Labels.of(pairs)).map((labels) => [labels.key, labels])).values()]);

test("sortByLabels() sorts rows in the order in which compareLabels() sorts their label sets", () => {
  fc.assert(
    fc.property(labelSets, (sets) => {
      const { memory } = new Head(0);
      const rows = Uint32Array.from(sets, (labels) => memory.series.add(labels));
      const before = rows.slice();
      const places = sortByLabels(memory, rows);
      expect(Array.from(places, (place) => before[place]!)).toEqual([...rows]);
      const found = Array.from(rows, (row) => String(memory.series.labelsOf(row)));
      expect(found).toEqual(sets.toSorted(compareLabels).map(String));
    }),
  );
});

test("sortByLabels() with a limit sorts only the first rows, and keeps all rows", () => {
  fc.assert(
    fc.property(labelSets, fc.integer({ min: 1, max: 30 }), (sets, limit) => {
      const { memory } = new Head(0);
      const rows = Uint32Array.from(sets, (labels) => memory.series.add(labels));
      const before = rows.slice();
      const all = rows.toSorted();
      const places = sortByLabels(memory, rows, limit);
      expect(Array.from(places, (place) => before[place]!)).toEqual([...rows]);
      const found = Array.from(rows.subarray(0, limit), (row) => String(memory.series.labelsOf(row)));
      expect(found).toEqual(sets.toSorted(compareLabels).slice(0, limit).map(String));
      expect(rows.toSorted()).toEqual(all);
    }),
  );
});
