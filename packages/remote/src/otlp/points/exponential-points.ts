import type { FloatHistogram } from "@narthex/model";
import { EXPONENTIAL_POINT } from "../message/otlp-messages.ts";
import { readUnsigned } from "../message/wire-times.ts";
import { sparseBuckets } from "./bucket-layout.ts";
import { BucketList } from "./dense-buckets.ts";
import type { ExponentialBuckets } from "./delta-buckets.ts";
import { NativeWriter } from "./native-writer.ts";
import { PointFields } from "./point-fields.ts";
import type { PointContext, PointReader } from "./point-reader.ts";

const SHAPE = { message: EXPONENTIAL_POINT, attributes: 10, flags: 80, exemplars: 90 };

/** Lowest and highest resolution of native histograms. */
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;
/** Width of the zero bucket if the data point does not contain it. */
const ZERO_THRESHOLD = 1e-128;

/** Reads OTLP's exponential histograms (ExponentialHistogramDataPoint) as native histograms. */
export class ExponentialPoints implements PointReader {
  readonly #context: PointContext;
  readonly #fields: PointFields;
  readonly #native: NativeWriter;
  #scale = 0;
  #count = 0;
  #zeroCount = 0;
  #zeroThreshold = 0;
  #sum: number | undefined;
  readonly #positive = new BucketList();
  readonly #negative = new BucketList();

  constructor(context: PointContext) {
    this.#context = context;
    this.#fields = new PointFields(context, SHAPE, (tag) => this.#readOwn(tag));
    this.#native = new NativeWriter(context);
  }

  read(start: number, end: number): string | undefined {
    const fields = this.#fields;
    this.#scale = this.#count = this.#zeroCount = this.#zeroThreshold = 0;
    this.#sum = undefined;
    this.#positive.clear();
    this.#negative.clear();
    fields.read(start, end);
    const buckets = this.#context.deltas === undefined ? this.#sent : this.#addUp();
    if (buckets === undefined) return undefined;
    fields.settle();
    if (buckets.scale < MIN_SCHEMA) {
      return `cannot convert exponential to native histogram. Scale must be >= ${MIN_SCHEMA}, was ${buckets.scale}`;
    }
    return this.#native.write(fields, this.#histogram(buckets));
  }

  /** The buckets of the current data point, valid until the next data point is read. */
  get #sent(): ExponentialBuckets {
    return {
      scale: this.#scale,
      zeroThreshold: this.#zeroThreshold,
      zeroCount: this.#zeroCount,
      positive: this.#positive.buckets,
      negative: this.#negative.buckets,
    };
  }

  #histogram({ scale, zeroCount, positive, negative }: ExponentialBuckets): FloatHistogram {
    const scaleDown = Math.max(scale - MAX_SCHEMA, 0);
    const above = sparseBuckets(positive.counts, positive.offset, scaleDown, 1);
    const below = sparseBuckets(negative.counts, negative.offset, scaleDown, 1);
    return {
      resetHint: this.#context.isDelta ? "gauge" : "unknown",
      schema: scale - scaleDown,
      zeroThreshold: ZERO_THRESHOLD,
      zeroCount,
      count: this.#count,
      sum: this.#sum ?? 0,
      positiveSpans: above.spans,
      positiveBuckets: above.counts,
      negativeSpans: below.spans,
      negativeBuckets: below.counts,
      customBounds: undefined,
      integer: true,
    };
  }

  #readOwn(tag: number): boolean {
    const { wire } = this.#context;
    if (tag === 41) this.#sum = wire.double();
    else if (tag === 48) this.#scale = wire.sint32();
    else if (tag === 66) this.#positive.read(wire);
    else if (tag === 74) this.#negative.read(wire);
    else if (tag === 33) this.#count = readUnsigned(wire);
    else if (tag === 57) this.#zeroCount = readUnsigned(wire);
    else if (tag === 97 || tag === 105) wire.double();
    else if (tag === 113) this.#zeroThreshold = wire.double();
    else return false;
    return true;
  }

  /** Adds the data point to its stream. Returns the sum of the stream; undefined if the point is left out. */
  #addUp(): ExponentialBuckets | undefined {
    const { deltas, attributes } = this.#context;
    const sum = deltas!.exponential(attributes, {
      ...this.#fields.delta,
      ...this.#sent,
      positive: this.#positive.copy(),
      negative: this.#negative.copy(),
      count: this.#count,
      sum: this.#sum,
    });
    if (sum === undefined) return undefined;
    this.#count = sum.count;
    this.#sum = sum.sum;
    this.#fields.become(sum);
    return sum;
  }
}
