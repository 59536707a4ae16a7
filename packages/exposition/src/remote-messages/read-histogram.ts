import { type MessageFields, messageFields, skipUnknown, type WireReader } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type CounterResetHint, type FloatHistogram, isStaleAt, wordsOf } from "@narthex/model";
import { absoluteCounts, emptySide, readPacked, readSide, type WireSide } from "../protobuf/protobuf-histogram.ts";

const HISTOGRAM: MessageFields = messageFields(
  "Histogram",
  "CountInt CountFloat Sum Schema ZeroThreshold ZeroCountInt ZeroCountFloat NegativeSpans NegativeDeltas NegativeCounts " +
    "PositiveSpans PositiveDeltas PositiveCounts ResetHint Timestamp CustomValues StartTimestamp",
);

/** A histogram with its time and start time. */
export interface TimedHistogram {
  readonly histogram: FloatHistogram;
  /** Time of the sample, ms since 1970. */
  readonly timestamp: number;
  /** Time when counting started, ms since 1970, or 0 if it is unknown. */
  readonly start: number;
}

/** Counter reset hints by their number in the message. */
export const RESET_HINTS: readonly CounterResetHint[] = ["unknown", "reset", "not-reset", "gauge"];

const sum = new Float64Array(1);
const sumWords = wordsOf(sum);

/**
 * Reads a Histogram message of remote write or remote read. The result is not validated: spans and buckets may
 * contradict each other.
 */
export function readWrittenHistogram(wire: WireReader): TimedHistogram {
  let [count, zeroCount, schema, zeroThreshold, timestamp, start, hint] = [0, 0, 0, 0, 0, 0, 0];
  let [integer, integerZeros] = [true, true];
  sum[0] = 0;
  const negative = emptySide();
  const positive = emptySide();
  const bounds: number[] = [];
  for (let tag = wire.tag(HISTOGRAM.message); tag !== 0; tag = wire.tag(HISTOGRAM.message)) {
    if (tag === 8) [count, integer] = [wire.uint64(), true];
    else if (tag === 17) [count, integer] = [wire.double(), false];
    else if (tag === 25) wire.doubleWords(sumWords, 0);
    else if (tag === 32) schema = wire.sint32();
    else if (tag === 41) zeroThreshold = wire.double();
    else if (tag === 48) [zeroCount, integerZeros] = [wire.uint64(), true];
    else if (tag === 57) [zeroCount, integerZeros] = [wire.double(), false];
    else if (tag === 112) hint = wire.int32();
    else if (tag === 120) timestamp = wire.int64();
    else if (tag === 129) bounds.push(wire.double());
    else if (tag === 130) readPacked(wire, () => bounds.push(wire.double()));
    else if (tag === 136) start = wire.int64();
    else if (!readSide(wire, tag, 8, negative) && !readSide(wire, tag, 11, positive)) skipUnknown(wire, tag, HISTOGRAM);
  }
  const histogram: FloatHistogram = {
    resetHint: RESET_HINTS[hint] ?? "unknown",
    schema,
    zeroThreshold,
    // Ignores the zero count if its type (integer or float) differs from the type of the count, which determines the
    // type of the histogram.
    zeroCount: integer === integerZeros ? zeroCount : 0,
    count,
    sum: sum[0],
    positiveSpans: positive.spans,
    positiveBuckets: countsOf(positive, integer),
    negativeSpans: negative.spans,
    negativeBuckets: countsOf(negative, integer),
    customBounds: schema === CUSTOM_BUCKETS_SCHEMA || bounds.length > 0 ? Float64Array.from(bounds) : undefined,
    integer,
    stale: isStaleAt(sumWords, 0),
  };
  return { histogram, timestamp, start };
}

const countsOf = ({ deltas, counts }: WireSide, integer: boolean): Float64Array =>
  Float64Array.from(integer ? absoluteCounts(deltas) : counts);
