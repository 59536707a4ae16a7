import { formatSampleValue } from "@narthex/model";

/** More than any number takes. */
const NUMBER_ROOM = 32;
/** More bytes than a UTF-16 unit of a text becomes. */
const BYTES_PER_UNIT = 3;
/** Whole numbers below are written digit by digit. */
const SMALL = 1e9;
const ZERO = 0x30;
const MINUS = 0x2d;

const encoder = new TextEncoder();

/** JSON that is written as bytes: samples cost neither a string nor a copy. */
export class JsonBytes {
  length = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #lastValue = NaN;
  /** Where the value that was written last lies. */
  #lastFrom = 0;
  #lastTo = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** What was written so far, as memory of its own; goes on empty. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.length);
    this.length = 0;
    this.#lastFrom = this.#lastTo = 0;
    return taken;
  }

  text(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT);
    this.length += encoder.encodeInto(text, this.#bytes.subarray(this.length)).written;
  }

  /** The same, faster for short texts that are known to be ASCII. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Bytes `from` to `to` of what was encoded before, for pieces that come again and again. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const bytes = this.#bytes;
    let at = this.length;
    for (let i = from; i < to; i++) bytes[at++] = source[i]!;
    this.length = at;
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = byte;
  }

  /** A sample's value as the API prints it, without quotes. */
  value(value: number): void {
    this.#reserve(NUMBER_ROOM);
    const from = this.length;
    if (value === this.#lastValue && value !== 0 && this.#lastTo > this.#lastFrom) this.#repeat();
    else if (Number.isInteger(value) && value < SMALL && value > -SMALL && value !== 0) this.#whole(value);
    else this.ascii(formatSampleValue(value));
    this.#lastValue = value;
    this.#lastFrom = from;
    this.#lastTo = this.length;
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
