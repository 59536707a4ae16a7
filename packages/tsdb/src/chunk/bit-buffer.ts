import { highWord, lowWord, readBits, writeBits } from "@narthex/bytes";

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Window of meaningful bits in which a field's last XORed value was stored (Gorilla compression). Before the first
 * value there is no window.
 */
export interface XorWindow {
  leading: number;
  trailing: number;
}

export function newWindow(): XorWindow {
  return { leading: 0xff, trailing: 0 };
}

/**
 * Numbers of bits in Prometheus' varbit format, by class. A number of class k is coded as k one bits, a zero bit
 * (except in the last class) and the given number of bits.
 */
const VARBIT_SIZES = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const;

/** A growing bit stream. Its methods write the fields of histogram chunks. */
export class BitBuffer {
  bytes = new Uint8Array(256);
  position = 0;

  get byteLength(): number {
    return (this.position + 7) >>> 3;
  }

  bits(value: number, count: number): void {
    if (this.byteLength + 8 > this.bytes.length) {
      const bytes = new Uint8Array(this.bytes.length * 2);
      bytes.set(this.bytes);
      this.bytes = bytes;
    }
    this.position = writeBits(this.bytes, this.position, value, count);
  }

  /** Writes a float as its 64 bits. */
  float(value: number): void {
    scratch.setFloat64(0, value);
    this.words(scratch.getUint32(0), scratch.getUint32(4));
  }

  /** Writes an unsigned varint byte by byte into the bit stream. */
  uvarint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bits((rest % 128) | 128, 8);
    this.bits(rest, 8);
  }

  words(high: number, low: number): void {
    this.bits(high, 32);
    this.bits(low, 32);
  }

  /** Writes a signed number in Prometheus' varbit format, in which numbers of small magnitude take few bits. */
  varbitInt(value: number): void {
    let kind = 0;
    while (kind < 8 && !fitsSigned(value, VARBIT_SIZES[kind]!)) kind++;
    this.#varbit(value, kind);
  }

  varbitUint(value: number): void {
    let kind = 0;
    while (kind < 8 && value >= 2 ** VARBIT_SIZES[kind]!) kind++;
    this.#varbit(value, kind);
  }

  #varbit(value: number, kind: number): void {
    if (kind < 8) this.bits(2 ** (kind + 1) - 2, kind + 1);
    else this.bits(0xff, 8);
    const size = VARBIT_SIZES[kind]!;
    if (size > 32) {
      this.bits(highWord(value), size - 32);
      this.bits(lowWord(value), 32);
    } else if (size > 0) this.bits(value, size);
  }

  /** Writes a float as the XOR with the previous value. `high` and `low` are the two 32-bit words of the XOR. */
  xor(high: number, low: number, window: XorWindow): void {
    if ((high | low) === 0) {
      this.bits(0, 1);
      return;
    }
    const leading = Math.min(31, high === 0 ? 32 + Math.clz32(low) : Math.clz32(high));
    const trailing = low === 0 ? 32 + countTrailingZeros(high) : countTrailingZeros(low);
    if (window.leading !== 0xff && leading >= window.leading && trailing >= window.trailing) this.bits(2, 2);
    else {
      window.leading = leading;
      window.trailing = trailing;
      this.bits(0x1800 | (leading << 6) | ((64 - leading - trailing) & 63), 13);
    }
    this.window(high, low, window);
  }

  /** Writes the bits of a 64-bit value (two words) that are inside the window. */
  window(high: number, low: number, window: XorWindow): void {
    const count = 64 - window.leading - window.trailing;
    const shift = window.trailing;
    const top = shift >= 32 ? 0 : high >>> shift;
    const bottom = shift >= 32 ? high >>> (shift - 32) : shift === 0 ? low : (low >>> shift) | (high << (32 - shift));
    if (count > 32) this.bits(top, count - 32);
    this.bits(bottom, Math.min(count, 32));
  }
}

function countTrailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function fitsSigned(value: number, size: number): boolean {
  return size === 0 ? value === 0 : value >= -(2 ** (size - 1) - 1) && value <= 2 ** (size - 1);
}

/** Reads the fields that BitBuffer wrote. */
export class BitCursor {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, startByte: number) {
    this.#bytes = bytes;
    this.#at = startByte * 8;
  }

  /** Number of bits that are not read yet. Negative if a read went beyond the end; missing bits were read as zeros. */
  get rest(): number {
    return this.#bytes.length * 8 - this.#at;
  }

  bits(count: number): number {
    const value = readBits(this.#bytes, this.#at, count);
    this.#at += count;
    return value;
  }

  /** Reads an unsigned varint of at most ten bytes from the bit stream. */
  uvarint(): number {
    let value = 0;
    for (let scale = 1, byte = 128; byte >= 128 && scale <= 2 ** 63; scale *= 128) {
      byte = this.bits(8);
      value += (byte & 127) * scale;
    }
    return value;
  }

  float(): number {
    scratch.setUint32(0, this.bits(32));
    scratch.setUint32(4, this.bits(32));
    return scratch.getFloat64(0);
  }

  varbitInt(): number {
    const size = this.#varbitSize();
    if (size === 0) return 0;
    if (size === 64) return (this.bits(32) | 0) * 2 ** 32 + this.bits(32);
    if (size === 56) {
      // Applies the sign to the upper half first, because a double cannot represent all 56-bit numbers exactly.
      const high = this.bits(24);
      const low = this.bits(32);
      const negative = high > 0x800000 || (high === 0x800000 && low > 0);
      return (negative ? high - 0x1000000 : high) * 2 ** 32 + low;
    }
    const value = this.bits(size);
    return value > 2 ** (size - 1) ? value - 2 ** size : value;
  }

  varbitUint(): number {
    const size = this.#varbitSize();
    if (size === 0) return 0;
    return size > 32 ? this.bits(size - 32) * 2 ** 32 + this.bits(32) : this.bits(size);
  }

  #varbitSize(): number {
    let kind = 0;
    while (kind < 8 && this.bits(1) === 1) kind++;
    return VARBIT_SIZES[kind]!;
  }

  /**
   * Reads a float that BitBuffer.xor() wrote. On entry, `value` has the words (high, low) of the previous float; on
   * return, the words of the float that was read.
   */
  xor(value: Uint32Array, window: XorWindow): void {
    if (this.bits(1) === 0) return;
    if (this.bits(1) === 1) {
      window.leading = this.bits(5);
      window.trailing = 64 - window.leading - (this.bits(6) || 64);
    }
    const count = 64 - window.leading - window.trailing;
    const shift = window.trailing;
    const top = count > 32 ? this.bits(count - 32) : 0;
    const bottom = this.bits(Math.min(count, 32));
    if (shift >= 32) value[0] = value[0]! ^ (bottom << (shift - 32));
    else if (shift === 0) {
      value[0] = value[0]! ^ top;
      value[1] = value[1]! ^ bottom;
    } else {
      value[0] = value[0]! ^ ((bottom >>> (32 - shift)) | (top << shift));
      value[1] = value[1]! ^ (bottom << shift);
    }
  }
}
