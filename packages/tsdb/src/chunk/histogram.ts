import { type CounterResetHint, type FloatHistogram, type Span, STALE_HIGH, STALE_LOW } from "@narthex/model";
import { CUSTOM_BUCKETS_SCHEMA } from "@narthex/model";
import { BitBuffer, BitCursor, newWindow, type XorWindow } from "./bit-buffer.ts";
import { layOut } from "./histogram-order.ts";
import type { ChunkHeader, HistogramShape } from "./histogram-shape.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM } from "./xor.ts";
import { StartTimeReader, StartTimeWriter } from "./start-times.ts";

const HEADER_BITS: Readonly<Record<ChunkHeader, number>> = {
  unknown: 0,
  "not-reset": 0x40,
  reset: 0x80,
  gauge: 0xc0,
};

const words = new DataView(new ArrayBuffer(8));

/** Encoding state of a float field that is stored as the XOR with its previous value. */
interface XorField {
  readonly words: Uint32Array;
  readonly window: XorWindow;
}

const xorField = (): XorField => ({ words: new Uint32Array(2), window: newWindow() });

/** Encoding state of a whole number that is stored as a delta of deltas. */
interface DodField {
  value: number;
  delta: number;
}

/**
 * Writes one histogram chunk in Prometheus' encoding 2 (integer counts) or 3 (float counts). All histograms of a chunk
 * have one shape (resolution and buckets). For a histogram of another shape, the caller begins a new chunk or encodes
 * the current chunk again.
 */
export class HistogramWriter {
  readonly shape: HistogramShape;
  readonly header: ChunkHeader;
  readonly integer: boolean;
  readonly buffer = new BitBuffer();
  count = 0;
  stale = false;
  readonly #time: DodField = { value: 0, delta: 0 };
  readonly #whole: DodField[];
  readonly #floats: XorField[];
  readonly #sum = xorField();
  readonly #starts: StartTimeWriter | undefined;

  /** @param withStart whether encoding 5 or 6 is written, which contain start timestamps */
  constructor(shape: HistogramShape, header: ChunkHeader, integer: boolean, withStart = false) {
    this.#starts = withStart ? new StartTimeWriter() : undefined;
    this.shape = shape;
    this.header = header;
    this.integer = integer;
    const fields = 2 + spanLength(shape.positiveSpans) + spanLength(shape.negativeSpans);
    this.#whole = integer ? Array.from({ length: fields }, () => ({ value: 0, delta: 0 })) : [];
    this.#floats = integer ? [] : Array.from({ length: fields }, xorField);
    this.buffer.bits(0, 24);
    this.#writeHeader();
    writeShape(this.buffer, shape);
  }

  get withStart(): boolean {
    return this.#starts !== undefined;
  }

  /** @param start time in ms when the counts of the histogram began at zero; 0 if unknown */
  append(timestamp: number, histogram: FloatHistogram, start = 0): void {
    const first = this.count === 0;
    this.stale = histogram.stale === true;
    this.#dod(this.#time, timestamp, first);
    if (this.integer) this.#appendWhole(histogram, first);
    else this.#appendFloat(histogram, first);
    this.#starts?.append(this.buffer, this.count, timestamp, start);
    this.count++;
    this.#writeHeader();
  }

  #writeHeader(): void {
    const { bytes } = this.buffer;
    const flags = HEADER_BITS[this.header];
    bytes[0] = (this.count >>> 8) | (this.#starts === undefined ? 0 : flags);
    bytes[1] = this.count;
    bytes[2] = this.#starts?.header ?? flags;
  }

  #appendWhole(histogram: FloatHistogram, first: boolean): void {
    const [count, zeroCount, ...buckets] = this.#whole;
    if (this.stale) {
      for (const field of [count!, zeroCount!]) {
        if (first) this.buffer.varbitUint(0);
        else this.buffer.varbitInt(0);
        if (first) field.value = 0;
      }
      this.#writeSum(histogram, first);
      return;
    }
    this.#dod(count!, histogram.count, first, true);
    this.#dod(zeroCount!, histogram.zeroCount, first, true);
    this.#writeSum(histogram, first);
    let field = 0;
    for (const side of [histogram.positiveBuckets, histogram.negativeBuckets]) {
      let neighbour = 0;
      for (const bucket of side) {
        this.#bucket(buckets[field++]!, bucket - neighbour, first);
        neighbour = bucket;
      }
    }
  }

  #appendFloat(histogram: FloatHistogram, first: boolean): void {
    const [count, zeroCount, ...buckets] = this.#floats;
    this.#xor(count!, this.stale ? 0 : histogram.count, first);
    this.#xor(zeroCount!, this.stale ? 0 : histogram.zeroCount, first);
    this.#writeSum(histogram, first);
    if (this.stale) return;
    let field = 0;
    for (const bucket of histogram.positiveBuckets) this.#xor(buckets[field++]!, bucket, first);
    for (const bucket of histogram.negativeBuckets) this.#xor(buckets[field++]!, bucket, first);
  }

  /** Writes the value of the first sample, then a delta, then deltas of deltas. */
  #dod(field: DodField, value: number, first: boolean, unsigned = false): void {
    if (first) {
      if (unsigned) this.buffer.varbitUint(value);
      else this.buffer.varbitInt(value);
    } else {
      const delta = value - field.value;
      this.buffer.varbitInt(delta - field.delta);
      field.delta = delta;
    }
    field.value = value;
  }

  #bucket(field: DodField, value: number, first: boolean): void {
    this.#dod(field, value, first);
  }

  #writeSum(histogram: FloatHistogram, first: boolean): void {
    if (histogram.stale === true) this.#xorWords(this.#sum, STALE_HIGH, STALE_LOW, first);
    else this.#xor(this.#sum, histogram.sum, first);
  }

  #xor(field: XorField, value: number, first: boolean): void {
    words.setFloat64(0, value);
    this.#xorWords(field, words.getUint32(0), words.getUint32(4), first);
  }

  #xorWords(field: XorField, high: number, low: number, first: boolean): void {
    if (first) this.buffer.words(high, low);
    else this.buffer.xor(high ^ field.words[0]!, low ^ field.words[1]!, field.window);
    field.words[0] = high;
    field.words[1] = low;
  }
}

const spanLength = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.length, 0);

function writeShape(buffer: BitBuffer, shape: HistogramShape): void {
  writeZeroThreshold(buffer, shape.zeroThreshold);
  buffer.varbitInt(shape.schema);
  for (const spans of [shape.positiveSpans, shape.negativeSpans]) {
    buffer.varbitUint(spans.length);
    for (const { offset, length } of spans) {
      buffer.varbitUint(length);
      buffer.varbitInt(offset);
    }
  }
  if (shape.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  const bounds = shape.customBounds ?? new Float64Array(0);
  buffer.varbitUint(bounds.length);
  for (const bound of bounds) {
    const thousandths = bound * 1000;
    if (thousandths >= 0 && thousandths <= 33_554_430 && Number.isInteger(thousandths)) {
      buffer.varbitUint(thousandths + 1);
    } else {
      buffer.bits(0, 1);
      buffer.float(bound);
    }
  }
}

/** Writes the zero threshold of a histogram. 0 and powers of two take one byte: their exponent plus 243. */
function writeZeroThreshold(buffer: BitBuffer, threshold: number): void {
  const exponent = threshold > 0 ? Math.round(Math.log2(threshold)) + 1 : NaN;
  if (threshold === 0) buffer.bits(0, 8);
  else if (exponent >= -242 && exponent <= 11 && 2 ** (exponent - 1) === threshold) buffer.bits(exponent + 243, 8);
  else {
    buffer.bits(255, 8);
    buffer.float(threshold);
  }
}

function readShape(cursor: BitCursor): HistogramShape {
  const code = cursor.bits(8);
  const zeroThreshold = code === 0 ? 0 : code === 255 ? cursor.float() : 2 ** (code - 244);
  const schema = cursor.varbitInt();
  const positiveSpans = readSpans(cursor);
  const negativeSpans = readSpans(cursor);
  if (schema !== CUSTOM_BUCKETS_SCHEMA) {
    return { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds: undefined };
  }
  const customBounds = Float64Array.from({ length: countOf(cursor) }, () => {
    const thousandths = cursor.varbitUint();
    return thousandths === 0 ? cursor.float() : (thousandths - 1) / 1000;
  });
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customBounds };
}

/**
 * Reads the length of a list. Each item takes at least one bit, so a length above the number of remaining bits is
 * invalid.
 */
function countOf(cursor: BitCursor): number {
  const count = cursor.varbitUint();
  if (count > cursor.rest)
    throw new RangeError(`${count} spans or bounds do not fit into ${cursor.rest} bits of a histogram chunk`);
  return count;
}

function readSpans(cursor: BitCursor): Span[] {
  return Array.from({ length: countOf(cursor) }, () => {
    const length = cursor.varbitUint();
    return { length, offset: cursor.varbitInt() };
  });
}

/**
 * Number of Prometheus' encoding for integer histograms with start timestamps. These chunks have a different header,
 * and a start timestamp follows each sample.
 */
export const ENCODING_HISTOGRAM_ST = 5;
export const ENCODING_FLOAT_HISTOGRAM_ST = 6;

/** Callback for each decoded histogram. The callback may keep the histogram object. */
export type HistogramVisitor = (timestamp: number, histogram: FloatHistogram, start: number) => void;

/**
 * Decodes the first `count` histograms of a chunk. The first histogram of a counter's chunk has an unknown reset hint.
 * Later histograms have "not-reset", since a counter reset always begins a new chunk.
 */
export function readHistograms(
  bytes: Uint8Array,
  start: number,
  count: number,
  integer: boolean,
  visit: HistogramVisitor,
): void {
  readSamples(bytes, start, count, integer, bytes[start + 2]!, undefined, visit);
}

/** Decodes a chunk of encoding 5 or 6 as readHistograms() does. */
export function readHistogramsWithStart(
  bytes: Uint8Array,
  start: number,
  count: number,
  integer: boolean,
  visit: HistogramVisitor,
): void {
  readSamples(bytes, start, count, integer, bytes[start]!, new StartTimeReader(bytes[start + 2]!), visit);
}

/** Returns the number of the encoding for histograms with integer or float counts, with or without start timestamps. */
export function histogramEncoding(integer: boolean, withStart: boolean): number {
  if (withStart) return integer ? ENCODING_HISTOGRAM_ST : ENCODING_FLOAT_HISTOGRAM_ST;
  return integer ? ENCODING_HISTOGRAM : ENCODING_FLOAT_HISTOGRAM;
}

/** Encodes the histograms of a chunk again for a shape with more buckets. Returns the new writer. */
export function recodeHistograms(writer: HistogramWriter, shape: HistogramShape): HistogramWriter {
  const { buffer, count, header, integer, withStart } = writer;
  const wide = new HistogramWriter(shape, header, integer, withStart);
  const append: HistogramVisitor = (time, histogram, start) => wide.append(time, layOut(histogram, shape), start);
  if (withStart) readHistogramsWithStart(buffer.bytes, 0, count, integer, append);
  else readHistograms(buffer.bytes, 0, count, integer, append);
  return wide;
}

/** Returns whether chunks of this encoding contain histograms. */
export const isHistogramEncoding = (encoding: number): boolean =>
  encoding === ENCODING_HISTOGRAM ||
  encoding === ENCODING_FLOAT_HISTOGRAM ||
  encoding === ENCODING_HISTOGRAM_ST ||
  encoding === ENCODING_FLOAT_HISTOGRAM_ST;

/**
 * Returns the number of samples of a chunk, from its header. Histogram chunks with start timestamps have 14 bits for
 * the number, other chunks 16.
 */
export function countOfSamples(bytes: Uint8Array, start: number, encoding: number): number {
  const count = (bytes[start]! << 8) | bytes[start + 1]!;
  return encoding >= ENCODING_HISTOGRAM_ST ? count & 0x3fff : count;
}

function readSamples(
  bytes: Uint8Array,
  start: number,
  count: number,
  integer: boolean,
  flags: number,
  starts: StartTimeReader | undefined,
  visit: HistogramVisitor,
): void {
  const gauge = (flags & 0xc0) === 0xc0;
  const cursor = new BitCursor(bytes, start + 3);
  const shape = readShape(cursor);
  const buckets = spanLength(shape.positiveSpans) + spanLength(shape.negativeSpans);
  if (buckets > cursor.rest)
    throw new RangeError(`${buckets} buckets do not fit into ${cursor.rest} bits of a histogram chunk`);
  const reader = integer ? new WholeReader(cursor, shape) : new FloatReader(cursor, shape);
  for (let i = 0; i < count; i++) {
    reader.next(i === 0);
    if (cursor.rest < 0) throw new RangeError(`a histogram chunk of ${count} samples ends in sample ${i}`);
    starts?.next(cursor, i, reader.time.value);
    const resetHint: CounterResetHint = gauge ? "gauge" : i === 0 ? "unknown" : "not-reset";
    visit(reader.time.value, reader.histogram(resetHint), starts?.start ?? 0);
  }
}

abstract class SampleReader {
  readonly time: DodField = { value: 0, delta: 0 };
  protected readonly cursor: BitCursor;
  protected readonly shape: HistogramShape;
  protected readonly sum = xorField();
  protected readonly positiveCount: number;
  protected readonly fieldCount: number;
  protected stale = false;

  constructor(cursor: BitCursor, shape: HistogramShape) {
    this.cursor = cursor;
    this.shape = shape;
    this.positiveCount = spanLength(shape.positiveSpans);
    this.fieldCount = this.positiveCount + spanLength(shape.negativeSpans);
  }

  abstract next(first: boolean): void;
  abstract histogram(resetHint: CounterResetHint): FloatHistogram;

  protected dod(field: DodField, first: boolean, unsigned = false): void {
    if (first) {
      field.value = unsigned ? this.cursor.varbitUint() : this.cursor.varbitInt();
      return;
    }
    field.delta += this.cursor.varbitInt();
    field.value += field.delta;
  }

  protected xor(field: XorField, first: boolean): void {
    if (first) {
      field.words[0] = this.cursor.bits(32);
      field.words[1] = this.cursor.bits(32);
    } else this.cursor.xor(field.words, field.window);
  }

  protected readSum(first: boolean): void {
    this.xor(this.sum, first);
    this.stale = this.sum.words[0] === STALE_HIGH && this.sum.words[1] === STALE_LOW;
  }

  protected build(
    resetHint: CounterResetHint,
    integer: boolean,
    count: number,
    zeroCount: number,
    buckets: Float64Array,
  ): FloatHistogram {
    const { shape, positiveCount } = this;
    if (this.stale) return { ...shape, ...STALE_FIELDS, resetHint, integer };
    return {
      resetHint,
      schema: shape.schema,
      zeroThreshold: shape.zeroThreshold,
      zeroCount,
      count,
      sum: numberOf(this.sum),
      positiveSpans: shape.positiveSpans,
      positiveBuckets: buckets.subarray(0, positiveCount),
      negativeSpans: shape.negativeSpans,
      negativeBuckets: buckets.subarray(positiveCount),
      customBounds: shape.customBounds,
      integer,
    };
  }
}

const STALE_FIELDS = {
  zeroCount: 0,
  count: 0,
  sum: NaN,
  positiveSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  stale: true,
} as const;

class WholeReader extends SampleReader {
  readonly #count: DodField = { value: 0, delta: 0 };
  readonly #zeroCount: DodField = { value: 0, delta: 0 };
  readonly #buckets: DodField[] = Array.from({ length: this.fieldCount }, () => ({ value: 0, delta: 0 }));

  override next(first: boolean): void {
    this.dod(this.time, first);
    this.dod(this.#count, first, true);
    this.dod(this.#zeroCount, first, true);
    this.readSum(first);
    if (!this.stale) for (const bucket of this.#buckets) this.dod(bucket, first);
  }

  override histogram(resetHint: CounterResetHint): FloatHistogram {
    const buckets = new Float64Array(this.fieldCount);
    for (let i = 0; i < buckets.length; i++) {
      const neighbour = i === 0 || i === this.positiveCount ? 0 : buckets[i - 1]!;
      buckets[i] = neighbour + this.#buckets[i]!.value;
    }
    return this.build(resetHint, true, this.#count.value, this.#zeroCount.value, buckets);
  }
}

class FloatReader extends SampleReader {
  readonly #count = xorField();
  readonly #zeroCount = xorField();
  readonly #buckets: XorField[] = Array.from({ length: this.fieldCount }, xorField);

  override next(first: boolean): void {
    this.dod(this.time, first);
    this.xor(this.#count, first);
    this.xor(this.#zeroCount, first);
    this.readSum(first);
    if (!this.stale) for (const bucket of this.#buckets) this.xor(bucket, first);
  }

  override histogram(resetHint: CounterResetHint): FloatHistogram {
    const buckets = Float64Array.from(this.#buckets, numberOf);
    return this.build(resetHint, false, numberOf(this.#count), numberOf(this.#zeroCount), buckets);
  }
}

function numberOf(field: XorField): number {
  words.setUint32(0, field.words[0]!);
  words.setUint32(4, field.words[1]!);
  return words.getFloat64(0);
}
