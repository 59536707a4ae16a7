import { type ByteWriter, type Cursor, DecodeError } from "@narthex/bytes";
import {
  atStoredResolution,
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  type Span,
  STALE_HIGH,
  STALE_LOW,
} from "@narthex/model";
import { staleHistogram } from "../chunk/histogram-shape.ts";
import {
  RECORD_CUSTOM_FLOAT_HISTOGRAMS,
  RECORD_CUSTOM_HISTOGRAMS,
  RECORD_FLOAT_HISTOGRAMS,
  RECORD_FLOAT_HISTOGRAMS_V2,
  RECORD_HISTOGRAMS,
  RECORD_HISTOGRAMS_V2,
  V2Order,
  V2OrderWriter,
} from "./records.ts";

const HINTS: readonly CounterResetHint[] = ["unknown", "reset", "not-reset", "gauge"];
const view = new DataView(new ArrayBuffer(8));
const COARSEST_SCHEMA = -4;
const FINEST_SCHEMA = 8;

export interface HistogramSample {
  readonly ref: number;
  readonly timestamp: number;
  readonly histogram: FloatHistogram;
  /** Time when the histogram began to count, ms; 0 if unknown. */
  readonly start?: number;
}

/** Returns the type of the record that contains a histogram. */
export function histogramRecordType({ histogram }: HistogramSample): number {
  const custom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  if (histogram.integer === true) return custom ? RECORD_CUSTOM_HISTOGRAMS : RECORD_HISTOGRAMS;
  return custom ? RECORD_CUSTOM_FLOAT_HISTOGRAMS : RECORD_FLOAT_HISTOGRAMS;
}

export const isHistogramRecord = (type: number): boolean =>
  (type >= RECORD_HISTOGRAMS && type <= RECORD_CUSTOM_FLOAT_HISTOGRAMS) ||
  type === RECORD_HISTOGRAMS_V2 ||
  type === RECORD_FLOAT_HISTOGRAMS_V2;

/** Returns the type of the record that contains a histogram with its start timestamp. */
export const histogramRecordTypeV2 = ({ histogram }: HistogramSample): number =>
  histogram.integer === true ? RECORD_HISTOGRAMS_V2 : RECORD_FLOAT_HISTOGRAMS_V2;

/** Writes a record of type `type` that contains the samples. */
export function writeHistograms(into: ByteWriter, type: number, samples: readonly HistogramSample[]): void {
  into.reset();
  into.u8(type);
  if (type === RECORD_HISTOGRAMS_V2 || type === RECORD_FLOAT_HISTOGRAMS_V2) {
    const order = new V2OrderWriter(into);
    for (const { ref, timestamp, histogram, start } of samples) {
      order.next(ref, timestamp, start ?? 0);
      writeHistogram(into, histogram);
    }
    return;
  }
  const first = samples[0]!;
  into.i64(first.ref);
  into.i64(first.timestamp);
  for (const { ref, timestamp, histogram } of samples) {
    into.varint(ref - first.ref);
    into.varint(timestamp - first.timestamp);
    writeHistogram(into, histogram);
  }
}

/** Writes a histogram without its reference and time. */
export function writeHistogram(into: ByteWriter, histogram: FloatHistogram): void {
  const integer = histogram.integer === true;
  into.u8(HINTS.indexOf(histogram.resetHint));
  into.varint(histogram.schema);
  into.f64(histogram.zeroThreshold);
  if (integer) {
    into.uvarint(histogram.zeroCount);
    into.uvarint(histogram.count);
  } else {
    into.f64(histogram.zeroCount);
    into.f64(histogram.count);
  }
  if (histogram.stale === true) into.f64Words(STALE_HIGH, STALE_LOW);
  else into.f64(histogram.sum);
  writeSpans(into, histogram.positiveSpans);
  writeSpans(into, histogram.negativeSpans);
  writeBuckets(into, histogram.positiveBuckets, integer);
  writeBuckets(into, histogram.negativeBuckets, integer);
  if (histogram.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  const bounds = histogram.customBounds ?? new Float64Array(0);
  into.uvarint(bounds.length);
  for (const bound of bounds) into.f64(bound);
}

function writeSpans(into: ByteWriter, spans: readonly Span[]): void {
  into.uvarint(spans.length);
  for (const { offset, length } of spans) {
    into.varint(offset);
    into.uvarint(length);
  }
}

function writeBuckets(into: ByteWriter, buckets: Float64Array, integer: boolean): void {
  into.uvarint(buckets.length);
  let previous = 0;
  for (const bucket of buckets) {
    if (integer) into.varint(bucket - previous);
    else into.f64(bucket);
    previous = bucket;
  }
}

/** Calls `visit` with each sample of a histogram record of any version. Samples with unknown schemas are skipped. */
export function readHistogramRecord(cursor: Cursor, type: number, visit: (sample: HistogramSample) => void): void {
  if (cursor.rest === 0) return;
  const integer = type === RECORD_HISTOGRAMS || type === RECORD_CUSTOM_HISTOGRAMS || type === RECORD_HISTOGRAMS_V2;
  if (type === RECORD_HISTOGRAMS_V2 || type === RECORD_FLOAT_HISTOGRAMS_V2) {
    const order = new V2Order(cursor);
    while (cursor.rest > 0) {
      order.next(cursor);
      const { ref, time: timestamp, start } = order;
      keepKnown({ ref, timestamp, start, histogram: readHistogram(cursor, integer) }, visit);
    }
    return;
  }
  const baseRef = cursor.u64();
  const baseTime = cursor.i64();
  while (cursor.rest > 0) {
    const ref = baseRef + cursor.varint();
    const timestamp = baseTime + cursor.varint();
    keepKnown({ ref, timestamp, start: 0, histogram: readHistogram(cursor, integer) }, visit);
  }
}

function keepKnown(sample: HistogramSample, visit: (sample: HistogramSample) => void): void {
  const histogram = atStoredResolution(sample.histogram);
  const { schema } = histogram;
  const isKnown = schema === CUSTOM_BUCKETS_SCHEMA || (schema >= COARSEST_SCHEMA && schema <= FINEST_SCHEMA);
  if (isKnown) visit(histogram === sample.histogram ? sample : { ...sample, histogram });
}

/** Reads a histogram that writeHistogram() wrote. Throws DecodeError. */
export function readHistogram(cursor: Cursor, integer: boolean): FloatHistogram {
  const resetHint = HINTS[cursor.u8()];
  if (resetHint === undefined) throw new DecodeError("unknown counter reset hint", cursor.at);
  const schema = cursor.varint();
  const zeroThreshold = cursor.f64();
  const zeroCount = integer ? cursor.uvarint() : cursor.f64();
  const count = integer ? cursor.uvarint() : cursor.f64();
  view.setUint32(0, cursor.u32());
  view.setUint32(4, cursor.u32());
  const stale = view.getUint32(0) === STALE_HIGH && view.getUint32(4) === STALE_LOW;
  const positiveSpans = readSpans(cursor);
  const negativeSpans = readSpans(cursor);
  const positiveBuckets = readBuckets(cursor, integer);
  const negativeBuckets = readBuckets(cursor, integer);
  const customBounds = schema === CUSTOM_BUCKETS_SCHEMA ? readFloats(cursor) : undefined;
  if (stale) return staleHistogram(integer);
  return {
    resetHint,
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum: view.getFloat64(0),
    positiveSpans,
    positiveBuckets,
    negativeSpans,
    negativeBuckets,
    customBounds,
    integer,
  };
}

function readSpans(cursor: Cursor): Span[] {
  const spans: Span[] = [];
  for (let left = cursor.uvarint(); left > 0; left--) {
    const offset = cursor.varint();
    spans.push({ offset, length: cursor.uvarint() });
  }
  return spans;
}

function readBuckets(cursor: Cursor, integer: boolean): Float64Array {
  if (!integer) return readFloats(cursor);
  const buckets: number[] = [];
  let value = 0;
  for (let left = cursor.uvarint(); left > 0; left--) buckets.push((value += cursor.varint()));
  return Float64Array.from(buckets);
}

function readFloats(cursor: Cursor): Float64Array {
  const values: number[] = [];
  for (let left = cursor.uvarint(); left > 0; left--) values.push(cursor.f64());
  return Float64Array.from(values);
}
