import fc from "fast-check";
import { expect, test } from "vitest";
import { allBuckets, exponentialBound, forEachBucket, formatHistogram, indexInSchema } from "./histogram-buckets.ts";
import { EMPTY_HISTOGRAM, HistogramBuilder, IncompatibleSchemaError } from "./histogram-builder.ts";
import { detectReset, equalHistograms } from "./histogram-reset.ts";
import { trimHistogram } from "./histogram-trim.ts";
import { CUSTOM_BUCKETS_SCHEMA, type CounterResetHint, type FloatHistogram, type Span } from "./histogram.ts";

/** Returns a histogram with the given counts. The keys of `counts` are bucket indexes. */
function build(counts: ReadonlyMap<number, number>, more: Partial<FloatHistogram> = {}): FloatHistogram {
  const spans: Span[] = [];
  let next = 0;
  const indexes = [...counts.keys()].sort((a, b) => a - b);
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next)
      spans[spans.length - 1] = { offset: last.offset, length: last.length + 1 };
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  const positiveBuckets = Float64Array.from(indexes, (index) => counts.get(index)!);
  const count = positiveBuckets.reduce((a, b) => a + b, more.zeroCount ?? 0);
  return { ...EMPTY_HISTOGRAM, positiveSpans: spans, positiveBuckets, count, sum: count * 2, ...more };
}

const countsOf = (histogram: FloatHistogram): Map<number, number> => {
  const counts = new Map<number, number>();
  forEachBucket(histogram.positiveSpans, histogram.positiveBuckets, (index, count) => {
    if (count !== 0) counts.set(index, count);
  });
  return counts;
};

const buckets = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 100 })), {
    selector: ([index]) => index,
    maxLength: 12,
  })
  .map((pairs) => new Map(pairs));
const schemas = fc.integer({ min: 0, max: 4 });

test("add() adds bucket by bucket at the lower of both resolutions", () =>
  fc.assert(
    fc.property(buckets, schemas, buckets, schemas, fc.boolean(), (left, leftSchema, right, rightSchema, exact) => {
      const schema = Math.min(leftSchema, rightSchema);
      const expected = new Map<number, number>();
      for (const [counts, from] of [
        [left, leftSchema],
        [right, rightSchema],
      ] as const) {
        for (const [index, count] of counts) {
          const target = indexInSchema(index, from, schema);
          expected.set(target, (expected.get(target) ?? 0) + count);
        }
      }
      const builder = new HistogramBuilder(build(left, { schema: leftSchema }), exact);
      builder.add(build(right, { schema: rightSchema }));
      const result = builder.toHistogram();
      expect(result.schema).toBe(schema);
      expect([...countsOf(result)].sort(([a], [b]) => a - b)).toEqual([...expected].sort(([a], [b]) => a - b));
      expect(result.count).toBe([...expected.values()].reduce((a, b) => a + b, 0));
    }),
  ));

test("subtract() reverses add()", () =>
  fc.assert(
    fc.property(buckets, buckets, (left, right) => {
      const builder = new HistogramBuilder(build(left));
      builder.add(build(right));
      builder.subtract(build(right));
      expect(
        equalHistograms(builder.compact().toHistogram(), new HistogramBuilder(build(left)).compact().toHistogram()),
      ).toBe(true);
    }),
  ));

test("add() widens the narrower zero bucket to the end of the bucket that contains its edge", () => {
  const wide = build(new Map([[4, 1]]), { zeroThreshold: 1.5, zeroCount: 2 });
  const narrow = build(
    new Map([
      [0, 3],
      [1, 4],
      [3, 5],
    ]),
    { zeroThreshold: 0.25, zeroCount: 1 },
  );
  for (const [one, other] of [
    [wide, narrow],
    [narrow, wide],
  ] as const) {
    const builder = new HistogramBuilder(one);
    builder.add(other);
    const result = builder.toHistogram();
    expect(result.zeroThreshold).toBe(2);
    expect(result.zeroCount).toBe(2 + 1 + 3 + 4);
    expect([...countsOf(result)]).toEqual([
      [3, 5],
      [4, 1],
    ]);
  }
});

const custom = (bounds: number[], counts: number[]): FloatHistogram =>
  build(new Map(counts.map((count, index) => [index, count])), {
    schema: CUSTOM_BUCKETS_SCHEMA,
    customBounds: Float64Array.from(bounds),
  });

test("add() of custom buckets keeps the common bounds and reports this", () => {
  const builder = new HistogramBuilder(custom([1, 2, 4], [1, 2, 3, 4]));
  expect(builder.add(custom([1, 3, 4], [10, 20, 30, 40])).boundsReconciled).toBe(true);
  const result = builder.toHistogram();
  expect([...result.customBounds!]).toEqual([1, 4]);
  expect([...countsOf(result).values()]).toEqual([11, 2 + 3 + 20 + 30, 44]);
});

test("exponential and custom buckets cannot be combined", () => {
  expect(() => new HistogramBuilder(EMPTY_HISTOGRAM).add(custom([1], [1, 1]))).toThrow(IncompatibleSchemaError);
});

test.each<[CounterResetHint, CounterResetHint, CounterResetHint, boolean]>([
  ["unknown", "unknown", "unknown", false],
  ["reset", "reset", "reset", false],
  ["gauge", "reset", "gauge", false],
  ["not-reset", "gauge", "gauge", false],
  ["unknown", "not-reset", "unknown", false],
  ["not-reset", "unknown", "unknown", false],
  ["reset", "not-reset", "unknown", true],
])("hints %s + %s make %s", (left, right, expected, collision) => {
  const builder = new HistogramBuilder({ ...EMPTY_HISTOGRAM, resetHint: left });
  expect(builder.add({ ...EMPTY_HISTOGRAM, resetHint: right }).hintCollision).toBe(collision);
  expect(builder.hint).toBe(expected);
});

test("divide(0) results in infinities and no buckets; a negative factor results in a gauge", () => {
  const histogram = build(new Map([[0, 2]]));
  expect(new HistogramBuilder(histogram).divide(0).toHistogram()).toMatchObject({ count: Infinity, positiveSpans: [] });
  expect(new HistogramBuilder(histogram).multiply(-1).toHistogram()).toMatchObject({ resetHint: "gauge", count: -2 });
});

test("an exact builder keeps small values that a plain one loses", () => {
  const tiny = build(new Map([[0, 1]]));
  const huge = build(new Map([[0, 2 ** 53]]));
  const exact = new HistogramBuilder(huge, true);
  for (let i = 0; i < 10; i++) exact.add(tiny);
  expect(exact.toHistogram().count).toBe(2 ** 53 + 10);
});

test.each([
  [0, 0, 1],
  [1, 0, 2],
  [1, 1, Math.SQRT2],
  [-1, 0, 0.5],
  [1, -1, 4],
  [1024, 0, Number.MAX_VALUE],
])("exponentialBound(%i, %i) is %d", (index, schema, expected) => {
  expect(exponentialBound(index, schema)).toBeCloseTo(expected, 12);
});

test("exponentialBound() equals Prometheus' tables to the bit, including rounding errors", () => {
  expect(exponentialBound(1, 1)).toBe(1.414213562373095);
  expect(exponentialBound(-1, 2)).toBe(0.8408964152537144);
  expect(exponentialBound(1, 8)).toBe(1.0027112750502025);
});

test("detectReset() is false while a counter only grows, and true if any bucket shrinks", () =>
  fc.assert(
    fc.property(buckets, buckets, (before, growth) => {
      const grown = new HistogramBuilder(build(before));
      grown.add(build(growth));
      expect(detectReset(grown.toHistogram(), build(before))).toBe(false);
      if (growth.size > 0) expect(detectReset(build(before), grown.toHistogram())).toBe(true);
    }),
  ));

test.each([
  ["its own hint says so", { resetHint: "reset" as const }, true],
  ["a higher resolution", { schema: 1 }, true],
  ["a narrower zero bucket", { zeroThreshold: 0 }, true],
  ["custom buckets", { schema: CUSTOM_BUCKETS_SCHEMA }, true],
  ["nothing changed", {}, false],
])("detectReset(): %s", (_, change, expected) => {
  const before = build(new Map([[3, 1]]), { zeroThreshold: 0.5 });
  expect(detectReset({ ...before, ...change }, before)).toBe(expected);
});

test("a trimmed histogram and its rest add up to the whole", () =>
  fc.assert(
    fc.property(
      buckets,
      fc.integer({ min: 0, max: 10 }),
      fc.double({ min: 0.01, max: 1000, noNaN: true }),
      (counts, zeroCount, limit) => {
        const histogram = build(counts, { zeroThreshold: 1e-9, zeroCount });
        const below = trimHistogram(histogram, limit, "below");
        const above = trimHistogram(histogram, limit, "above");
        expect(below.count + above.count).toBeCloseTo(histogram.count, 6);
        for (const bucket of allBuckets(below)) expect(bucket.count === 0 || bucket.lower < limit).toBe(true);
        for (const bucket of allBuckets(above)) expect(bucket.count === 0 || bucket.upper > limit).toBe(true);
      },
    ),
  ));

test("trimHistogram() that removes nothing keeps the sum", () => {
  const histogram = build(new Map([[0, 2]]), { sum: 42 });
  expect(trimHistogram(histogram, 100, "below")).toBe(histogram);
});

test("formatHistogram() prints like Prometheus", () => {
  const histogram: FloatHistogram = {
    ...build(
      new Map([
        [0, 1],
        [1, 0],
        [2, 3],
      ]),
      { zeroThreshold: 0.25, zeroCount: 2, sum: 5.5 },
    ),
    negativeSpans: [{ offset: 0, length: 1 }],
    negativeBuckets: Float64Array.of(4),
  };
  expect(formatHistogram(histogram)).toBe("{count:6, sum:5.5, [-1,-0.5):4, [-0.25,0.25]:2, (0.5,1]:1, (2,4]:3}");
});
