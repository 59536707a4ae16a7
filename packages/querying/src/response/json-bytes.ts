import { formatSampleValue } from "@narthex/model";
import { SAMPLES_AT_ONCE, type SampleTimes, sampleWriter } from "./sample-writer.ts";

/** Upper bound of the length of a number's text, bytes. */
const NUMBER_ROOM = 32;
/** Maximum number of UTF-8 bytes for one UTF-16 unit of a text. */
const BYTES_PER_UNIT = 3;
/** Largest size in bytes of a buffer that is kept for the next response. */
const MAX_KEPT = 512 * 1024;
/** Limit below which whole numbers are written digit by digit. */
const SMALL = 1e9;
const ZERO = 0x30;
const MINUS = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTED = 0x20;
const LAST_ASCII = 0x7f;

/** Bytes that follow the value of each sample. */
const END_OF_SAMPLE = new TextEncoder().encode('"]');
/** Value in the array `present` that means a float. */
const FLOAT = 1;

const encoder = new TextEncoder();

/** Writes JSON as bytes. Samples are written without creating strings or copying. */
export class JsonBytes {
  length = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #lastValue = NaN;
  /** Positions in the buffer of the start and the end of the last written value. */
  #lastFrom = 0;
  #lastTo = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Returns the written bytes in a separate buffer, and empties this object. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.length);
    this.clear();
    return taken;
  }

  /** Returns a view of the written bytes, valid until the next write. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  /** Removes the written bytes. Keeps the buffer for reuse, unless it is very large. */
  clear(): void {
    this.length = 0;
    this.#lastFrom = this.#lastTo = 0;
    if (this.#bytes.length > MAX_KEPT) this.#bytes = new Uint8Array(MAX_KEPT);
  }

  text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT);
    this.length += encoder.encodeInto(text, this.#bytes.subarray(this.length)).written;
  }

  /** Writes a short ASCII text. Faster than text(). */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /**
   * Writes a text as a JSON string in quotes. A text without escapes, which is the usual case, is written without
   * creating a string.
   */
  quoted(text: string): void {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < FIRST_PRINTED || code > LAST_ASCII || code === QUOTE || code === BACKSLASH) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  /** Copies the bytes of `source` from `from` up to `to`, which are already encoded JSON. Used for repeated texts. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    this.length = at;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = byte;
  }

  /** Writes an integer below 1000 as three digits. */
  threeDigits(value: number): void {
    this.#reserve(3);
    const tens = (value / 10) | 0;
    const hundreds = (value / 100) | 0;
    this.#bytes[this.length++] = ZERO + hundreds;
    this.#bytes[this.length++] = ZERO + tens - hundreds * 10;
    this.#bytes[this.length++] = ZERO + value - tens * 10;
  }

  /** Writes the value of a sample as the API prints it, without quotes. */
  value(value: number): void {
    this.#reserve(NUMBER_ROOM);
    const from = this.length;
    if (value === this.#lastValue && value !== 0 && this.#lastTo > this.#lastFrom) this.#repeat();
    else if (Number.isInteger(value) && value < SMALL && value > -SMALL && value !== 0) this.#whole(value);
    else if (sampleWriter !== undefined) this.length = sampleWriter.value(value, this.#bytes, from);
    else this.ascii(formatSampleValue(value));
    this.#lastValue = value;
    this.#lastFrom = from;
    this.#lastTo = this.length;
  }

  /** Writes the float samples of a series with their times, separated by commas. */
  samples(values: Float64Array, present: Uint8Array, times: SampleTimes): void {
    if (sampleWriter === undefined) {
      this.#samplesOneByOne(values, present, times);
      return;
    }
    let skip = 1;
    for (let from = 0; from < present.length; from += SAMPLES_AT_ONCE) {
      const to = Math.min(present.length, from + SAMPLES_AT_ONCE);
      const written = sampleWriter.samples(values, present, times, from, to, skip);
      this.#reserve(written.length);
      this.#bytes.set(written, this.length);
      this.length += written.length;
      if (written.length > 0) skip = 0;
    }
  }

  #samplesOneByOne(values: Float64Array, present: Uint8Array, { bytes, ends }: SampleTimes): void {
    // Number of bytes to skip, so that the first sample has no comma before it.
    let skip = 1;
    for (let i = 0; i < present.length; i++) {
      if (present[i] !== FLOAT) continue;
      this.copy(bytes, ends[i]! + skip, ends[i + 1]!);
      skip = 0;
      this.value(values[i]!);
      this.copy(END_OF_SAMPLE, 0, END_OF_SAMPLE.length);
    }
  }

  #repeat(): void {
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = this.#lastFrom; i < this.#lastTo; i++) bytes[at++] = bytes[i]!;
    this.length = at;
  }

  #whole(value: number): void {
    const bytes = this.#bytes;
    if (value < 0) bytes[this.length++] = MINUS;
    let rest = Math.abs(value) | 0;
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits++;
    this.length += digits;
    for (let at = this.length - 1; digits > 0; digits--) {
      const next = (rest / 10) | 0;
      bytes[at--] = ZERO + rest - next * 10;
      rest = next;
    }
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.length + count, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.length));
    this.#bytes = bytes;
  }
}
