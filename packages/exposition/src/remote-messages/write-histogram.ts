import { WIRE_FIXED64, type WireWriter } from "@narthex/bytes";
import { type FloatHistogram, type Span, STALE_HIGH, STALE_LOW } from "@narthex/model";
import { RESET_HINTS } from "./read-histogram.ts";

/**
 * Bytes of the NaN that marks a histogram as stale, for its sum. The bytes are written directly, because JavaScript may
 * change the payload of a NaN.
 */
const STALE_SUM = new Uint8Array(8);
new DataView(STALE_SUM.buffer).setUint32(0, STALE_LOW, true);
new DataView(STALE_SUM.buffer).setUint32(4, STALE_HIGH, true);

/**
 * Writes the fields of a Histogram message of remote write or remote read.
 * @param start start time in ms, or 0 if it is unknown; only remote write 2.0 has it
 */
export function writeHistogramMessage(out: WireWriter, timestamp: number, histogram: FloatHistogram, start = 0): void {
  writeFields(out, timestamp, histogram);
  if (start !== 0) out.int64(17, start);
}

function writeFields(out: WireWriter, timestamp: number, histogram: FloatHistogram): void {
  const { count, sum, schema, zeroThreshold, zeroCount, integer = false, resetHint, customBounds } = histogram;
  if (histogram.stale === true) {
    // Writes only a count of 0, the sum and the time for a stale histogram.
    if (integer) out.uint64(1, 0);
    else out.double(2, 0);
    out.tag(3, WIRE_FIXED64);
    out.raw(STALE_SUM);
    out.int64(15, timestamp);
    return;
  }
  if (integer) out.uint64(1, count);
  else out.double(2, count);
  out.double(3, sum);
  out.sint64(4, schema);
  out.double(5, zeroThreshold);
  if (integer) out.uint64(6, zeroCount);
  else out.double(7, zeroCount);
  writeSide(out, 8, histogram.negativeSpans, histogram.negativeBuckets, integer);
  writeSide(out, 11, histogram.positiveSpans, histogram.positiveBuckets, integer);
  out.uint64(14, RESET_HINTS.indexOf(resetHint));
  out.int64(15, timestamp);
  if (customBounds !== undefined && customBounds.length > 0) writeDoubles(out, 16, customBounds);
}

/**
 * Writes the spans to `field`. Writes deltas to the next field for integer counts, or float counts to the field after
 * that.
 */
function writeSide(
  out: WireWriter,
  field: number,
  spans: readonly Span[],
  buckets: Float64Array,
  integer: boolean,
): void {
  for (const { offset, length } of spans) {
    out.message(field, () => {
      if (offset !== 0) out.sint64(1, offset);
      if (length !== 0) out.uint64(2, length);
    });
  }
  if (buckets.length === 0) return;
  if (!integer) {
    writeDoubles(out, field + 2, buckets);
    return;
  }
  out.message(field + 1, () => {
    let before = 0;
    for (const bucket of buckets) {
      const delta = bucket - before;
      out.varint(delta < 0 ? -delta * 2 - 1 : delta * 2);
      before = bucket;
    }
  });
}

function writeDoubles(out: WireWriter, field: number, values: Float64Array): void {
  out.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
}
