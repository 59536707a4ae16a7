import { WIRE_FIXED64, WIRE_LENGTH } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import { MAX_PART_VALUES, partTooLarge } from "../../message-limits.ts";
import { HISTOGRAM_POINT } from "../message/otlp-messages.ts";
import { readUnsigned, unsignedOf } from "../message/wire-times.ts";
import { COUNT_SERIES, FIRST_OF_LAYOUT, SUM_SERIES } from "../translation/otlp-labels.ts";
import { sparseBuckets } from "./bucket-layout.ts";
import { ByteRun } from "./byte-run.ts";
import { NativeWriter } from "./native-writer.ts";
import { readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import { PointFields } from "./point-fields.ts";
import type { PointContext, PointReader } from "./point-reader.ts";

const SHAPE = { message: HISTOGRAM_POINT, attributes: 74, flags: 80, exemplars: 66 };

/**
 * Reads OTLP's histograms with explicit bounds (HistogramDataPoint). Stores each as a classic histogram (sum, count and
 * buckets), or as a native histogram with custom buckets.
 */
export class HistogramPoints implements PointReader {
  readonly #context: PointContext;
  readonly #native: NativeWriter | undefined;
  readonly #fields: PointFields;
  readonly #countBytes = new ByteRun();
  readonly #boundBytes = new ByteRun();
  #counts = new Float64Array(16);
  #countLength = 0;
  #count = 0;
  #sum: number | undefined;
  /**
   * Encoded bounds of the previous data point, including +Inf, and the layout number under which these bounds are
   * stored.
   */
  #layoutBytes = new Uint8Array(new Float64Array([Infinity]).buffer);
  #layout = -1;

  /** @param toCustomBuckets true to store native histograms with custom buckets */
  constructor(context: PointContext, toCustomBuckets: boolean) {
    this.#context = context;
    this.#fields = new PointFields(context, SHAPE, (tag) => this.#readOwn(tag));
    this.#native = toCustomBuckets ? new NativeWriter(context) : undefined;
  }

  /** Begins a request. Forgets the layout numbers of the previous request, because they may have changed. */
  begin(): void {
    this.#layout = -1;
  }

  read(start: number, end: number): string | undefined {
    const { wire, view, deltas } = this.#context;
    const fields = this.#fields;
    this.#countBytes.reset(wire.bytes, view);
    this.#boundBytes.reset(wire.bytes, view);
    this.#count = 0;
    this.#sum = undefined;
    fields.read(start, end);
    this.#readCounts();
    if (deltas !== undefined && !this.#addUp()) return undefined;
    fields.settle();
    if (this.#native !== undefined) return this.#native.write(fields, this.#customBuckets());
    const first = this.#writeClassic();
    if (fields.exemplars.length === 0) return undefined;
    const exemplars = readExemplars(wire, fields.exemplars);
    if (exemplars === undefined) return UNSUPPORTED_EXEMPLAR;
    this.#placeExemplars(first, exemplars);
    return undefined;
  }

  #readOwn(tag: number): boolean {
    const { wire } = this.#context;
    if (tag === 33) this.#count = readUnsigned(wire);
    else if (tag === 41) this.#sum = wire.double();
    else if (tag === 50 || tag === 49) this.#takeNumbers(tag, this.#countBytes);
    else if (tag === 58 || tag === 57) this.#takeNumbers(tag, this.#boundBytes);
    else if (tag === 89 || tag === 97) wire.double();
    else return false;
    return true;
  }

  /** Reads 64-bit numbers of fixed width: a packed list or a single number. */
  #takeNumbers(tag: number, into: ByteRun): void {
    const { wire } = this.#context;
    let from = wire.at;
    if ((tag & 7) === WIRE_LENGTH) {
      const end = wire.range();
      from = wire.start;
      // Reads the last number to its end if the given length ends within the number.
      wire.seek(from, wire.end);
      while (wire.at < end) wire.skip(WIRE_FIXED64);
    } else wire.skip(tag);
    into.add(wire.bytes, from, wire.at);
  }

  #readCounts(): void {
    const { view, start, length } = this.#countBytes;
    const size = length / 8;
    // Checks the number of bounds, so one is subtracted from the number of counts. The last count belongs to the bucket
    // +Inf, which has no encoded bound.
    if (Math.max(size - 1, this.#boundBytes.length / 8) > MAX_PART_VALUES) throw partTooLarge();
    if (size > this.#counts.length) this.#counts = new Float64Array(size * 2);
    this.#countLength = size;
    for (let i = 0, at = start; i < size; i++, at += 8) {
      this.#counts[i] = unsignedOf(view.getUint32(at, true), view.getUint32(at + 4, true));
    }
  }

  /** Number of bounds that have a count. */
  get #boundCount(): number {
    return Math.min(this.#boundBytes.length / 8, this.#countLength);
  }

  #bound(i: number): number {
    return this.#boundBytes.view.getFloat64(this.#boundBytes.start + i * 8, true);
  }

  /** Stores the data point as a classic histogram. Returns the number of the histogram's first series. */
  #writeClassic(): number {
    const fields = this.#fields;
    const bounds = this.#boundCount;
    const first = fields.references(this.#layoutOf(bounds), FIRST_OF_LAYOUT + bounds + 1);
    if (this.#sum !== undefined) fields.write(first + SUM_SERIES, this.#sum);
    fields.write(first + COUNT_SERIES, this.#count);
    let cumulative = 0;
    for (let i = 0; i < bounds; i++) {
      cumulative += this.#counts[i]!;
      fields.write(first + FIRST_OF_LAYOUT + i, cumulative);
    }
    fields.write(first + FIRST_OF_LAYOUT + bounds, this.#count);
    return first;
  }

  /**
   * Returns the layout number under which the data point's bounds are stored. Fast if the bounds equal those of the
   * previous data point, as they usually do.
   */
  #layoutOf(bounds: number): number {
    const size = bounds * 8;
    const { bytes, start } = this.#boundBytes;
    const known = this.#layoutBytes;
    let isKnown = this.#layout >= 0 && known.length === size + 8;
    for (let i = 0; isKnown && i < size; i++) isKnown = known[i] === bytes[start + i];
    if (isKnown) return this.#layout;
    this.#layoutBytes = new Uint8Array(size + 8);
    this.#layoutBytes.set(bytes.subarray(start, start + size));
    new DataView(this.#layoutBytes.buffer).setFloat64(size, Infinity, true);
    return (this.#layout = this.#context.references.layout(this.#layoutBytes, 0, size + 8));
  }

  /** Adds each exemplar to the series of the first bucket whose upper bound is not below the exemplar's value. */
  #placeExemplars(first: number, exemplars: readonly Exemplar[]): void {
    const bounds = Array.from({ length: this.#boundCount }, (_, i) => i).sort(
      (a, b) => this.#bound(a) - this.#bound(b),
    );
    for (const exemplar of exemplars) {
      const bucket = bounds.find((i) => exemplar.value <= this.#bound(i));
      if (bucket === undefined && Number.isNaN(exemplar.value)) continue;
      this.#context.writer.exemplars(first + FIRST_OF_LAYOUT + (bucket ?? this.#boundCount), [exemplar]);
    }
  }

  #customBuckets(): FloatHistogram {
    const counts = this.#counts.subarray(0, this.#countLength);
    let empty = counts.findIndex((count) => count !== 0);
    if (empty < 0) empty = counts.length;
    const { spans, counts: buckets } = sparseBuckets(counts.subarray(empty), empty, 0, 0);
    return {
      resetHint: this.#context.isDelta ? "gauge" : "unknown",
      schema: CUSTOM_BUCKETS_SCHEMA,
      zeroThreshold: 0,
      zeroCount: 0,
      count: this.#count,
      sum: this.#sum ?? 0,
      positiveSpans: spans,
      positiveBuckets: buckets,
      negativeSpans: [],
      negativeBuckets: new Float64Array(),
      customBounds: Float64Array.from({ length: this.#boundBytes.length / 8 }, (_, i) => this.#bound(i)),
      integer: true,
    };
  }

  /**
   * Replaces the data point, which is a difference, by the sum of its stream. Returns false if the point is left out.
   */
  #addUp(): boolean {
    const { deltas, attributes } = this.#context;
    const sum = deltas!.histogram(attributes, {
      ...this.#fields.delta,
      bounds: Float64Array.from({ length: this.#boundBytes.length / 8 }, (_, i) => this.#bound(i)),
      counts: this.#counts.slice(0, this.#countLength),
      count: this.#count,
      sum: this.#sum,
    });
    if (sum === undefined) return false;
    this.#counts = sum.counts.slice();
    this.#countLength = sum.counts.length;
    this.#count = sum.count;
    this.#sum = sum.sum;
    this.#fields.become(sum);
    return true;
  }
}
