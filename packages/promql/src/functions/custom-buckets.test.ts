import { CUSTOM_BUCKETS_SCHEMA, EMPTY_HISTOGRAM, type FloatHistogram, Labels } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import { forEachSample } from "../query-result.ts";
import { closeNumber } from "../testing/close-number.ts";

/** A histogram with custom buckets, as the number of observations up to each bound and the total number. */
interface Cumulative {
  readonly upTo: ReadonlyMap<number, number>;
  readonly sum: number;
}

const BOUNDS = [-2, 0, 0.5, 1, 2, 5, 10];

const cumulative: fc.Arbitrary<Cumulative> = fc
  .record({
    bounds: fc.subarray(BOUNDS),
    counts: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 8 }),
    sum: fc.integer({ min: -20, max: 40 }),
  })
  .map(({ bounds, counts, sum }) => {
    let total = 0;
    return { upTo: new Map([...bounds, Infinity].map((bound, i) => [bound, (total += counts[i]!)])), sum };
  });

const boundsOf = ({ upTo }: Cumulative): number[] => [...upTo.keys()].sort((a, b) => a - b);
const countOf = ({ upTo }: Cumulative): number => upTo.get(Infinity)!;

function stored(one: Cumulative): FloatHistogram {
  const bounds = boundsOf(one);
  const counts = bounds.map((bound, i) => one.upTo.get(bound)! - (i === 0 ? 0 : one.upTo.get(bounds[i - 1]!)!));
  return {
    ...EMPTY_HISTOGRAM,
    schema: CUSTOM_BUCKETS_SCHEMA,
    count: countOf(one),
    sum: one.sum,
    positiveSpans: [{ offset: 0, length: counts.length }],
    positiveBuckets: Float64Array.from(counts),
    customBounds: Float64Array.from(bounds.slice(0, -1)),
  };
}

function plainOf(histogram: FloatHistogram): Cumulative {
  const bounds = [...histogram.customBounds!, Infinity];
  const counts = bounds.map(() => 0);
  let index = 0;
  let at = 0;
  for (const { offset, length } of histogram.positiveSpans) {
    index += offset;
    for (let i = 0; i < length; i++) counts[index++] = histogram.positiveBuckets[at++]!;
  }
  let total = 0;
  return { upTo: new Map(bounds.map((bound, i) => [bound, (total += counts[i]!)])), sum: histogram.sum };
}

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };

interface Found {
  readonly values: (number | Cumulative)[];
  readonly infos: readonly string[];
}

/**
 * Stores series named `m` with label `i`, with one sample per second until 100 s. Returns the result of an instant
 * query at 100 s.
 */
async function query(all: readonly (readonly Cumulative[])[], text: string): Promise<Found> {
  const storage = new MemoryStorage();
  for (const [i, series] of all.entries()) {
    const app = storage.appender();
    const ref = app.series(Labels.of({ __name__: "m", i: String(i) }));
    series.forEach((one, at) => app.appendHistogram(ref, 100_000 - (series.length - 1 - at) * 1000, stored(one), 0));
    await app.commit();
  }
  const engine = createEngine({ clock });
  const result = await engine.query({ queryable: storage, text, time: 100_000 });
  const values: (number | Cumulative)[] = [];
  for (const one of result.series)
    forEachSample(one, (_, value, histogram) => values.push(histogram === undefined ? value : plainOf(histogram)));
  return { values, infos: result.infos };
}

const comparable = (value: number | Cumulative | undefined): unknown =>
  typeof value !== "object"
    ? value === undefined
      ? undefined
      : closeNumber(value)
    : {
        upTo: boundsOf(value).map((bound) => [bound, closeNumber(value.upTo.get(bound)!)]),
        sum: closeNumber(value.sum),
      };

/**
 * Reference implementation of the weighted sum of histograms. The result has only bounds that all histograms have,
 * because the count at other bounds is unknown.
 */
function combined(all: readonly Cumulative[], weights: readonly number[]): Cumulative {
  const common = boundsOf(all[0]!).filter((bound) => all.every(({ upTo }) => upTo.has(bound)));
  const add = (values: number[]): number => values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  return {
    upTo: new Map(common.map((bound) => [bound, add(all.map(({ upTo }) => upTo.get(bound)!))])),
    sum: add(all.map(({ sum }) => sum)),
  };
}

const differ = (all: readonly Cumulative[]): boolean => new Set(all.map((one) => boundsOf(one).join())).size > 1;

const several = fc.array(cumulative, { minLength: 1, maxLength: 5 });
const ones = (all: readonly unknown[]): number[] => all.map(() => 1);
const shares = (all: readonly unknown[]): number[] => all.map(() => 1 / all.length);

test.each<[string, string, (all: readonly unknown[]) => number[], string]>([
  ["sum", "sum(m)", ones, "aggregation"],
  ["avg", "avg(m)", shares, "aggregation"],
])("%s() keeps the bounds all histograms have", (_, text, weights, word) =>
  fc.assert(
    fc.asyncProperty(several, async (all) => {
      const found = await query(
        all.map((one) => [one]),
        text,
      );
      expect(found.values.map(comparable)).toEqual([comparable(combined(all, weights(all)))]);
      if (!differ(all)) expect(found.infos).toEqual([]);
      else expect(found.infos[0]).toContain(`mismatched custom buckets were reconciled during ${word}`);
    }),
    { numRuns: 80 },
  ),
);

test.each<[string, (all: readonly unknown[]) => number[]]>([
  ["sum_over_time(m[10s])", ones],
  ["avg_over_time(m[10s])", shares],
])("%s keeps the bounds all samples have", (text, weights) =>
  fc.assert(
    fc.asyncProperty(several, async (all) => {
      const found = await query([all], text);
      expect(found.values.map(comparable)).toEqual([comparable(combined(all, weights(all)))]);
      expect(found.infos.length).toBe(differ(all) ? 1 : 0);
    }),
    { numRuns: 80 },
  ),
);

test.each([
  ["+", 1, "addition"],
  ["-", -1, "subtraction"],
] as const)("%s keeps the bounds both histograms have", (op, sign, word) =>
  fc.assert(
    fc.asyncProperty(cumulative, cumulative, async (a, b) => {
      const found = await query([[a], [b]], `m{i="0"} ${op} ignoring(i) m{i="1"}`);
      expect(found.values.map(comparable)).toEqual([comparable(combined([a, b], [1, sign]))]);
      expect(found.infos.map((info) => info.replace(/ \(.*/, ""))).toEqual(
        differ([a, b]) ? [`PromQL info: mismatched custom buckets were reconciled during ${word}`] : [],
      );
    }),
    { numRuns: 80 },
  ),
);

/**
 * Returns whether a counter was reset between two histograms, which means that a range between common bounds has fewer
 * observations than before.
 */
function fell(before: Cumulative, after: Cumulative): boolean {
  const common = boundsOf(before).filter((bound) => after.upTo.has(bound));
  return (
    countOf(after) < countOf(before) ||
    common.some((bound, i) => {
      const between = ({ upTo }: Cumulative): number => upTo.get(bound)! - (i === 0 ? 0 : upTo.get(common[i - 1]!)!);
      return between(after) < between(before);
    })
  );
}

test("resets() and increase() detect a counter that falls between the common bounds of two histograms", () =>
  fc.assert(
    fc.asyncProperty(fc.array(cumulative, { minLength: 2, maxLength: 5 }), async (all) => {
      const resets = all.filter((one, i) => i > 0 && fell(all[i - 1]!, one)).length;
      expect((await query([all], "resets(m[10s])")).values).toEqual([resets]);
      // The window begins at the first of the two samples and ends at the second, so nothing is extrapolated.
      const [before, after] = all.slice(-2) as [Cumulative, Cumulative];
      const change = fell(before, after) ? after : combined([after, before], [1, -1]);
      const rate = combined([change], [1]);
      expect((await query([[before, after]], "irate(m[10s])")).values.map(comparable)).toEqual([comparable(rate)]);
    }),
    { numRuns: 120 },
  ));

/**
 * Reference implementation: returns the number of observations up to a value, spread evenly within each bucket. If no
 * bound is negative, no observation is below 0.
 */
function below(one: Cumulative, value: number): number {
  const bounds = boundsOf(one);
  let start = -Infinity;
  let count = 0;
  for (const bound of bounds) {
    if (start <= 0 && bound >= 0) start = 0;
    if (value <= start) return count;
    const here = one.upTo.get(bound)! - count;
    if (value < bound) {
      if (start === -Infinity) return here;
      return bound === Infinity ? count : count + (here * (value - start)) / (bound - start);
    }
    count += here;
    start = bound;
  }
  return count;
}

test("histogram_fraction() and histogram_quantile() spread observations evenly within a custom bucket", () =>
  fc.assert(
    fc.asyncProperty(
      cumulative,
      fc.constantFrom(-3, -2, -1, 0, 0.3, 0.5, 1.5, 4, 10, 12),
      fc.constantFrom(-1, 0, 0.7, 1, 2, 6, 10, 20),
      fc.constantFrom(0, 0.1, 0.25, 0.5, 0.8, 1),
      async (one, from, to, q) => {
        const count = countOf(one);
        const fraction = count === 0 ? NaN : from >= to ? 0 : (below(one, to) - below(one, from)) / count;
        expect((await query([[one]], `histogram_fraction(${from}, ${to}, m)`)).values.map(comparable)).toEqual([
          comparable(fraction),
        ]);
        expect((await query([[one]], `histogram_quantile(${q}, m)`)).values.map(comparable)).toEqual([
          comparable(quantile(one, q)),
        ]);
      },
    ),
    { numRuns: 200 },
  ));

/**
 * Reference implementation of the quantile. The rank is counted from below for small q and from above for large q, and
 * empty buckets are skipped.
 */
function quantile(one: Cumulative, q: number): number {
  const count = countOf(one);
  if (count === 0) return NaN;
  const bounds = boundsOf(one);
  const buckets = bounds
    .map((upper, i) => {
      const before = i === 0 ? 0 : one.upTo.get(bounds[i - 1]!)!;
      return { lower: i === 0 ? -Infinity : bounds[i - 1]!, upper, before, count: one.upTo.get(upper)! - before };
    })
    .filter((bucket) => bucket.count > 0);
  const rank = q * count;
  const found =
    q < 0.5
      ? buckets.find((bucket) => bucket.before + bucket.count >= rank)!
      : buckets.findLast((bucket) => count - bucket.before >= (1 - q) * count)!;
  if (found.lower === -Infinity) {
    if (found.upper <= 0) return found.upper;
    return found.upper * ((rank - found.before) / found.count);
  }
  if (found.upper === Infinity) return found.lower;
  return found.lower + ((found.upper - found.lower) * (rank - found.before)) / found.count;
}
