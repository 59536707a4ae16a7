import fc from "fast-check";
import { expect, test } from "vitest";
import {
  combine,
  comparable,
  countOf,
  evaluate,
  isHistogram,
  type Plain,
  type PlainElement,
  type PlainHistogram,
  type PlainSample,
  type PlainSeries,
  scaled,
  storageOf,
  withoutName,
} from "../testing/reference/plain.ts";
import { plainHistogram } from "../testing/reference/plain-arbitraries.ts";

const GRID = { step: 3000, count: 10, lookbackMs: 6000 };

const number: fc.Arbitrary<Plain> = fc.integer({ min: 0, max: 20 });
const histogram = plainHistogram(4);

/** Random series of floats, of histograms or of both. Some gaps are longer than the lookback. */
const seriesOf = (a: string): fc.Arbitrary<PlainSeries> =>
  fc
    .record({
      gaps: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 16 }),
      values: fc
        .constantFrom(number, histogram, histogram, fc.oneof({ weight: 6, arbitrary: number }, histogram))
        .chain((value) => fc.array(value, { minLength: 16, maxLength: 16 })),
    })
    .map(({ gaps, values }) => {
      let time = -7000;
      const samples = gaps.map((gap, i) => ({ time: (time += gap * 1000), value: values[i]! }));
      return { labels: { __name__: "m_total", a }, samples };
    });

const scene = fc.tuple(seriesOf("1"), seriesOf("2"));

const agree = async (
  all: readonly PlainSeries[],
  text: string,
  reference: (one: PlainSeries, time: number) => Plain | undefined,
  keepsName = false,
): Promise<void> => {
  const found = await evaluate(await storageOf(all), text, GRID);
  const expected = Array.from({ length: GRID.count }, (_, i) =>
    all.flatMap((one): PlainElement[] => {
      const value = reference(one, i * GRID.step);
      return value === undefined ? [] : [{ labels: keepsName ? one.labels : withoutName(one.labels), value }];
    }),
  );
  expect({ text, steps: found.map(comparable) }).toEqual({ text, steps: expected.map(comparable) });
};

const isMixed = (samples: readonly PlainSample[]): boolean =>
  new Set(samples.map(({ value }) => isHistogram(value))).size > 1;

const nothingLike = (value: Plain): Plain => (isHistogram(value) ? { buckets: [0, 0, 0, 0], sum: 0 } : 0);
const plus = (a: Plain, b: Plain): Plain =>
  isHistogram(a) ? combine(a, b as PlainHistogram, (x, y) => x + y) : a + (b as number);
const times = (a: Plain, factor: number): Plain => (isHistogram(a) ? scaled(a, factor) : a * factor);
const minus = (a: Plain, b: Plain): Plain => plus(a, times(b, -1));

const fell = (before: Plain, after: Plain): boolean =>
  isHistogram(before)
    ? before.buckets.some((count, i) => (after as PlainHistogram).buckets[i]! < count) ||
      countOf(after as PlainHistogram) < countOf(before)
    : (after as number) < before;

/** Returns the increase between two consecutive samples. If a counter fell, it began again at zero. */
const gained = (before: Plain, after: Plain, counter: boolean): Plain =>
  counter && fell(before, after) ? after : minus(after, before);

/** Returns the samples between two times, which a window with `anchored` or `smoothed` may use. */
const seen = ({ samples }: PlainSeries, from: number, to: number): PlainSample[] =>
  samples.filter(({ time }) => time > from && time <= to);

/**
 * Reference implementation of the increase for `smoothed`: the increase between two samples is spread evenly over time,
 * and the window gets its part. There is no increase before the first and after the last sample.
 */
function smoothedGain(one: PlainSeries, end: number, rangeMs: number, counter: boolean): Plain | undefined {
  const start = end - rangeMs;
  const window = seen(one, start - GRID.lookbackMs, end + GRID.lookbackMs);
  if (window.length === 0 || isMixed(window)) return undefined;
  if (window.at(-1)!.time <= start || window[0]!.time > end) return undefined;
  let total = nothingLike(window[0]!.value);
  for (let i = 1; i < window.length; i++) {
    const [before, after] = [window[i - 1]!, window[i]!];
    const overlap = Math.min(end, after.time) - Math.max(start, before.time);
    if (overlap <= 0) continue;
    total = plus(total, times(gained(before.value, after.value, counter), overlap / (after.time - before.time)));
  }
  return total;
}

/**
 * Reference implementation of the increase for `anchored`: from the last sample at or before the start of the window to
 * the last sample in the window.
 */
function anchoredGain(one: PlainSeries, end: number, rangeMs: number, counter: boolean): Plain | undefined {
  const start = end - rangeMs;
  const window = seen(one, start - GRID.lookbackMs, end);
  if (window.length === 0 || isMixed(window) || window.at(-1)!.time <= start) return undefined;
  const from = Math.max(
    0,
    window.findLastIndex(({ time }) => time <= start),
  );
  let total = nothingLike(window[0]!.value);
  for (let i = from + 1; i < window.length; i++)
    total = plus(total, gained(window[i - 1]!.value, window[i]!.value, counter));
  return total;
}

const GAINS = { smoothed: smoothedGain, anchored: anchoredGain };

test.each([
  ["smoothed", "increase"],
  ["smoothed", "rate"],
  ["smoothed", "delta"],
  ["anchored", "increase"],
  ["anchored", "rate"],
  ["anchored", "delta"],
] as const)("%s %s() adds up what was gained between samples", (modifier, name) =>
  fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: 1, max: 20 }), fc.integer({ min: -4, max: 4 }), (all, range, by) =>
      agree(all, `${name}(m_total[${range}s] ${modifier} offset ${by}s)`, (one, time) => {
        const gain = GAINS[modifier](one, time - by * 1000, range * 1000, name !== "delta");
        return gain === undefined || name !== "rate" ? gain : times(gain, 1 / range);
      }),
    ),
    { numRuns: 100 },
  ),
);

const same = (a: Plain, b: Plain): boolean =>
  isHistogram(a) && isHistogram(b)
    ? a.sum === b.sum && a.buckets.every((count, i) => count === b.buckets[i])
    : !isHistogram(a) && a === b;

test.each<[string, (before: Plain, after: Plain) => boolean]>([
  ["changes", (before, after) => !same(before, after)],
  ["resets", (before, after) => isHistogram(before) !== isHistogram(after) || fell(before, after)],
])("anchored %s() counts from the last sample before the window, of whatever kind it is", (name, event) =>
  fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: 1, max: 20 }), (all, range) =>
      agree(all, `${name}(m_total[${range}s] anchored)`, (one, end) => {
        const start = end - range * 1000;
        const inside = seen(one, start, end);
        const anchor = seen(one, start - GRID.lookbackMs, start).slice(-1);
        const counted = [...anchor, ...inside];
        if (inside.length === 0) return undefined;
        return counted.filter(({ value }, i) => i > 0 && event(counted[i - 1]!.value, value)).length;
      }),
    ),
    { numRuns: 100 },
  ),
);

test("smoothed selectors interpolate between the samples on both sides, and histograms bucket by bucket", () =>
  fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: -4, max: 4 }), (all, by) =>
      agree(
        all,
        `m_total smoothed offset ${by}s`,
        (one, step) => {
          const time = step - by * 1000;
          const window = seen(one, time - GRID.lookbackMs, time + GRID.lookbackMs);
          const before = window.findLast((sample) => sample.time <= time);
          const after = window.find((sample) => sample.time >= time);
          if (isMixed(window) || before === undefined) return undefined;
          if (after === undefined || after === before) return before.value;
          const share = (time - before.time) / (after.time - before.time);
          // Uses the counter rules for histograms that are not marked as gauges, but never for floats.
          if (isHistogram(before.value) && fell(before.value, after.value)) return times(after.value, share);
          return plus(before.value, times(minus(after.value, before.value), share));
        },
        true,
      ),
    ),
    { numRuns: 100 },
  ));
