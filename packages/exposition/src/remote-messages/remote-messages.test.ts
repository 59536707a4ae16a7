import { WireReader, WireWriter } from "@narthex/bytes";
import type { FloatHistogram } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readWrittenHistogram } from "./read-histogram.ts";
import { writeHistogramMessage } from "./write-histogram.ts";

const spans = fc.array(fc.record({ offset: fc.integer({ min: -1000, max: 1000 }), length: fc.nat(4) }), {
  maxLength: 3,
});
const counts = fc.array(fc.nat(2 ** 40), { maxLength: 6 }).map((list) => Float64Array.from(list));
const histogram: fc.Arbitrary<FloatHistogram> = fc
  .record({
    resetHint: fc.constantFrom("unknown", "reset", "not-reset", "gauge"),
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.double({ noNaN: true, min: 0 }),
    zeroCount: fc.nat(2 ** 40),
    count: fc.nat(2 ** 40),
    sum: fc.double({ noNaN: true }),
    positiveSpans: spans,
    positiveBuckets: counts,
    negativeSpans: spans,
    negativeBuckets: counts,
    bounds: fc.array(fc.double({ noNaN: true }), { maxLength: 4 }),
    stale: fc.boolean(),
    integer: fc.boolean(),
  })
  .map(({ bounds, ...rest }) => ({
    ...rest,
    sum: rest.stale ? NaN : rest.sum,
    customBounds: bounds.length === 0 ? undefined : Float64Array.from(bounds),
  }));

const time = fc.integer({ min: -(2 ** 45), max: 2 ** 45 });

test("a written histogram is read back unchanged", () => {
  fc.assert(
    fc.property(histogram, time, fc.oneof(fc.constant(0), time), (written, timestamp, start) => {
      const out = new WireWriter();
      writeHistogramMessage(out, timestamp, written, start);
      const read = readWrittenHistogram(new WireReader(out.written));
      const { sum, stale, integer } = written;
      if (stale === true)
        expect(read).toMatchObject({ histogram: { sum, stale, integer, count: 0 }, timestamp, start });
      else expect(read).toEqual({ histogram: written, timestamp, start });
    }),
  );
});
