import fc from "fast-check";
import { expect, test } from "vitest";
import {
  comparable,
  evaluate,
  isHistogram,
  type PlainElement,
  type PlainSample,
  type PlainSeries,
  selected,
  storageOf,
  windowOf,
  withoutName,
} from "../testing/reference/plain.ts";
import { RANGE_REFERENCES } from "../testing/reference/range-references.ts";

const GRID = { step: 3000, count: 10, lookbackMs: 5000 };

/** A random gauge or counter with whole numbers. Some gaps are longer than the lookback. */
const seriesOf = (a: string, histograms: boolean): fc.Arbitrary<PlainSeries> =>
  fc
    .array(
      fc.record({
        gap: fc.integer({ min: 1, max: 9 }),
        value: fc.integer({ min: 0, max: 20 }),
        native: fc.constant(false).chain((no) => (histograms ? fc.boolean() : fc.constant(no))),
      }),
      { maxLength: 16 },
    )
    .map((all) => {
      let time = -6000;
      const samples = all.map(({ gap, value, native }): PlainSample => {
        time += gap * 1000;
        return { time, value: native ? { buckets: [value, 1, 0, 2], sum: value } : value };
      });
      return { labels: { __name__: "m_total", a }, samples };
    });

const mixed = fc.tuple(seriesOf("1", true), seriesOf("2", false));
const floats = fc.tuple(seriesOf("1", false), seriesOf("2", false));

const steps = <T>(reference: (time: number) => T): T[] =>
  Array.from({ length: GRID.count }, (_, i) => reference(i * GRID.step));

const agree = async (
  all: readonly PlainSeries[],
  text: string,
  reference: (time: number) => PlainElement[],
): Promise<void> => {
  const found = await evaluate(await storageOf(all), text, GRID);
  expect({ text, steps: found.map(comparable) }).toEqual({ text, steps: steps(reference).map(comparable) });
};

const END = (GRID.count - 1) * GRID.step;

test("selectors find the last sample within the lookback, with offset and @", () =>
  fc.assert(
    fc.asyncProperty(mixed, fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 30 }), async (all, by, at) => {
      const found = (time: number): PlainElement[] => selected(all, time, GRID.lookbackMs);
      await agree(all, "m_total", found);
      await agree(all, `m_total offset ${by}s`, (time) => found(time - by * 1000));
      await agree(all, `m_total @ ${at}`, () => found(at * 1000));
      await agree(all, `m_total @ end() offset ${by}s`, () => found(END - by * 1000));
    }),
    { numRuns: 60 },
  ));

// Expected result observed with Prometheus 3.5.3: the offset moves the range that is read, but the newest sample is
// searched at the time of `@`.
test("timestamp() of a pinned selector finds its sample at the time of @, in the range that is moved by its offset", () =>
  fc.assert(
    fc.asyncProperty(mixed, fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 30 }), async (all, by, at) => {
      const moved = all.map((series) => ({ ...series, samples: windowOf(series, (at - by) * 1000, GRID.lookbackMs) }));
      const found = selected(moved, at * 1000, GRID.lookbackMs);
      await agree(all, `timestamp(m_total @ ${at} offset ${by}s)`, () =>
        found.map(({ labels, time }) => ({ labels: withoutName(labels), value: time! / 1000 })),
      );
    }),
    { numRuns: 60 },
  ));

test("a pinned expression has the same value at every step", () =>
  fc.assert(
    fc.asyncProperty(mixed, fc.integer({ min: 0, max: 30 }), async (all, at) => {
      const pinned = selected(all, at * 1000, GRID.lookbackMs);
      await agree(all, `count(m_total @ ${at})`, () =>
        pinned.length === 0 ? [] : [{ labels: {}, value: pinned.length }],
      );
      await agree(all, `vector(scalar(count(m_total @ ${at}))) + time()`, (time) => [
        { labels: {}, value: pinned.length === 0 ? NaN : pinned.length + time / 1000 },
      ]);
    }),
    { numRuns: 40 },
  ));

test("subqueries have their own steps, the multiples of the step within the window", () =>
  fc.assert(
    fc.asyncProperty(
      mixed,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: -5, max: 5 }),
      async (all, range, step, by) => {
        await agree(all, `count_over_time(m_total[${range}s:${step}s] offset ${by}s)`, (time) => {
          const end = time - by * 1000;
          const start = end - range * 1000;
          const counts = new Map<string, PlainElement>();
          for (let at = Math.floor(start / (step * 1000)) * step * 1000; at <= end; at += step * 1000) {
            if (at <= start) continue;
            for (const { labels } of selected(all, at, GRID.lookbackMs)) {
              const before = counts.get(labels["a"]!)?.value ?? 0;
              counts.set(labels["a"]!, { labels: withoutName(labels), value: Number(before) + 1 });
            }
          }
          return [...counts.values()];
        });
      },
    ),
    { numRuns: 80 },
  ));

test("a range that moves by less, or more, than its length contains the samples of its window", () =>
  fc.assert(
    fc.asyncProperty(
      mixed,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: -5, max: 5 }),
      async (all, range, by) => {
        const ends = (time: number): number => time - by * 1000;
        for (const name of ["last_over_time", "sum_over_time"]) {
          await agree(all, `${name}(m_total[${range}s] offset ${by}s)`, (time) =>
            all.flatMap((one): PlainElement[] => {
              const at = { time: ends(time), rangeMs: range * 1000, scalars: [] };
              const value = RANGE_REFERENCES[name]!(windowOf(one, at.time, at.rangeMs), at);
              const labels = name === "last_over_time" ? one.labels : withoutName(one.labels);
              return value === undefined ? [] : [{ labels, value }];
            }),
          );
        }
      },
    ),
    { numRuns: 60 },
  ));

const line = (a: PlainSample, b: PlainSample, time: number): number =>
  Number(a.value) + ((Number(b.value) - Number(a.value)) * (time - a.time)) / (b.time - a.time);

test("smoothed selectors return the point on the line between the samples on both sides", () =>
  fc.assert(
    fc.asyncProperty(floats, async (all) =>
      agree(all, "m_total smoothed", (time) =>
        all.flatMap(({ labels, samples }): PlainElement[] => {
          const before = samples.filter((one) => one.time <= time && one.time > time - GRID.lookbackMs).at(-1);
          const after = samples.find((one) => one.time > time && one.time <= time + GRID.lookbackMs);
          if (before === undefined) return [];
          const exact = after === undefined || before.time === time;
          return [{ labels, value: exact ? before.value : line(before, after, time) }];
        }),
      ),
    ),
    { numRuns: 80 },
  ));

/**
 * Reference implementation of the increase over an `anchored` window: from the last sample at or before the start to
 * the last sample in the window, plus the losses at resets.
 */
function anchoredIncrease(one: PlainSeries, time: number, rangeMs: number, counter: boolean): number | undefined {
  const start = time - rangeMs;
  const seen = one.samples.filter((sample) => sample.time > start - GRID.lookbackMs && sample.time <= time);
  const first = seen.findLast((sample) => sample.time <= start) ?? seen[0];
  const last = seen.at(-1);
  if (first === undefined || last === undefined || last.time <= start) return undefined;
  const between = seen.filter((sample) => sample.time >= first.time);
  let change = Number(last.value) - Number(first.value);
  between.forEach((sample, i) => {
    if (counter && i > 0 && Number(sample.value) < Number(between[i - 1]!.value))
      change += Number(between[i - 1]!.value);
  });
  return change;
}

test.each([
  ["increase", true],
  ["delta", false],
])("anchored %s() measures from edge to edge", (name, counter) =>
  fc.assert(
    fc.asyncProperty(floats, fc.integer({ min: 1, max: 20 }), async (all, range) =>
      agree(all, `${name}(m_total[${range}s] anchored)`, (time) =>
        all.flatMap((one): PlainElement[] => {
          const value = anchoredIncrease(one, time, range * 1000, counter);
          return value === undefined ? [] : [{ labels: withoutName(one.labels), value }];
        }),
      ),
    ),
    { numRuns: 80 },
  ),
);

test("the samples of a range selector are those of its window", () =>
  fc.assert(
    fc.asyncProperty(floats, fc.integer({ min: 1, max: 20 }), async (all, range) => {
      const found = await evaluate(await storageOf(all), `count_over_time(m_total[${range}s])`, { ...GRID, count: 1 });
      const expected = all.flatMap((one): PlainElement[] => {
        const { length } = windowOf(one, 0, range * 1000).filter(({ value }) => !isHistogram(value));
        return length === 0 ? [] : [{ labels: withoutName(one.labels), value: length }];
      });
      expect(comparable(found[0]!)).toEqual(comparable(expected));
    }),
    { numRuns: 40 },
  ));
