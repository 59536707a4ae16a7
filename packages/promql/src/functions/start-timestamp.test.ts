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
  windowOf,
  withoutName,
} from "../testing/reference/plain.ts";
import { plainHistogram } from "../testing/reference/plain-arbitraries.ts";

const GRID = { step: 4000, count: 8, lookbackMs: 300_000 };

const number: fc.Arbitrary<Plain> = fc.integer({ min: 0, max: 20 });
const histogram = plainHistogram(4);

/**
 * Random samples with the start time of the counter. The start time may be unknown, the same as in the previous sample,
 * the time of the previous sample, a time between the samples, or invalid.
 */
const seriesOf = (a: string): fc.Arbitrary<PlainSeries> =>
  fc
    .record({
      gaps: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 14 }),
      starts: fc.array(fc.constantFrom("unknown", "same", "end", "between", "early", "itself", "late"), {
        minLength: 14,
        maxLength: 14,
      }),
      values: fc.constantFrom(number, histogram).chain((value) => fc.array(value, { minLength: 14, maxLength: 14 })),
    })
    .map(({ gaps, starts, values }) => {
      const samples: PlainSample[] = [];
      let time = 1000;
      for (const [i, gap] of gaps.entries()) {
        const before = samples.at(-1) ?? { time, start: 500 };
        time += gap * 1000;
        const start = {
          unknown: 0,
          same: before.start ?? 0,
          end: before.time,
          between: before.time + gap * 400,
          early: before.time - 300,
          itself: time,
          late: time + 100,
        }[starts[i]!];
        samples.push({ time, value: values[i]!, start });
      }
      return { labels: { __name__: "m_total", a }, samples };
    });

const plus = (a: Plain, b: Plain): Plain =>
  isHistogram(a) ? combine(a, b as PlainHistogram, (x, y) => x + y) : a + (b as number);
const times = (a: Plain, factor: number): Plain => (isHistogram(a) ? scaled(a, factor) : a * factor);
const magnitude = (value: Plain): number => (isHistogram(value) ? countOf(value) : value);

const fell = (before: Plain, after: Plain): boolean =>
  isHistogram(before)
    ? before.buckets.some((count, i) => (after as PlainHistogram).buckets[i]! < count)
    : (after as number) < before;

/**
 * Returns whether a counter was reset between two samples: its start time is between them, or equals the previous
 * sample's time if that sample also has a start time.
 */
function startsAnew(before: PlainSample, after: PlainSample): boolean {
  const [start, earlier] = [after.start!, before.start!];
  if (start === 0 || start >= after.time) return false;
  if (start === before.time) return earlier !== 0 && earlier < before.time;
  return start > before.time;
}

const isReset = (before: PlainSample, after: PlainSample): boolean =>
  startsAnew(before, after) || fell(before.value, after.value);

function increase(window: readonly PlainSample[], end: number, rangeMs: number): Plain | undefined {
  const [first, last] = [window[0], window.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const begun = first.start !== 0 && first.start! > end - rangeMs && first.start! < first.time;
  if (window.length === 1 && !begun) return undefined;
  let gained = plus(last.value, times(first.value, -1));
  for (let i = 1; i < window.length; i++)
    if (isReset(window[i - 1]!, window[i]!)) gained = plus(gained, window[i - 1]!.value);
  const distance = window.length === 1 ? 0 : (last.time - first.time) / 1000 / (window.length - 1);
  let after = (end - last.time) / 1000;
  if (after >= distance * 1.1) after = distance / 2;
  if (begun) {
    // The increase begins with zero at the start time, so it is not extrapolated to the left.
    const sampled = (last.time - first.start!) / 1000;
    return times(plus(gained, first.value), (sampled + after) / sampled);
  }
  const sampled = (last.time - first.time) / 1000;
  let before = (first.time - (end - rangeMs)) / 1000;
  if (before >= distance * 1.1) before = distance / 2;
  if (magnitude(gained) > 0) before = Math.min(before, (sampled * magnitude(first.value)) / magnitude(gained));
  return times(gained, (sampled + before + after) / sampled);
}

test.each<[string, (window: readonly PlainSample[], end: number, rangeMs: number) => Plain | undefined]>([
  ["increase", increase],
  [
    "rate",
    (window, end, rangeMs) => {
      const gained = increase(window, end, rangeMs);
      return gained && times(gained, 1000 / rangeMs);
    },
  ],
  [
    "irate",
    (window) => {
      const [before, last] = window.slice(-2);
      if (before === undefined || last === undefined) return undefined;
      const gained = isReset(before, last) ? last.value : plus(last.value, times(before.value, -1));
      return times(gained, 1000 / (last.time - before.time));
    },
  ],
  [
    "resets",
    (window) =>
      window.length === 0 ? undefined : window.filter((one, i) => i > 0 && isReset(window[i - 1]!, one)).length,
  ],
])("%s() uses start timestamps if they are known", (name, reference) =>
  fc.assert(
    fc.asyncProperty(fc.tuple(seriesOf("1"), seriesOf("2")), fc.integer({ min: 1, max: 25 }), async (all, range) => {
      const found = await evaluate(await storageOf(all), `${name}(m_total[${range}s])`, GRID, {
        useStartTimestamps: true,
      });
      const expected = Array.from({ length: GRID.count }, (_, i) =>
        all.flatMap((one): PlainElement[] => {
          const end = i * GRID.step;
          const value = reference(windowOf(one, end, range * 1000), end, range * 1000);
          return value === undefined ? [] : [{ labels: withoutName(one.labels), value }];
        }),
      );
      expect(found.map(comparable)).toEqual(expected.map(comparable));
    }),
    { numRuns: 100 },
  ),
);
