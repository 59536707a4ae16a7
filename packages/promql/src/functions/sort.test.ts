import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, type PlainElement, type PlainSeries, storageOf } from "../testing/reference/plain.ts";

const INSTANT = { step: 1000, count: 1, lookbackMs: 1000 };

const vectors: fc.Arbitrary<PlainSeries[]> = fc
  .uniqueArray(
    fc.record({
      a: fc.constantFrom("a1", "a2", "a10", "b", "10", "9"),
      b: fc.constantFrom("x", "y"),
      value: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity)),
    }),
    { selector: ({ a, b }) => a + b, maxLength: 10 },
  )
  .map((all) => all.map(({ a, b, value }) => ({ labels: { __name__: "m", a, b }, samples: [{ time: 0, value }] })));

const valuesOf = (elements: readonly PlainElement[]): number[] => elements.map(({ value }) => value as number);

test.each([
  ["sort", 1],
  ["sort_desc", -1],
])("%s() orders by value, NaN last", (name, sign) =>
  fc.assert(
    fc.asyncProperty(vectors, async (all) => {
      const [found] = await evaluate(await storageOf(all), `${name}(m)`, INSTANT);
      const numbers = all.map(({ samples }) => samples[0]!.value as number);
      const sorted = numbers
        .filter((value) => !Number.isNaN(value))
        .toSorted((a, b) => (a === b ? 0 : a < b ? -sign : sign));
      expect(valuesOf(found!)).toEqual([...sorted, ...numbers.filter(Number.isNaN)]);
    }),
  ),
);

/** Label values in natural order, in which digits are compared as numbers. */
const NATURAL = ["9", "10", "a1", "a2", "a10", "b"];

test.each([
  ["sort_by_label", 1],
  ["sort_by_label_desc", -1],
])("%s() orders by labels as people number things", (name, sign) =>
  fc.assert(
    fc.asyncProperty(vectors, async (all) => {
      const [found] = await evaluate(await storageOf(all), `${name}(m, "b", "a")`, INSTANT);
      const key = ({ labels }: Pick<PlainElement, "labels">): number =>
        (labels["b"] === "x" ? 0 : 100) + NATURAL.indexOf(labels["a"]!);
      expect(found!.map(key)).toEqual(all.map(key).toSorted((a, b) => sign * (a - b)));
    }),
  ),
);
