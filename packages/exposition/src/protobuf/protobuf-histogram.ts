import { skipUnknown, WIRE_FIXED64, WIRE_LENGTH, WIRE_VARINT, type WireReader } from "@narthex/bytes";
import type { FloatHistogram, Span } from "@narthex/model";
import type { ExposedExemplar } from "../entries.ts";
import { BUCKET, BUCKET_SPAN, checkCount, HISTOGRAM } from "./metric-messages.ts";
import { ExpositionError } from "../problem.ts";
import { readExemplar, readTimestamp } from "./protobuf-exemplar.ts";
import type { ClassicSample } from "./protobuf-summary.ts";

/** Positive or negative buckets of a histogram, in the encoding of the message. */
export interface WireSide {
  readonly spans: Span[];
  readonly deltas: number[];
  readonly counts: number[];
}

export interface WireHistogram {
  count: number;
  countFloat: number;
  sum: number;
  readonly buckets: ClassicSample[];
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  zeroCountFloat: number;
  readonly negative: WireSide;
  readonly positive: WireSide;
  readonly exemplars: ExposedExemplar[];
  /** Start time in ms since 1970, or 0 if the message has none. */
  startTimestamp: number;
}

export const emptySide = (): WireSide => ({ spans: [], deltas: [], counts: [] });

export const emptyHistogram = (): WireHistogram => ({
  count: 0,
  countFloat: 0,
  sum: 0,
  buckets: [],
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  zeroCountFloat: 0,
  negative: emptySide(),
  positive: emptySide(),
  exemplars: [],
  startTimestamp: 0,
});

/**
 * Reads a Histogram message from the wire reader. If `out` already has values from an earlier message, the two are
 * merged.
 */
export function readHistogram(wire: WireReader, out: WireHistogram = emptyHistogram()): WireHistogram {
  for (let tag = wire.tag(HISTOGRAM.message); tag !== 0; tag = wire.tag(HISTOGRAM.message)) {
    if (tag === 8) out.count = wire.uint64();
    else if (tag === 17) out.sum = wire.double();
    else if (tag === 26) checkCount(out.buckets.push(readBucket(wire)), "buckets");
    else if (tag === 33) out.countFloat = wire.double();
    else if (tag === 40) out.schema = wire.sint32();
    else if (tag === 49) out.zeroThreshold = wire.double();
    else if (tag === 56) out.zeroCount = wire.uint64();
    else if (tag === 65) out.zeroCountFloat = wire.double();
    else if (tag === 122) out.startTimestamp = readTimestamp(wire);
    else if (tag === 130) checkCount(out.exemplars.push(readExemplar(wire)), "exemplars");
    else if (!readSide(wire, tag, 9, out.negative) && !readSide(wire, tag, 12, out.positive)) {
      skipUnknown(wire, tag, HISTOGRAM);
    }
  }
  return out;
}

/**
 * Reads spans, deltas or counts of the positive or negative buckets, packed or not. Returns false if the tag belongs to
 * another field; throws WireError if there are too many buckets.
 * @param field number of the field of spans; the next two fields are deltas and counts
 */
export function readSide(wire: WireReader, tag: number, field: number, side: WireSide): boolean {
  const number = Math.floor(tag / 8);
  const type = tag & 7;
  const packed = type === WIRE_LENGTH;
  if (number === field && packed) checkCount(side.spans.push(readSpan(wire)), "spans");
  else if (number === field + 1 && (packed || type === WIRE_VARINT)) {
    readBuckets(wire, packed, side.deltas, () => wire.sint64());
  } else if (number === field + 2 && (packed || type === WIRE_FIXED64)) {
    readBuckets(wire, packed, side.counts, () => wire.double());
  } else return false;
  return true;
}

function readBuckets(wire: WireReader, packed: boolean, into: number[], value: () => number): void {
  if (packed) readPacked(wire, () => checkCount(into.push(value()), "buckets"));
  else checkCount(into.push(value()), "buckets");
}

/** Reads the values of a packed field. */
export function readPacked(wire: WireReader, read: () => void): void {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  while (wire.at < end) read();
  wire.seek(end, outer);
}

function readBucket(wire: WireReader): ClassicSample {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let bound = 0;
  let count = 0;
  let countFloat = 0;
  let exemplar: ExposedExemplar | undefined;
  for (let tag = wire.tag(BUCKET.message); tag !== 0; tag = wire.tag(BUCKET.message)) {
    if (tag === 8) count = wire.uint64();
    else if (tag === 17) bound = wire.double();
    else if (tag === 26) exemplar = readExemplar(wire);
    else if (tag === 33) countFloat = wire.double();
    else skipUnknown(wire, tag, BUCKET);
  }
  wire.seek(end, outer);
  return { bound, value: countFloat === 0 ? count : countFloat, exemplar };
}

function readSpan(wire: WireReader): Span {
  const outer = wire.end;
  const end = wire.range();
  wire.seek(wire.start, end);
  let offset = 0;
  let length = 0;
  for (let tag = wire.tag(BUCKET_SPAN.message); tag !== 0; tag = wire.tag(BUCKET_SPAN.message)) {
    if (tag === 8) offset = wire.sint32();
    else if (tag === 16) length = wire.uint32();
    else skipUnknown(wire, tag, BUCKET_SPAN);
  }
  wire.seek(end, outer);
  return { offset, length };
}

/** Reports whether the message contains a native histogram. */
export const isNative = (wire: WireHistogram): boolean =>
  wire.positive.spans.length > 0 || wire.negative.spans.length > 0 || wire.zeroThreshold > 0 || wire.zeroCount > 0;

/**
 * Converts the native buckets of a message to a histogram. Throws ExpositionError if spans and buckets contradict each
 * other.
 */
export function toFloatHistogram(wire: WireHistogram, gauge: boolean, name: string, offset: number): FloatHistogram {
  const float = wire.countFloat > 0 || wire.zeroCountFloat > 0;
  const positive = compact(name, offset, "positive", wire.positive, float);
  const negative = compact(name, offset, "negative", wire.negative, float);
  return {
    resetHint: gauge ? "gauge" : "unknown",
    schema: wire.schema,
    zeroThreshold: wire.zeroThreshold,
    zeroCount: float ? wire.zeroCountFloat : wire.zeroCount,
    count: float ? wire.countFloat : wire.count,
    sum: wire.sum,
    positiveSpans: positive.spans,
    positiveBuckets: Float64Array.from(positive.buckets),
    negativeSpans: negative.spans,
    negativeBuckets: Float64Array.from(negative.buckets),
    customBounds: undefined,
    integer: !float,
  };
}

/** Converts buckets to absolute counts. Empty spans, and empty buckets at the ends of spans, are removed. */
function compact(
  name: string,
  offset: number,
  sideName: string,
  side: WireSide,
  float: boolean,
): { spans: Span[]; buckets: number[] } {
  const counts = float ? side.counts : absoluteCounts(side.deltas);
  const required = side.spans.reduce((sum, span) => sum + span.length, 0);
  if (required !== counts.length) {
    const problem = `${sideName} side: spans require ${required} buckets, have ${counts.length}`;
    throw new ExpositionError(`histogram "${name}": ${problem}`, offset);
  }
  const spans: { offset: number; length: number }[] = [];
  const buckets: number[] = [];
  let position = 0;
  let next = 0;
  let index = 0;
  for (const span of side.spans) {
    position += span.offset;
    for (let i = 0; i < span.length; i++, position++, index++) {
      if (counts[index] === 0) continue;
      const last = spans.at(-1);
      if (last !== undefined && position === next) last.length++;
      else spans.push({ offset: spans.length === 0 ? position : position - next, length: 1 });
      buckets.push(counts[index]!);
      next = position + 1;
    }
  }
  return { spans, buckets };
}

/** Returns the counts of buckets from deltas. Each delta is the difference from the previous bucket. */
export function absoluteCounts(deltas: readonly number[]): number[] {
  let current = 0;
  return deltas.map((delta) => (current += delta));
}
