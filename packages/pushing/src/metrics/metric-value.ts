import { WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, WireReader } from "@narthex/bytes";
import { VALUE_FIELDS } from "./metric-type.ts";

/** A run of buckets of a native histogram. */
interface WireSpan {
  offset: number;
  length: number;
}

/** Content of the protobuf message io.prometheus.client.Histogram. Missing fields have the schema's default values. */
export interface HistogramValue {
  count: bigint;
  countFloat: number;
  sum: number;
  readonly buckets: { count: bigint; countFloat: number; bound: number }[];
  schema: number;
  zeroThreshold: number;
  zeroCount: bigint;
  zeroCountFloat: number;
  readonly negative: HistogramSide;
  readonly positive: HistogramSide;
}

/** The positive or negative buckets of a native histogram. Their counts are either integer differences or floats. */
export interface HistogramSide {
  readonly spans: WireSpan[];
  readonly deltas: number[];
  readonly counts: number[];
}

/** Content of io.prometheus.client.Summary. */
export interface SummaryValue {
  count: bigint;
  sum: number;
  readonly quantiles: { quantile: number; value: number }[];
}

/** Calls `visit` for each field of a protobuf message. Skips fields for which `visit` returns false. */
export function eachField(reader: WireReader, visit: (field: number, wire: number) => boolean): void {
  for (let tag = reader.tag(""); tag !== 0; tag = reader.tag("")) {
    if (!visit(tag >>> 3, tag & 7)) reader.skip(tag);
  }
}

/** Returns a reader of the message in the current field. */
export function nested(reader: WireReader): WireReader {
  const end = reader.range();
  return new WireReader(reader.bytes, reader.start, end);
}

/** Reads an unsigned 64-bit varint as a bigint, because a number of JavaScript would lose digits. */
export function readUint64(reader: WireReader): bigint {
  const from = reader.at;
  const value = reader.uint64();
  if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
  let exact = 0n;
  for (let at = from; at < reader.at; at++) exact |= BigInt(reader.bytes[at]! & 0x7f) << BigInt(7 * (at - from));
  return BigInt.asUintN(64, exact);
}

/**
 * Calls `read` for each occurrence of the field `wanted` in a message Metric. All occurrences together are one nested
 * message. Returns false if the field is absent.
 */
function within(value: Uint8Array, wanted: number, read: (reader: WireReader) => void): boolean {
  let isThere = false;
  const reader = new WireReader(value);
  eachField(reader, (field, wire) => {
    if (field !== wanted || wire !== WIRE_LENGTH) return false;
    isThere = true;
    read(nested(reader));
    return true;
  });
  return isThere;
}

/** Reports whether a metric contains a value of the given type. */
export const hasValueOf = (type: number, value: Uint8Array): boolean =>
  within(value, VALUE_FIELDS[type as 0], () => undefined);

/** Returns the value of a counter, gauge or untyped metric, or undefined if the metric has no value of this type. */
export function readPlain(value: Uint8Array, type: number): number | undefined {
  let number = 0;
  const isThere = within(value, VALUE_FIELDS[type as 0], (reader) =>
    eachField(reader, (field, wire) => {
      if (field !== 1 || wire !== WIRE_FIXED64) return false;
      number = reader.double();
      return true;
    }),
  );
  return isThere ? number : undefined;
}

export function readSummary(value: Uint8Array): SummaryValue {
  const summary: SummaryValue = { count: 0n, sum: 0, quantiles: [] };
  within(value, 4, (reader) =>
    eachField(reader, (field, wire) => {
      if (field === 1 && wire === WIRE_VARINT) summary.count = readUint64(reader);
      else if (field === 2 && wire === WIRE_FIXED64) summary.sum = reader.double();
      else if (field === 3 && wire === WIRE_LENGTH) summary.quantiles.push(readQuantile(nested(reader)));
      else return false;
      return true;
    }),
  );
  return summary;
}

function readQuantile(reader: WireReader): { quantile: number; value: number } {
  const read = { quantile: 0, value: 0 };
  eachField(reader, (field, wire) => {
    if (wire !== WIRE_FIXED64 || field > 2) return false;
    read[field === 1 ? "quantile" : "value"] = reader.double();
    return true;
  });
  return read;
}

export function readHistogram(value: Uint8Array): HistogramValue {
  const side = (): HistogramSide => ({ spans: [], deltas: [], counts: [] });
  const histogram: HistogramValue = {
    count: 0n,
    countFloat: 0,
    sum: 0,
    buckets: [],
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0n,
    zeroCountFloat: 0,
    negative: side(),
    positive: side(),
  };
  within(value, 7, (reader) =>
    eachField(reader, (field, wire) => {
      if (field >= 9 && field <= 11) return readSide(reader, field - 9, wire, histogram.negative);
      if (field >= 12 && field <= 14) return readSide(reader, field - 12, wire, histogram.positive);
      return readScalar(reader, field, wire, histogram);
    }),
  );
  return histogram;
}

function readScalar(reader: WireReader, field: number, wire: number, histogram: HistogramValue): boolean {
  if (wire === WIRE_VARINT && field === 1) histogram.count = readUint64(reader);
  else if (wire === WIRE_VARINT && field === 5) histogram.schema = reader.sint32();
  else if (wire === WIRE_VARINT && field === 7) histogram.zeroCount = readUint64(reader);
  else if (wire === WIRE_FIXED64 && field === 2) histogram.sum = reader.double();
  else if (wire === WIRE_FIXED64 && field === 4) histogram.countFloat = reader.double();
  else if (wire === WIRE_FIXED64 && field === 6) histogram.zeroThreshold = reader.double();
  else if (wire === WIRE_FIXED64 && field === 8) histogram.zeroCountFloat = reader.double();
  else if (wire === WIRE_LENGTH && field === 3) histogram.buckets.push(readBucket(nested(reader)));
  else return false;
  return true;
}

function readBucket(reader: WireReader): HistogramValue["buckets"][number] {
  const bucket = { count: 0n, countFloat: 0, bound: 0 };
  eachField(reader, (field, wire) => {
    if (field === 1 && wire === WIRE_VARINT) bucket.count = readUint64(reader);
    else if (field === 2 && wire === WIRE_FIXED64) bucket.bound = reader.double();
    else if (field === 4 && wire === WIRE_FIXED64) bucket.countFloat = reader.double();
    else return false;
    return true;
  });
  return bucket;
}

/** Reads one field with buckets, packed or not. `part` is 0 for spans, 1 for differences, and 2 for float counts. */
function readSide(reader: WireReader, part: number, wire: number, side: HistogramSide): boolean {
  if (part === 0) {
    if (wire !== WIRE_LENGTH) return false;
    side.spans.push(readSpan(nested(reader)));
    return true;
  }
  const read = (from: WireReader): void => {
    if (part === 1) side.deltas.push(from.sint64());
    else side.counts.push(from.double());
  };
  if (wire === (part === 1 ? WIRE_VARINT : WIRE_FIXED64)) read(reader);
  else if (wire === WIRE_LENGTH) {
    const packed = nested(reader);
    while (packed.at < packed.end) read(packed);
  } else return false;
  return true;
}

function readSpan(reader: WireReader): WireSpan {
  const span = { offset: 0, length: 0 };
  eachField(reader, (field, wire) => {
    if (wire !== WIRE_VARINT || field > 2) return false;
    if (field === 1) span.offset = reader.sint32();
    else span.length = reader.uint32();
    return true;
  });
  return span;
}
