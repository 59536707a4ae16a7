import { unzigzag } from "@narthex/bytes";
import { STALE_HIGH, STALE_LOW } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";
import { BitCursor } from "./bit-buffer.ts";
import { StartTimeReader } from "./start-times.ts";

/** Number of the encoding in Prometheus, which writes it if `chunk_encoding.floats` is xor2. */
export const ENCODING_XOR2 = 4;

/**
 * Decodes the first `count` samples of an XOR2 chunk, and adds those with minTime ≤ t ≤ maxTime to `into`. XOR2 is like
 * XOR, but has a common prefix for time and value, a code for stale markers, and start timestamps. Throws RangeError if
 * the chunk has too few bytes for the samples.
 */
export function readXor2(
  bytes: Uint8Array,
  start: number,
  count: number,
  minTime: number,
  maxTime: number,
  into: SampleColumns,
): void {
  const reader = new Xor2Reader(new BitCursor(bytes, start + 3));
  const starts = new StartTimeReader(bytes[start + 2]!);
  into.reserve(into.count + count);
  for (let i = 0; i < count; i++) {
    reader.next(i);
    starts.next(reader.cursor, i, reader.time);
    if (reader.cursor.rest < 0) throw new RangeError(`a chunk of ${count} samples ends in sample ${i}`);
    if (reader.time > maxTime) break;
    if (reader.time < minTime) continue;
    into.pushFloat(reader.time, reader.words, 0);
    into.setStart(starts.start);
  }
}

class Xor2Reader {
  readonly cursor: BitCursor;
  time = 0;
  /** The two 32-bit words of the current value, low word first. */
  readonly words = new Uint32Array(2);
  #delta = 0;
  /** Newest value that is not a stale marker, high word first. The next value is stored as the XOR with this value. */
  readonly #known = new Uint32Array(2);
  #leading = 0;
  #width = 64;

  constructor(cursor: BitCursor) {
    this.cursor = cursor;
  }

  next(index: number): void {
    const { cursor } = this;
    if (index === 0) {
      this.time = unzigzag(cursor.uvarint());
      const high = cursor.bits(32);
      const low = cursor.bits(32);
      if (high === STALE_HIGH && low === STALE_LOW) this.#stale();
      else this.#value(high, low);
      return;
    }
    if (index === 1) {
      this.#delta = cursor.uvarint();
      this.time += this.#delta;
      this.#anyValue();
    } else this.#joint();
  }

  /** Reads a prefix that describes time and value together. */
  #joint(): void {
    const { cursor } = this;
    let prefix = 0;
    while (prefix < 5 && cursor.bits(1) === 1) prefix++;
    if (prefix === 2) this.#delta += signed(cursor.bits(13), 13);
    else if (prefix === 3) this.#delta += signed(cursor.bits(20), 20);
    else if (prefix === 4) this.#delta += (cursor.bits(32) | 0) * 2 ** 32 + cursor.bits(32);
    this.time += this.#delta;
    if (prefix === 0) this.#same();
    else if (prefix === 5) this.#stale();
    else if (prefix > 1) this.#anyValue();
    else {
      if (cursor.bits(1) === 1) this.#newWindow();
      this.#changed();
    }
  }

  #anyValue(): void {
    const { cursor } = this;
    if (cursor.bits(1) === 0) {
      this.#same();
      return;
    }
    if (cursor.bits(1) === 1) {
      if (cursor.bits(1) === 1) {
        this.#stale();
        return;
      }
      this.#newWindow();
    }
    this.#changed();
  }

  #newWindow(): void {
    this.#leading = this.cursor.bits(5);
    this.#width = this.cursor.bits(6) || 64;
  }

  /** Reads the bits of the window and XORs them with the newest value that is not a stale marker. */
  #changed(): void {
    const { cursor } = this;
    const shift = 64 - this.#leading - this.#width;
    const top = this.#width > 32 ? cursor.bits(this.#width - 32) : 0;
    const bottom = cursor.bits(Math.min(this.#width, 32));
    const high = shift >= 32 ? bottom << (shift - 32) : shift === 0 ? top : (top << shift) | (bottom >>> (32 - shift));
    const low = shift >= 32 ? 0 : bottom << shift;
    this.#value(this.#known[0]! ^ high, this.#known[1]! ^ low);
  }

  #value(high: number, low: number): void {
    this.#known[0] = high;
    this.#known[1] = low;
    this.#same();
  }

  #same(): void {
    this.words[1] = this.#known[0]!;
    this.words[0] = this.#known[1]!;
  }

  #stale(): void {
    this.words[1] = STALE_HIGH;
    this.words[0] = STALE_LOW;
  }
}

/** Decodes a number in two's complement. */
const signed = (bits: number, size: number): number => (bits >= 2 ** (size - 1) ? bits - 2 ** size : bits);
