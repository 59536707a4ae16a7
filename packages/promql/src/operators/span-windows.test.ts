import { Labels } from "@narthex/model";
import { type Queryable, SampleColumns, type SampleSpans, type SeriesSet } from "@narthex/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import { inMemory } from "../testing/in-memory.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };
const engine = createEngine({ clock, features: { experimentalFunctions: true } });

/**
 * Returns a storage with the series of `storage`, in pieces (spans). `lengths` contains the number of samples of each
 * piece. Series for which `isWhole` returns true cannot be read in pieces.
 */
const inSpans = (
  storage: Queryable,
  lengths: readonly number[],
  isWhole: (index: number) => boolean = () => false,
): Queryable => ({
  querier(minTime, maxTime) {
    const querier = storage.querier(minTime, maxTime);
    return { ...querier, select: async (...asked) => withLengths(await querier.select(...asked), lengths, isWhole) };
  },
});

function withLengths(set: SeriesSet, lengths: readonly number[], isWhole: (index: number) => boolean): SeriesSet {
  const whole = new SampleColumns();
  return {
    ...set,
    readSpans(index, minTime, maxTime, into) {
      if (isWhole(index)) return false;
      set.read(index, minTime, maxTime, whole);
      into.reset();
      for (let from = 0, i = 0; from < whole.count; i++) {
        const part = new SampleColumns();
        const to = Math.min(whole.count, from + lengths[i % lengths.length]!);
        for (; from < to; from++) part.pushFrom(whole, from);
        const span = into.count;
        if (!into.addColumns(part, 0, minTime, maxTime)) return false;
        if (into.count > span) asDistances(into, span);
      }
      return true;
    },
  };
}

/** Stores whole numbers as differences from a base, like the cache of decoded samples. */
function asDistances(spans: SampleSpans, span: number): void {
  const values = Array.from({ length: spans.before[span + 1]! - spans.before[span]! }, (_, i) =>
    spans.valueAt(span, i),
  );
  const base = values[0]!;
  if (!values.every((one) => Number.isInteger(one) && Math.abs(one - base) < 30_000 && !Object.is(one, -0))) return;
  const distances = [NaN, NaN, ...values.map((one) => one - base)];
  spans.words[span] = values.length % 2 === 0 ? Int16Array.from(distances) : Int32Array.from(distances);
  spans.doubles[span] = undefined;
  spans.base[span] = base;
  spans.at[span] = 2;
}

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: 0, max: 1000, noNaN: true }) },
  { weight: 3, arbitrary: fc.nat(5) },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, -0, -3) },
);
/** Random distance between two samples: mostly the scrape interval, sometimes a gap. */
const distance = fc.oneof(
  { weight: 9, arbitrary: fc.constant(15_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 400_000 }) },
);
const series = fc.oneof(
  fc.array(fc.tuple(distance, value), { minLength: 1, maxLength: 120 }),
  fc.array(fc.tuple(distance, fc.integer({ min: -50, max: 9000 })), { minLength: 1, maxLength: 120 }),
);

const QUERIES = [
  "m_total",
  "m_total offset 1m",
  "timestamp(m_total)",
  "rate(m_total[2m])",
  "increase(m_total[15s])",
  "delta(m_total[1m])",
  "irate(m_total[1m])",
  "idelta(m_total[3m])",
  "sum(rate(m_total[5m])) - count(rate(m_total[5m] offset 2m))",
  "rate(m_total[1m] @ 600)",
  "sum_over_time(m_total[1m])",
  "avg_over_time(m_total[10m])",
  "count_over_time(m_total[2m])",
  "present_over_time(m_total[20s])",
  "first_over_time(m_total[2m])",
  "last_over_time(m_total[2m])",
  "ts_of_first_over_time(m_total[2m])",
  "ts_of_last_over_time(m_total[2m])",
  "min_over_time(m_total[2m])",
  "max_over_time(m_total[15m])",
  "ts_of_min_over_time(m_total[4m])",
  "ts_of_max_over_time(m_total[1m])",
  "stddev_over_time(m_total[12m])",
  "mad_over_time(m_total[3m])",
  "quantile_over_time(0.9, m_total[6m])",
  "changes(m_total[3m])",
  "resets(m_total[5m])",
  "deriv(m_total[12m])",
  "predict_linear(m_total[2m], 3600)",
  "double_exponential_smoothing(m_total[4m], 0.5, 0.1)",
];

test("series that are read as spans give the same results as copied samples", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(series, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...QUERIES),
      fc.constantFrom(5000, 15_000, 60_000, 300_000),
      fc.boolean(),
      async (all, lengths, text, step, nan) => {
        const storage = inMemory(
          all.map((samples, i) => {
            let time = 1000;
            const times = samples.map(([further]) => (time += further));
            const values = samples.map(([, number], at) => (nan && i === 1 && at === 3 ? NaN : number));
            return { labels: { __name__: "m_total", i: `${i}` }, times, values };
          }),
        );
        const request = { text, start: 0, end: 1_800_000, step };
        const plain = await engine.query({ ...request, queryable: storage });
        const spans = await engine.query({ ...request, queryable: inSpans(storage, lengths) });
        expect(spans).toEqual(plain);
      },
    ),
    { numRuns: 300 },
  );
});

test.each(QUERIES)("%s reads series in pieces correctly also after a series without pieces", async (text) => {
  const values = Array.from({ length: 60 }, (_, i) => (i * i) % 97);
  const storage = inMemory(
    [0, 7000, 0].map((late, i) => ({
      labels: { __name__: "m_total", i: `${i}` },
      times: values.map((_, at) => 1000 + late + at * 15_000),
      values: values.map((one) => one + i),
    })),
  );
  const request = { text, start: 0, end: 900_000, step: 15_000 };
  const mixed = await engine.query({ ...request, queryable: inSpans(storage, [7], (index) => index === 1) });
  expect(mixed).toEqual(await engine.query({ ...request, queryable: storage }));
});

test("a whole number that falls at the border of two spans is a reset", async () => {
  const labels = { __name__: "m_total" };
  const times = [0, 15_000, 30_000, 45_000];
  const storage = inSpans(inMemory([{ labels, times, values: [5, 10, 2, 4] }]), [2]);
  const { series: found } = await engine.query({
    text: "increase(m_total[45001ms])",
    time: 45_000,
    queryable: storage,
  });
  expect(found.map(({ labels: named, column }) => [named.key, column.values[0]])).toEqual([
    [Labels.EMPTY.key, (9 * (45 + 0.001)) / 45],
  ]);
});

test.each(["rate(m_total[1m])", "sum(irate(m_total[1m]))", "m_total"])(
  "%s copies no samples if they are available as spans",
  async (text) => {
    let asked = 0;
    const spans = inSpans(
      inMemory([{ labels: { __name__: "m_total" }, times: [0, 15_000, 30_000], values: [1, 2, 3] }]),
      [2],
    );
    const queryable: Queryable = {
      querier: (minTime, maxTime) => {
        const querier = spans.querier(minTime, maxTime);
        const refuse = (): never => {
          throw new Error("read() was called");
        };
        return {
          ...querier,
          async select(...parameters) {
            const set = await querier.select(...parameters);
            asked++;
            return { ...set, read: refuse };
          },
        };
      },
    };
    const { series: found } = await engine.query({ text, start: 0, end: 30_000, step: 15_000, queryable });
    expect(asked).toBe(1);
    expect(found).toHaveLength(1);
  },
);

// Expected results of Prometheus with a lookback below a millisecond: a sample exactly at an evaluation time is found,
// but samples are read only from after the first evaluation time.
test.each([
  ["spans", (storage: Queryable) => inSpans(storage, [2])],
  ["columns", (storage: Queryable) => storage],
] as const)("a lookback below a millisecond finds the samples at the steps after the first, by %s", async (_, as) => {
  const times = [0, 1000, 2000];
  const queryable = as(inMemory([{ labels: { __name__: "m" }, times, values: [5, 6, 7] }]));
  const exact = createEngine({ clock, lookbackMs: 0 });
  const range = await exact.query({ text: "m", start: 0, end: 2000, step: 1000, queryable });
  expect(range.series.map(({ column }) => [[...column.present], [...column.values]])).toEqual([
    [
      [0, 1, 1],
      [0, 6, 7],
    ],
  ]);
  expect((await exact.query({ text: "m", time: 1000, queryable })).series).toEqual([]);
});
