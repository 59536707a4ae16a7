import fc from "fast-check";
import { expect, test } from "vitest";
import {
  comparable,
  evaluate,
  type Plain,
  type PlainElement,
  type PlainSeries,
  storageOf,
  windowOf,
  withoutName,
} from "../testing/reference/plain.ts";
import { plainHistogram } from "../testing/reference/plain-arbitraries.ts";
import { RANGE_REFERENCES } from "../testing/reference/range-references.ts";
import { RANGE_FUNCTIONS } from "./registry.ts";

const STEPS = 12;

const number = fc.integer({ min: -40, max: 200 }).map((value) => value / 4);
const float: fc.Arbitrary<Plain> = fc.oneof(
  { weight: 12, arbitrary: number },
  { weight: 1, arbitrary: fc.constantFrom<Plain>(NaN, Infinity, -Infinity) },
);
const histogram = plainHistogram(6);

/** A random series of floats, of histograms or of both, with gaps. */
const seriesNamed = (a: string): fc.Arbitrary<PlainSeries> =>
  fc
    .record({
      gaps: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
      values: fc
        .constantFrom(number, number, float, histogram, fc.oneof(number, histogram))
        .chain((value) => fc.array(value, { minLength: 40, maxLength: 40 })),
    })
    .map(({ gaps, values }) => {
      let time = 0;
      const samples = gaps.map((gap, i) => ({ time: (time += gap * 1000), value: values[i]! }));
      return { labels: { __name__: "m_total", a }, samples };
    });

/** Random scalar arguments for the functions that need any. */
const SCALARS: Record<string, fc.Arbitrary<number[]>> = {
  predict_linear: fc.tuple(fc.integer({ min: -100, max: 100 })),
  double_exponential_smoothing: fc.tuple(fc.constantFrom(0.1, 0.5, 0.9), fc.constantFrom(0.2, 0.7)),
  quantile_over_time: fc.tuple(fc.constantFrom(0, 0.3, 0.5, 0.9, 1, -1, 2, NaN)),
};

function callOf(name: string, range: string, scalars: readonly number[]): string {
  const args = scalars.map(String);
  return `${name}(${(name === "quantile_over_time" ? [...args, range] : [range, ...args]).join(", ")})`;
}

test.each(Object.keys(RANGE_REFERENCES))("%s() has the result of its definition for each window", (name) =>
  fc.assert(
    fc.asyncProperty(
      fc.tuple(seriesNamed("1"), seriesNamed("2")),
      fc.record({
        range: fc.integer({ min: 1, max: 90 }),
        step: fc.integer({ min: 1, max: 40 }),
        scalars: SCALARS[name] ?? fc.constant([]),
      }),
      async (all, { range, step, scalars }) => {
        const grid = { step: step * 1000, count: STEPS, lookbackMs: 300_000 };
        const found = await evaluate(await storageOf(all), callOf(name, `m_total[${range}s]`, scalars), grid);
        const expected = Array.from({ length: STEPS }, (_, i) =>
          all.flatMap((series): PlainElement[] => {
            const at = { time: i * grid.step, rangeMs: range * 1000, scalars };
            const value = RANGE_REFERENCES[name]!(windowOf(series, at.time, at.rangeMs), at);
            const labels = RANGE_FUNCTIONS[name]!.keepsName ? series.labels : withoutName(series.labels);
            return value === undefined ? [] : [{ labels, value }];
          }),
        );
        expect(found.map(comparable)).toEqual(expected.map(comparable));
      },
    ),
    { numRuns: 60 },
  ),
);
