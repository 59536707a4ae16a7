import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import { histogramOf } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BitBuffer, BitCursor } from "./bit-buffer.ts";
import { placeHistogram } from "./histogram-order.ts";
import { sameHistogram, staleHistogram } from "./histogram-shape.ts";
import { HistogramWriter, readHistograms } from "./histogram.ts";

/** Encodes a number in Prometheus' varbit format, as a text with one character per bit. */
function varbitText(value: bigint): string {
  if (value === 0n) return "0";
  const classes = [
    ["10", 3n],
    ["110", 6n],
    ["1110", 9n],
    ["11110", 12n],
    ["111110", 18n],
    ["1111110", 25n],
    ["11111110", 56n],
    ["11111111", 64n],
  ] as const;
  const [prefix, size] = classes.find(([, k]) => value >= -(2n ** (k - 1n) - 1n) && value <= 2n ** (k - 1n))!;
  return prefix + BigInt.asUintN(Number(size), value).toString(2).padStart(Number(size), "0");
}

test("varbitInt() writes the bits of the table, and reading returns the same number", () => {
  const whole = fc.oneof(
    fc.integer({ min: -70, max: 70 }),
    fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
    fc.integer({ min: -(2 ** 22), max: 2 ** 22 }).map((value) => value * 2 ** 40),
  );
  fc.assert(
    fc.property(fc.array(whole), (values) => {
      const buffer = new BitBuffer();
      for (const value of values) buffer.varbitInt(value);
      const text = [...buffer.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
      expect(text.slice(0, buffer.position)).toBe(values.map((value) => varbitText(BigInt(value))).join(""));
      const cursor = new BitCursor(buffer.bytes, 0);
      for (const value of values) expect(cursor.varbitInt()).toBe(value === 0 ? 0 : value);
    }),
  );
});

const whole = fc.integer({ min: 0, max: 2 ** 40 });
const float = fc.double({ noNaN: true });
const samples = (count: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 100_000 }),
      zeroCount: count,
      count,
      sum: float,
      positive: fc.array(count, { minLength: 3, maxLength: 3 }),
      negative: fc.array(count, { minLength: 2, maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 20 },
  );

const layout = fc.record({
  schema: fc.constantFrom(-4, 0, 3, 8, CUSTOM_BUCKETS_SCHEMA),
  zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.001, 1, 2 ** 10, 1e-300),
  bounds: fc.constantFrom([0.1, 0.25, 1], [1e9, 1e10, 1e11], [-1, 0, 33554.43]),
});

function roundTrip(integer: boolean, count: fc.Arbitrary<number>): void {
  fc.assert(
    fc.property(samples(count), layout, fc.nat(5), (list, { schema, zeroThreshold, bounds }, start) => {
      let time = 1_700_000_000_000;
      const written = list.map((item): [number, FloatHistogram] => [
        (time += item.step),
        {
          resetHint: "unknown",
          schema,
          zeroThreshold,
          zeroCount: item.zeroCount,
          count: item.count,
          sum: item.sum,
          positiveSpans: [
            { offset: -5, length: 2 },
            { offset: 4, length: 1 },
          ],
          positiveBuckets: Float64Array.from(item.positive),
          negativeSpans: [{ offset: 0, length: 2 }],
          negativeBuckets: Float64Array.from(item.negative),
          customBounds: schema === CUSTOM_BUCKETS_SCHEMA ? Float64Array.from(bounds) : undefined,
          integer,
        },
      ]);
      const writer = new HistogramWriter(written[0]![1], "unknown", integer);
      for (const [t, histogram] of written) writer.append(t, histogram);
      writer.append(time + 1, staleHistogram(integer));
      const bytes = new Uint8Array(start + writer.buffer.byteLength + 8).fill(0xff);
      bytes.set(writer.buffer.bytes.subarray(0, writer.buffer.byteLength), start);
      const read: [number, FloatHistogram][] = [];
      readHistograms(bytes, start, writer.count, integer, (t, histogram) => read.push([t, histogram]));
      expect(read.pop()![1].stale).toBe(true);
      expect(read).toEqual(
        written.map(([t, histogram], i) => [t, { ...histogram, resetHint: i === 0 ? "unknown" : "not-reset" }]),
      );
    }),
  );
}

test("integer histogram chunks are read back unchanged", () => roundTrip(true, whole));
test("float histogram chunks are read back unchanged", () => roundTrip(false, float));

test("placeHistogram() begins a chunk if a count decreases, and widens the shape if buckets are added", () => {
  const last = histogramOf(3);
  const chunk = { shape: last, header: "unknown", integer: true, last } as const;
  expect(placeHistogram(chunk, histogramOf(3))).toEqual({ kind: "append", shape: last });
  const wider = placeHistogram(chunk, histogramOf(5));
  expect(wider).toMatchObject({ kind: "append", shape: { positiveSpans: [{ offset: 0, length: 5 }] } });
  expect(placeHistogram(chunk, histogramOf(2))).toEqual({ kind: "cut", header: "reset" });
  expect(placeHistogram(chunk, histogramOf(3, { zeroCount: 1 }))).toEqual({ kind: "cut", header: "reset" });
  expect(placeHistogram(chunk, histogramOf(3, { schema: 2 }))).toEqual({ kind: "cut", header: "unknown" });
  expect(placeHistogram(chunk, histogramOf(3, { resetHint: "gauge" }))).toEqual({ kind: "cut", header: "gauge" });
  expect(placeHistogram({ ...chunk, last: staleHistogram(true) }, last)).toEqual({ kind: "cut", header: "unknown" });
});

test.each<readonly [field: string, change: Partial<FloatHistogram>]>([
  ["integer", { integer: false }],
  ["schema", { schema: 2 }],
  ["zeroThreshold", { zeroThreshold: 0.01 }],
  ["zeroCount", { zeroCount: 1 }],
  ["count", { count: 9 }],
  ["sum", { sum: 2 }],
  ["positiveSpans", { positiveSpans: [{ offset: 1, length: 3 }] }],
  ["negativeSpans", { negativeSpans: [{ offset: 1, length: 1 }] }],
  ["positiveBuckets", { positiveBuckets: Float64Array.of(1, 2, 4) }],
  ["negativeBuckets", { negativeBuckets: Float64Array.of(2) }],
  ["stale", { stale: true }],
])("sameHistogram() distinguishes histograms by %s alone", (_field, change) => {
  const negative = { negativeSpans: [{ offset: 0, length: 1 }], negativeBuckets: Float64Array.of(1) };
  const histogram = histogramOf(3, negative);
  expect(sameHistogram(histogram, histogramOf(3, negative))).toBe(true);
  const changed = { ...histogram, ...change };
  expect([sameHistogram(histogram, changed), sameHistogram(changed, histogram)]).toEqual([false, false]);
});

test("sameHistogram() returns false if a custom bound differs", () => {
  const bounded = (...bounds: readonly number[]): FloatHistogram =>
    histogramOf(3, { schema: CUSTOM_BUCKETS_SCHEMA, customBounds: Float64Array.from(bounds) });
  expect(sameHistogram(bounded(1, 2), bounded(1, 2))).toBe(true);
  expect(sameHistogram(bounded(1, 2), bounded(1, 3))).toBe(false);
});
