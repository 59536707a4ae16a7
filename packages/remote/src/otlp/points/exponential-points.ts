import { MAX_PART_VALUES, partTooLarge } from "../message/otlp-body.ts";
import { skipUnknown, type WireReader } from "@narthex/bytes";
import type { FloatHistogram } from "@narthex/model";
import { sparseBuckets } from "./bucket-layout.ts";
import type { DenseBuckets } from "./delta-buckets.ts";
import { NativeWriter } from "./native-writer.ts";
import { noteRange } from "./otlp-exemplars.ts";
import { BUCKETS, EXPONENTIAL_POINT } from "../message/otlp-messages.ts";
import { NO_RECORDED_VALUE, type PointContext, type PointReader } from "./point-reader.ts";
import { millisecondsOf, nanosecondsOf, unsignedOf } from "../message/wire-times.ts";

/** Resolutions of native histograms. */
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;
/** OTLP may leave the zero bucket's width out. */
const ZERO_THRESHOLD = 1e-128;

/** Counts that the messages of a point's sides may copy, and what each message counts beside them. */
const MAX_BUCKET_WORK = 1_000_000;
const BUCKETS_WORK = 64;

const NO_BUCKETS: DenseBuckets = { offset: 0, counts: new Float64Array() };

/** Reads ExponentialHistogramDataPoint messages: native histograms. */
export class ExponentialPoints implements PointReader {
  readonly #context: PointContext;
  readonly #native: NativeWriter;
  readonly #time = new Uint32Array(2);
  readonly #start = new Uint32Array(2);
  readonly #words = new Uint32Array(2);
  readonly #exemplars: number[] = [];
  #scale = 0;
  #count = 0;
  #zeroCount = 0;
  #zeroThreshold = 0;
  #sum: number | undefined;
  #flags = 0;
  #positive = NO_BUCKETS;
  #bucketWork = 0;
  #negative = NO_BUCKETS;

  constructor(context: PointContext) {
    this.#context = context;
    this.#native = new NativeWriter(context);
  }

  read(start: number, end: number): string | undefined {
    this.#parse(start, end);
    if (this.#context.deltas !== undefined && !this.#addUp()) return undefined;
    this.#context.noteTime(this.#time[0]!, this.#time[1]!);
    if (this.#scale < MIN_SCHEMA) {
      return `cannot convert exponential to native histogram. Scale must be >= ${MIN_SCHEMA}, was ${this.#scale}`;
    }
    const timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    const begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    const isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
    return this.#native.write({ histogram: this.#histogram(), timestamp, start: begun }, isStale, this.#exemplars);
  }

  #histogram(): FloatHistogram {
    const scaleDown = Math.max(this.#scale - MAX_SCHEMA, 0);
    const positive = sparseBuckets(this.#positive.counts, this.#positive.offset, scaleDown, 1);
    const negative = sparseBuckets(this.#negative.counts, this.#negative.offset, scaleDown, 1);
    return {
      resetHint: this.#context.isDelta ? "gauge" : "unknown",
      schema: this.#scale - scaleDown,
      zeroThreshold: ZERO_THRESHOLD,
      zeroCount: this.#zeroCount,
      count: this.#count,
      sum: this.#sum ?? 0,
      positiveSpans: positive.spans,
      positiveBuckets: positive.counts,
      negativeSpans: negative.spans,
      negativeBuckets: negative.counts,
      customBounds: undefined,
      integer: true,
    };
  }

  #parse(start: number, end: number): void {
    const { wire, view, attributes } = this.#context;
    const { bytes } = wire;
    attributes.reset(bytes, view);
    this.#time.fill(0);
    this.#start.fill(0);
    this.#exemplars.length = this.#scale = this.#count = this.#zeroCount = this.#zeroThreshold = this.#flags = 0;
    this.#sum = undefined;
    this.#positive = this.#negative = NO_BUCKETS;
    this.#bucketWork = 0;
    wire.seek(start, end);
    for (let at = start; at < end; at = wire.at) {
      const tag = wire.tag(EXPONENTIAL_POINT.fields.message);
      if (tag === 10) attributes.add(bytes, at, wire.range());
      else if (tag === 17) wire.doubleWords(this.#start, 0);
      else if (tag === 25) wire.doubleWords(this.#time, 0);
      else if (tag === 41) this.#sum = wire.double();
      else if (tag === 48) this.#scale = wire.sint32();
      else if (tag === 66) this.#positive = this.#readBuckets(this.#positive);
      else if (tag === 74) this.#negative = this.#readBuckets(this.#negative);
      else if (tag === 90) noteRange(wire, this.#exemplars);
      else this.#parseSeldom(tag);
    }
  }

  #parseSeldom(tag: number): void {
    const { wire } = this.#context;
    if (tag === 33) this.#count = this.#readCount();
    else if (tag === 57) this.#zeroCount = this.#readCount();
    else if (tag === 80) this.#flags = wire.uint32();
    else if (tag === 97 || tag === 105) wire.double();
    else if (tag === 113) this.#zeroThreshold = wire.double();
    else skipUnknown(wire, tag, EXPONENTIAL_POINT.fields);
  }

  #readCount(): number {
    this.#context.wire.doubleWords(this.#words, 0);
    return unsignedOf(this.#words[0]!, this.#words[1]!);
  }

  /** @param before what an earlier message of the same field said */
  #readBuckets(before: DenseBuckets): DenseBuckets {
    const { wire } = this.#context;
    const outer = wire.end;
    const end = wire.range();
    wire.seek(wire.start, end);
    let { offset } = before;
    // Each message of the field copies what those before it said.
    this.#bucketWork += before.counts.length + BUCKETS_WORK;
    const counts = [...before.counts];
    for (let tag = wire.tag(BUCKETS.fields.message); tag !== 0; tag = wire.tag(BUCKETS.fields.message)) {
      if (tag === 8) offset = wire.sint32();
      else if (tag === 18) readPackedCounts(wire, counts);
      else if (tag === 16) counts.push(wire.uint64());
      else skipUnknown(wire, tag, BUCKETS.fields);
    }
    wire.seek(end, outer);
    if (counts.length > MAX_PART_VALUES || this.#bucketWork > MAX_BUCKET_WORK) throw partTooLarge();
    return { offset, counts: Float64Array.from(counts) };
  }

  /** Makes the point the sum of its stream so far; false where it is left out. */
  #addUp(): boolean {
    const { deltas, attributes } = this.#context;
    const sum = deltas!.exponential(attributes, {
      start: nanosecondsOf(this.#start),
      time: nanosecondsOf(this.#time),
      flags: this.#flags,
      scale: this.#scale,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      positive: this.#positive,
      negative: this.#negative,
      count: this.#count,
      sum: this.#sum,
    });
    if (sum === undefined) return false;
    this.#scale = sum.scale;
    this.#zeroCount = sum.zeroCount;
    this.#positive = sum.positive;
    this.#negative = sum.negative;
    this.#count = sum.count;
    this.#sum = sum.sum;
    this.#flags = sum.flags;
    this.#start[0] = Number(sum.start & 0xffffffffn);
    this.#start[1] = Number(sum.start >> 32n);
    if (sum.points > 1) this.#exemplars.length = 0;
    return true;
  }
}

/** A number that the length of the packed ones cuts is read to its end. */
function readPackedCounts(wire: WireReader, counts: number[]): void {
  const end = wire.range();
  wire.seek(wire.start, wire.end);
  while (wire.at < end) counts.push(wire.uint64());
}
