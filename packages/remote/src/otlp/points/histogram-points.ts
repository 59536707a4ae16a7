import { MAX_PART_VALUES, partTooLarge } from "../message/otlp-body.ts";
import { skipUnknown, WIRE_FIXED64, WIRE_LENGTH } from "@narthex/bytes";
import { CUSTOM_BUCKETS_SCHEMA, type FloatHistogram } from "@narthex/model";
import type { Exemplar } from "@narthex/storage";
import { sparseBuckets } from "./bucket-layout.ts";
import { ByteRun } from "./byte-run.ts";
import { noteRange, readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import { COUNT_SERIES, FIRST_OF_LAYOUT, SUM_SERIES } from "../translation/otlp-labels.ts";
import { HISTOGRAM_POINT } from "../message/otlp-messages.ts";
import { NativeWriter } from "./native-writer.ts";
import { NO_RECORDED_VALUE, type PointContext, type PointReader } from "./point-reader.ts";
import { millisecondsOf, nanosecondsOf, unsignedOf } from "../message/wire-times.ts";

/**
 * Reads HistogramDataPoint messages: a classic histogram's sum, count and buckets, or a native histogram with custom
 * buckets.
 */
export class HistogramPoints implements PointReader {
  readonly #context: PointContext;
  readonly #native: NativeWriter | undefined;
  readonly #time = new Uint32Array(2);
  readonly #start = new Uint32Array(2);
  readonly #words = new Uint32Array(2);
  readonly #exemplars: number[] = [];
  /** Bytes of the counts and of the bounds. */
  readonly #countBytes = new ByteRun();
  readonly #boundBytes = new ByteRun();
  #counts = new Float64Array(16);
  #countLength = 0;
  #count = 0;
  #sum: number | undefined;
  #flags = 0;
  /** The bounds of the point before, with +Inf, as bytes, and the number of their layout. */
  #layoutBytes = new Uint8Array(new Float64Array([Infinity]).buffer);
  #layout = -1;

  /** @param toCustomBuckets write native histograms */
  constructor(context: PointContext, toCustomBuckets: boolean) {
    this.#context = context;
    this.#native = toCustomBuckets ? new NativeWriter(context) : undefined;
  }

  /** A request begins: numbers of layouts may have changed. */
  begin(): void {
    this.#layout = -1;
  }

  read(start: number, end: number): string | undefined {
    const context = this.#context;
    this.#parse(start, end);
    if (context.deltas !== undefined && !this.#addUp()) return undefined;
    context.noteTime(this.#time[0]!, this.#time[1]!);
    const isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
    const timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    const begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    if (this.#native !== undefined) {
      return this.#native.write(
        { histogram: this.#customBuckets(), timestamp, start: begun },
        isStale,
        this.#exemplars,
      );
    }
    const first = this.#writeClassic(timestamp, begun, isStale);
    if (this.#exemplars.length === 0) return undefined;
    const exemplars = readExemplars(context.wire, this.#exemplars);
    if (exemplars === undefined) return UNSUPPORTED_EXEMPLAR;
    this.#placeExemplars(first, exemplars);
    return undefined;
  }

  #parse(start: number, end: number): void {
    const { wire, view, attributes } = this.#context;
    const { bytes } = wire;
    attributes.reset(bytes, view);
    this.#countBytes.reset(bytes, view);
    this.#boundBytes.reset(bytes, view);
    this.#time.fill(0);
    this.#start.fill(0);
    this.#exemplars.length = this.#flags = this.#count = 0;
    this.#sum = undefined;
    wire.seek(start, end);
    for (let at = start; at < end; at = wire.at) {
      const tag = wire.tag(HISTOGRAM_POINT.fields.message);
      if (tag === 74) attributes.add(bytes, at, wire.range());
      else if (tag === 25) wire.doubleWords(this.#time, 0);
      else if (tag === 17) wire.doubleWords(this.#start, 0);
      else if (tag === 33) {
        wire.doubleWords(this.#words, 0);
        this.#count = unsignedOf(this.#words[0]!, this.#words[1]!);
      } else if (tag === 41) this.#sum = wire.double();
      else if (tag === 50 || tag === 49) this.#takeNumbers(tag, this.#countBytes);
      else if (tag === 58 || tag === 57) this.#takeNumbers(tag, this.#boundBytes);
      else if (tag === 66) noteRange(wire, this.#exemplars);
      else if (tag === 80) this.#flags = wire.uint32();
      else if (tag === 89 || tag === 97) wire.double();
      else skipUnknown(wire, tag, HISTOGRAM_POINT.fields);
    }
    this.#readCounts();
  }

  /** Takes numbers of 8 bytes each, packed or a single one. */
  #takeNumbers(tag: number, into: ByteRun): void {
    const { wire } = this.#context;
    let from = wire.at;
    if ((tag & 7) === WIRE_LENGTH) {
      const end = wire.range();
      from = wire.start;
      // A number that the length cuts is read to its end.
      wire.seek(from, wire.end);
      while (wire.at < end) wire.skip(WIRE_FIXED64);
    } else wire.skip(tag);
    into.add(wire.bytes, from, wire.at);
  }

  #readCounts(): void {
    const { view, start, length } = this.#countBytes;
    const size = length / 8;
    if (size > this.#counts.length) this.#counts = new Float64Array(size * 2);
    this.#countLength = size;
    for (let i = 0, at = start; i < size; i++, at += 8) {
      this.#counts[i] = unsignedOf(view.getUint32(at, true), view.getUint32(at + 4, true));
    }
  }

  /** Bounds that counts were sent for. */
  get #boundCount(): number {
    return Math.min(this.#boundBytes.length / 8, this.#countLength);
  }

  #bound(i: number): number {
    return this.#boundBytes.view.getFloat64(this.#boundBytes.start + i * 8, true);
  }

  /** @returns the number of the point's first reference */
  #writeClassic(timestamp: number, begun: number, isStale: boolean): number {
    const { references, attributes, writer, family } = this.#context;
    const bounds = this.#boundCount;
    if (bounds > MAX_PART_VALUES) throw partTooLarge();
    const layout = this.#layoutOf(bounds);
    const width = FIRST_OF_LAYOUT + bounds + 1;
    const point = references.point(family, attributes.bytes, attributes.start, attributes.end, layout, width);
    const first = references.firstOf(point);
    const write = (offset: number, value: number): void => {
      if (isStale) writer.stale(first + offset, timestamp, begun);
      else writer.value(first + offset, timestamp, begun, value);
    };
    if (this.#sum !== undefined) write(SUM_SERIES, this.#sum);
    write(COUNT_SERIES, this.#count);
    let cumulative = 0;
    for (let i = 0; i < bounds; i++) {
      cumulative += this.#counts[i]!;
      write(FIRST_OF_LAYOUT + i, cumulative);
    }
    write(FIRST_OF_LAYOUT + bounds, this.#count);
    return first;
  }

  /** Points of a metric mostly have the bounds of the point before. */
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

  /** Each exemplar belongs to the first bucket whose bound it is not above. */
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

  /** Makes the point the sum of its stream so far; false where it is left out. */
  #addUp(): boolean {
    const { deltas, attributes } = this.#context;
    const sum = deltas!.histogram(attributes, {
      start: nanosecondsOf(this.#start),
      time: nanosecondsOf(this.#time),
      flags: this.#flags,
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
    this.#flags = sum.flags;
    this.#start[0] = Number(sum.start & 0xffffffffn);
    this.#start[1] = Number(sum.start >> 32n);
    if (sum.points > 1) this.#exemplars.length = 0;
    return true;
  }
}
