import { WIRE_FIXED64, type WireWriter } from "@narthex/bytes";
import { type CounterResetHint, type FloatHistogram, type Span, STALE_HIGH, STALE_LOW } from "@narthex/model";

const HINTS: readonly CounterResetHint[] = ["unknown", "reset", "not-reset", "gauge"];

const stale = new Uint8Array(8);
new DataView(stale.buffer).setUint32(0, STALE_LOW, true);
new DataView(stale.buffer).setUint32(4, STALE_HIGH, true);

/** Writes the fields of a Histogram message; `start` (ms, 0 unknown) goes into messages of 2.0 alone. */
export function writeHistogramFields(out: WireWriter, histogram: FloatHistogram, time: number, start: number): void {
  const integer = histogram.integer === true;
  if (integer) out.uint64(1, histogram.count);
  else out.double(2, histogram.count);
  if (histogram.stale === true) {
    out.tag(3, WIRE_FIXED64);
    out.raw(stale);
  } else out.double(3, histogram.sum);
  out.sint64(4, histogram.schema);
  out.double(5, histogram.zeroThreshold);
  if (integer) out.uint64(6, histogram.zeroCount);
  else out.double(7, histogram.zeroCount);
  writeSpans(out, 8, histogram.negativeSpans);
  writeBuckets(out, 9, histogram.negativeBuckets, integer);
  writeSpans(out, 11, histogram.positiveSpans);
  writeBuckets(out, 12, histogram.positiveBuckets, integer);
  out.uint64(14, Math.max(0, HINTS.indexOf(histogram.resetHint)));
  out.int64(15, time);
  const bounds = histogram.customBounds;
  if (bounds !== undefined && bounds.length > 0) packedDoubles(out, 16, bounds);
  if (start !== 0) out.int64(17, start);
}

function writeSpans(out: WireWriter, field: number, spans: readonly Span[]): void {
  for (const { offset, length } of spans) {
    out.message(field, () => {
      if (offset !== 0) out.sint64(1, offset);
      if (length !== 0) out.uint64(2, length);
    });
  }
}

/** Integers as differences, floats as they are in the field behind. */
function writeBuckets(out: WireWriter, field: number, buckets: Float64Array, integer: boolean): void {
  if (buckets.length === 0) return;
  if (!integer) return packedDoubles(out, field + 1, buckets);
  out.message(field, () => {
    let before = 0;
    for (const bucket of buckets) {
      const delta = bucket - before;
      out.varint(delta >= 0 ? delta * 2 : -delta * 2 - 1);
      before = bucket;
    }
  });
}

function packedDoubles(out: WireWriter, field: number, values: Float64Array): void {
  out.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
}
