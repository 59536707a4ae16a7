import { WireWriter } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import { expect, test } from "vitest";
import { openFamilyWriter } from "./family-writer.ts";

/**
 * A histogram with the bounds 0.1, 0.5 and 2. Only the bucket from 0.1 to 0.5 has no observations; there are also
 * observations above 2.
 */
const CUSTOM: FloatHistogram = {
  resetHint: "unknown",
  schema: CUSTOM_BUCKETS_SCHEMA,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 9.5,
  sum: 12.25,
  positiveSpans: [
    { offset: 0, length: 1 },
    { offset: 1, length: 2 },
  ],
  positiveBuckets: Float64Array.of(2, 3, 4.5),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: Float64Array.of(0.1, 0.5, 2),
};

const METRIC = { labels: ["a.b", "x"], timestampMs: 5, value: 0, histogram: CUSTOM };

test("a histogram with custom bounds is written as a classic one in text", () => {
  const writer = openFamilyWriter("text", "underscores");
  writer.begin("h", "histogram");
  writer.add(METRIC);
  writer.end();
  expect(Buffer.from(writer.take()).toString()).toBe(
    `# TYPE h histogram\nh_bucket{a_b="x",le="0.1"} 2 5\nh_bucket{a_b="x",le="0.5"} 2 5\nh_bucket{a_b="x",le="2"} 5 5\n` +
      `h_bucket{a_b="x",le="+Inf"} 9.5 5\nh_sum{a_b="x"} 12.25 5\nh_count{a_b="x"} 9.5 5\n`,
  );
});

test("a histogram with custom bounds is written as a classic one with float counts in protobuf", () => {
  const writer = openFamilyWriter("protobuf", "allow-utf-8");
  writer.begin("h", "histogram");
  writer.add(METRIC);
  writer.end();
  const family = new WireWriter(256);
  family.string(1, "h");
  family.uint64(3, 4);
  family.message(4, () => {
    family.message(1, () => {
      family.string(1, "a.b");
      family.string(2, "x");
    });
    family.int64(6, 5);
    family.message(7, () => {
      family.double(2, 12.25);
      for (const [bound, count] of [
        [0.1, 2],
        [0.5, 2],
        [2, 5],
      ] as const) {
        family.message(3, () => {
          family.double(2, bound);
          family.double(4, count);
        });
      }
      family.double(4, 9.5);
    });
  });
  expect(Buffer.from(writer.take()).subarray(1)).toEqual(Buffer.from(family.written));
});
