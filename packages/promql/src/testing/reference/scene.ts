import fc from "fast-check";
import { type Plain, type PlainElement, type PlainGrid, type PlainSeries, selected } from "./plain.ts";
import { plainHistogram } from "./plain-arbitraries.ts";

/**
 * Six evaluation times, one second apart. The lookback is shorter than the distance, so that gaps between samples
 * matter.
 */
export const GRID: PlainGrid = { step: 1000, count: 6, lookbackMs: 1 };

const number: fc.Arbitrary<Plain> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -9, max: 9 }).map((value) => value / 2) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const histogram = plainHistogram(3, 9);
const value = fc.oneof(
  { weight: 8, arbitrary: number },
  { weight: 2, arbitrary: histogram },
  { weight: 3, arbitrary: fc.constant(undefined) },
);

/**
 * Makes random series of a metric with labels a and b. At each evaluation time a series has a number, a histogram or
 * nothing.
 */
export const metric = (name: string): fc.Arbitrary<PlainSeries[]> =>
  fc
    .uniqueArray(
      fc.record({
        a: fc.constantFrom("", "1", "2"),
        b: fc.constantFrom("", "1", "2", "3"),
        values: fc.array(value, { minLength: GRID.count, maxLength: GRID.count }),
      }),
      { selector: ({ a, b }) => `${a}/${b}`, maxLength: 9 },
    )
    .map((all) =>
      all.map(({ a, b, values }) => ({
        labels: { __name__: name, ...(a === "" ? {} : { a }), ...(b === "" ? {} : { b }) },
        samples: values.flatMap((one, i) => (one === undefined ? [] : [{ time: i * GRID.step, value: one }])),
      })),
    );

export const perStep = <T>(reference: (time: number) => T): T[] =>
  Array.from({ length: GRID.count }, (_, i) => reference(i * GRID.step));

export const elementsAt = (all: readonly PlainSeries[], time: number): PlainElement[] =>
  selected(all, time, GRID.lookbackMs);
