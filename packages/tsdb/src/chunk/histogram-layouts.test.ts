import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, Labels, Matcher, type Span } from "@narthex/model";
import { OUTCOME_OK, SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunk } from "../block/decode-chunk.ts";
import { ChunkEncoder } from "./chunk-encoder.ts";
import { Head } from "../head/head.ts";
import { histogramText } from "../testing/contents.ts";

type Buckets = ReadonlyMap<number, number>;

/**
 * Histogram as counts by bucket number. The test compares this form because it does not depend on how the buckets are
 * split into spans.
 */
interface Reading {
  readonly time: number;
  readonly histogram: FloatHistogram;
  readonly positive: Buckets;
  readonly negative: Buckets;
}

/**
 * Returns spans that cover the given bucket numbers. A span ends at each gap. `split` selects additional span ends,
 * which do not change the histogram.
 */
function spansOver(numbers: readonly number[], split: number): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const [i, number] of numbers.entries()) {
    if (i > 0 && number === next && (number + split) % 3 !== 0) spans.at(-1)!.length++;
    else spans.push({ offset: number - next, length: 1 });
    next = number + 1;
  }
  return spans;
}

const total = (buckets: Buckets): number => [...buckets.values()].reduce((sum, count) => sum + count, 0);

/** Generates a change of a series: the properties in which the next sample differs from the previous one. */
const step = fc.record({
  ms: fc.constantFrom(1, 15_000, 15_001, 60_000, 2 ** 33),
  /** Number of new observations by bucket number. A series never loses a bucket, and a listed bucket may be empty. */
  came: fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -12, max: 12 }), fc.constantFrom(0, 0, 1, 2, 1000)), {
    maxLength: 5,
  }),
  event: fc.constantFrom(
    "grow",
    "grow",
    "grow",
    "grow",
    "narrow",
    "reset",
    "schema",
    "gauge",
    "kind",
    "stale",
    "custom",
    "bounds",
    "bounds",
  ),
  split: fc.nat(2),
  sum: fc.double({ noNaN: true }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function readingsOf(steps: readonly Step[], startsCustom: boolean): Reading[] {
  let time = 1_700_000_000_000;
  let [positive, negative] = [new Map<number, number>(), new Map<number, number>()];
  let [schema, integer, gauge, custom, width] = [3, true, false, startsCustom, 8];
  return steps.map(({ ms, came, event, split, sum }) => {
    time += ms;
    if (event === "schema") schema = schema === 8 ? -4 : schema + 1;
    if (event === "kind") integer = !integer;
    if (event === "gauge") gauge = !gauge;
    const kept = ([, count]: [number, number]): boolean =>
      event === "reset" ? false : event !== "narrow" || count > 0;
    [positive, negative] = [new Map([...positive].filter(kept)), new Map([...negative].filter(kept))];
    for (const [isPositive, bucket, count] of came) {
      const side = isPositive ? positive : negative;
      side.set(bucket, (side.get(bucket) ?? 0) + count);
    }
    if (event === "custom") custom = !custom;
    if (event === "bounds") width = width === 8 ? 1000 : 8;
    const expected = custom ? { positive: shifted(positive), negative: new Map() } : { positive, negative };
    const histogram = laid(expected, {
      schema: custom ? CUSTOM_BUCKETS_SCHEMA : schema,
      integer,
      sum,
      split,
      width,
      resetHint: gauge ? "gauge" : "unknown",
      stale: event === "stale",
    });
    return { time, histogram, positive: new Map(expected.positive), negative: new Map(expected.negative) };
  });
}

/** Shifts the bucket numbers to 0 or more, because custom buckets are numbered from 0. */
const shifted = (buckets: Buckets): Buckets => new Map([...buckets].map(([bucket, count]) => [bucket + 12, count]));

interface Form {
  readonly schema: number;
  readonly integer: boolean;
  readonly sum: number;
  readonly split: number;
  /** The upper bounds of custom buckets are multiples of 1 / `width`. */
  readonly width: number;
  readonly resetHint: "gauge" | "unknown";
  readonly stale: boolean;
}

function laid({ positive, negative }: { positive: Buckets; negative: Buckets }, form: Form): FloatHistogram {
  const { schema, integer, sum, split, width, resetHint, stale } = form;
  const side = (buckets: Buckets): [Span[], Float64Array] => {
    const numbers = [...buckets.keys()].sort((a, b) => a - b);
    return [spansOver(numbers, split), Float64Array.from(numbers, (number) => buckets.get(number)!)];
  };
  const [positiveSpans, positiveBuckets] = side(stale ? new Map() : positive);
  const [negativeSpans, negativeBuckets] = side(stale ? new Map() : negative);
  const isCustom = schema === CUSTOM_BUCKETS_SCHEMA;
  const zeroCount = stale || isCustom ? 0 : total(positive) % 7;
  return {
    resetHint: stale ? "unknown" : resetHint,
    schema: stale ? 0 : schema,
    zeroThreshold: stale || isCustom ? 0 : 0.001,
    zeroCount,
    count: stale ? 0 : total(positive) + total(negative) + zeroCount,
    sum,
    positiveSpans,
    positiveBuckets,
    negativeSpans,
    negativeBuckets,
    customBounds: !stale && isCustom ? Float64Array.from({ length: 25 }, (_, i) => i / width) : undefined,
    integer,
    ...(stale ? { stale } : {}),
  };
}

const decreased = (before: Buckets, after: Buckets): boolean =>
  [...before].some(([bucket, count]) => (after.get(bucket) ?? 0) < count);

/**
 * Checks that the decoded samples equal the written samples. A decoded histogram may have the reset hint "not-reset"
 * only if no count decreased.
 */
function expectSame(columns: SampleColumns, readings: readonly Reading[]): void {
  expect([...columns.timestamps.subarray(0, columns.count)]).toEqual(readings.map(({ time }) => time));
  for (const [i, { histogram, positive, negative }] of readings.entries()) {
    const read = columns.histograms![i]!;
    expect(histogramText(read)).toBe(histogramText(histogram));
    if (histogram.stale === true) continue;
    expect(read.resetHint === "gauge").toBe(histogram.resetHint === "gauge");
    expect(read.customBounds).toEqual(histogram.customBounds);
    if (read.resetHint !== "not-reset") continue;
    const before = readings[i - 1]!;
    expect(before.histogram.schema).toBe(histogram.schema);
    expect(decreased(before.positive, positive) || decreased(before.negative, negative)).toBe(false);
    expect(before.histogram.zeroCount).toBeLessThanOrEqual(histogram.zeroCount);
  }
}

const life = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 60, size: "+1" }), fc.boolean())
  .map(([steps, startsCustom]) => readingsOf(steps, startsCustom));

test("histograms whose buckets appear, vanish, decrease and change in kind are read back unchanged from the head's chunks", async () => {
  await fc.assert(
    fc.asyncProperty(life, fc.integer({ min: 1, max: 20 }), async (readings, perCommit) => {
      const head = new Head(0);
      for (let from = 0; from < readings.length; from += perCommit) {
        const app = head.appender();
        const ref = app.series(Labels.of({ __name__: "h" }));
        for (const { time, histogram } of readings.slice(from, from + perCommit)) {
          expect(app.appendHistogram(ref, time, histogram)).toBe(OUTCOME_OK);
        }
        await app.commit();
      }
      const querier = head.querier(-Infinity, Infinity);
      const set = await querier.select([new Matcher("=", "__name__", "h")], { start: -Infinity, end: Infinity });
      const columns = new SampleColumns(1);
      set.read(0, -Infinity, Infinity, columns);
      expectSame(columns, readings);
      querier.close();
    }),
    { numRuns: 200 },
  );
});

test("the same histograms are read back unchanged after a merge of blocks has encoded them again", () => {
  fc.assert(
    fc.property(life, (readings) => {
      const columns = new SampleColumns(1);
      for (const { time, histogram } of readings) columns.pushHistogram(time, histogram);
      const encoder = new ChunkEncoder();
      encoder.encode(columns);
      const read = new SampleColumns(1);
      for (let i = 0; i < encoder.count; i++) {
        const [start, end, encoding] = [encoder.start[i]!, encoder.end[i]!, encoder.encoding[i]!];
        const from = read.count;
        decodeChunk({ bytes: encoder.bytes, start, end, encoding }, -Infinity, Infinity, read);
        expect([read.timestamps[from], read.timestamps[read.count - 1]]).toEqual([
          encoder.minTime[i],
          encoder.maxTime[i],
        ]);
        expect(read.count - from).toBeLessThanOrEqual(120);
      }
      expectSame(read, readings);
    }),
    { numRuns: 300 },
  );
});
