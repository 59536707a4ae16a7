import fc from "fast-check";
import { expect, test } from "vitest";
import { LongMap } from "./long-map.ts";

test("a map in several parts has the same entries and order as a single Map", () => {
  const key = fc.nat(30);
  const step = fc.oneof(fc.record({ set: key, value: fc.nat() }), fc.record({ delete: key }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const expected = new Map<number, number>();
      const map = new LongMap<number, number>(4);
      for (const one of steps) {
        if ("set" in one) {
          expected.set(one.set, one.value);
          map.set(one.set, one.value);
        } else {
          expected.delete(one.delete);
          map.delete(one.delete);
        }
      }
      expect(map.size).toBe(expected.size);
      expect([...map].sort()).toEqual([...expected].sort());
      for (let i = 0; i <= 30; i++) expect([map.has(i), map.get(i)]).toEqual([expected.has(i), expected.get(i)]);
      map.clear();
      expect([map.size, ...map.values()]).toEqual([0]);
    }),
  );
});

test("entries are read in the order in which they were added", () => {
  const map = new LongMap<number, number>(4);
  for (let i = 0; i < 20; i++) map.set(i, -i);
  expect([...map.values()]).toEqual(Array.from({ length: 20 }, (_, i) => -i));
});
