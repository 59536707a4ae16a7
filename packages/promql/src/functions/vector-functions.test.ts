import fc from "fast-check";
import { expect, test } from "vitest";
import {
  comparable,
  evaluate,
  type Plain,
  type PlainElement,
  type PlainSample,
  type PlainSeries,
  selected,
  storageOf,
  windowOf,
} from "../testing/reference/plain.ts";
import { plainHistogram } from "../testing/reference/plain-arbitraries.ts";
import { type PlainStep, VECTOR_REFERENCES } from "../testing/reference/vector-references.ts";

const GRID = { step: 2000, count: 8, lookbackMs: 3000 };

const number = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -24, max: 48 }).map((value) => value / 4) },
  { weight: 1, arbitrary: fc.constantFrom<Plain>(NaN, Infinity, -Infinity) },
);
const histogram = plainHistogram(6);

/** Random samples about a second apart. A third of the samples are missing. */
const samples = (value: fc.Arbitrary<Plain>): fc.Arbitrary<PlainSample[]> =>
  fc
    .array(fc.tuple(value, fc.boolean(), fc.nat({ max: 900 })), { minLength: 16, maxLength: 16 })
    .map((all) =>
      all.flatMap(([one, there, late], i) =>
        there || i % 3 === 0 ? [{ time: i * 1000 + late, value: one, start: (i * 1000) / 2 }] : [],
      ),
    );

const metric = (
  name: string,
  value: fc.Arbitrary<Plain>,
  labels: readonly Record<string, string>[],
): fc.Arbitrary<PlainSeries[]> =>
  fc
    .tuple(...labels.map((one) => fc.option(samples(value)).map((found) => ({ labels: one, found }))))
    .map((all) =>
      all.flatMap(({ labels: own, found }) =>
        found === null ? [] : [{ labels: { __name__: name, ...own }, samples: found }],
      ),
    );

const PLACES = [{ a: "1" }, { a: "2", b: "1", instance: "i", job: "j" }, { a: "3", instance: "k", job: "j" }];
const BOUNDS = ["0.5", "1", "2.5", "+Inf"];

/** Random cumulative bucket counts: each count includes the observations of all lower buckets. */
const cumulative = fc
  .array(samples(fc.integer({ min: 0, max: 5 })), { minLength: 4, maxLength: 4 })
  .map((all): PlainSeries[] =>
    all.map((own, i) => ({
      labels: { __name__: "classic", a: "1", le: BOUNDS[i]! },
      samples: all[0]!.map(({ time }, at) => ({
        time,
        value: all.slice(0, i + 1).reduce((sum, one) => sum + Number(one[at % one.length]!.value), 0),
        start: own.length,
      })),
    })),
  );

const scene = fc
  .tuple(
    metric("m", fc.oneof(number, histogram), PLACES),
    metric("n", number, [{ a: "1" }]),
    metric(
      "day_seconds",
      fc.integer({ min: -70_000_000, max: 4_000_000_000 }).map((s) => s / 1.5),
      PLACES,
    ),
    metric(
      "crooked",
      fc.integer({ min: 0, max: 9 }),
      BOUNDS.map((le) => ({ le })),
    ),
    cumulative,
    metric("target_info", fc.constant(1), [
      { instance: "i", job: "j", version: "7", a: "x" },
      { instance: "k", job: "j", zone: "z" },
    ]),
  )
  .map((all) => all.flat());

const stepOf = (all: readonly PlainSeries[], time: number): PlainStep => {
  const named = (name: string): PlainSeries[] => all.filter(({ labels }) => labels["__name__"] === name);
  return {
    time,
    grid: GRID,
    select: (name) => selected(named(name), time, GRID.lookbackMs),
    seen: (name, rangeMs) => named(name).some((one) => windowOf(one, time, rangeMs).length > 0),
  };
};

test.each(Object.keys(VECTOR_REFERENCES))("%s() has the result of its definition at every step", (name) =>
  fc.assert(
    fc.asyncProperty(scene, async (all) => {
      const storage = await storageOf(all);
      for (const { query, reference } of VECTOR_REFERENCES[name]!) {
        const found = await evaluate(storage, query, GRID, { useStartTimestamps: true });
        const expected = Array.from({ length: GRID.count }, (_, i): PlainElement[] =>
          reference(stepOf(all, i * GRID.step)),
        );
        expect({ query, steps: found.map(comparable) }).toEqual({ query, steps: expected.map(comparable) });
      }
    }),
    { numRuns: 25 },
  ),
);
