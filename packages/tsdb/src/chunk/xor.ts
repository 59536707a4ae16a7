import { highWord, lowWord, MAX_VARINT_BYTES, unzigzag, uvarintSize, writeBits, writeVarint } from "@narthex/bytes";
import type { SampleColumns } from "@narthex/storage";
import { appendXor, appendXorValue, OVERRUN_BYTES, type XorWindows } from "./xor-append.ts";

/** Value of `leading` while a chunk has no window of meaningful bits. */
export const NO_WINDOW = 0xff;

/** Largest size of a sample in bytes: at most 4 + 64 bits for the time and 2 + 5 + 6 + 64 bits for the value. */
export const MAX_SAMPLE_BYTES = 19;

/** Number of bytes that must be free after a chunk before a sample is appended. */
export const APPEND_ROOM_BYTES = MAX_SAMPLE_BYTES + OVERRUN_BYTES;

/**
 * Size in bytes at which a chunk counts as full before a sample is appended. Prometheus' limit is 1024 bytes after the
 * append.
 */
export const FULL_CHUNK_BYTES = 1024 - MAX_SAMPLE_BYTES;

/** Number of Prometheus' XOR encoding for chunks of floats. */
export const ENCODING_XOR = 1;
export const ENCODING_HISTOGRAM = 2;
export const ENCODING_FLOAT_HISTOGRAM = 3;

/**
 * Appends samples to one XOR chunk in Prometheus' variant of Gorilla: the number of samples as u16, then a bit stream
 * of delta-of-delta times and XORed values. All state is in public fields, so that a head can save the state in columns
 * and load it for an append.
 */
export class XorWriter {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Byte offset in `bytes` at which the chunk begins. `size` is the largest size of the chunk. */
  start = 0;
  size = 0;
  /** Number of bits written since `start`. */
  bits = 0;
  count = 0;
  time = 0;
  delta = 0;
  high = 0;
  low = 0;
  /** Window of meaningful bits of this chunk, in row 0. */
  readonly windows: XorWindows = { leading: Uint8Array.of(NO_WINDOW), trailing: Uint8Array.of(0) };

  /** Begins an empty chunk at byte `start`. Before each append, APPEND_ROOM_BYTES must be free behind the chunk. */
  begin(bytes: Uint8Array, start: number, view?: DataView): void {
    if (view !== undefined) this.view = view;
    else if (bytes !== this.bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    this.start = start;
    this.size = bytes.length - start;
    bytes[start] = 0;
    bytes[start + 1] = 0;
    this.bits = 16;
    this.count = 0;
    this.leading = NO_WINDOW;
    this.trailing = 0;
  }

  /** Continues the chunk in another buffer, which must begin with a copy of all bytes of the chunk. */
  moveTo(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.size = bytes.length - this.start;
  }

  get byteLength(): number {
    return (this.bits + 7) >>> 3;
  }

  get leading(): number {
    return this.windows.leading[0]!;
  }

  set leading(leading: number) {
    this.windows.leading[0] = leading;
  }

  get trailing(): number {
    return this.windows.trailing[0]!;
  }

  set trailing(trailing: number) {
    this.windows.trailing[0] = trailing;
  }

  /** Appends one sample, with its value as two words. APPEND_ROOM_BYTES must be free. */
  append(time: number, high: number, low: number): void {
    const delta = time - this.time;
    let written = 0;
    if (this.count > 1) {
      const dod = delta - this.delta;
      const { view, start, bits, size, windows } = this;
      written = appendXor(view, start, bits, size, dod, high ^ this.high, low ^ this.low, windows, 0);
    }
    if (written === 0)
      written = this.count === 0 ? this.#writeFirst(time, high, low) : this.#writeRare(delta, high, low);
    this.delta = this.count === 0 ? 0 : delta;
    this.bits = written;
    this.time = time;
    this.high = high;
    this.low = low;
    const count = ++this.count;
    this.bytes[this.start] = count >>> 8;
    this.bytes[this.start + 1] = count;
  }

  #writeFirst(time: number, high: number, low: number): number {
    const at = writeVarint(this.bytes, this.start + 2, time) << 3;
    return writeBits(this.bytes, writeBits(this.bytes, at, high, 32), low, 32) - (this.start << 3);
  }

  #writeRare(delta: number, high: number, low: number): number {
    const { view, start, size, windows } = this;
    const timed = this.#writeRareTime(delta);
    return appendXorValue(view, start, timed, size, 0, 0, high ^ this.high, low ^ this.low, windows, 0);
  }

  /**
   * Writes the time of a chunk's second sample, or a time whose delta of deltas needs more than 16 bits. Returns the
   * new number of bits.
   */
  #writeRareTime(delta: number): number {
    const { bytes } = this;
    const base = this.start << 3;
    const at = base + this.bits;
    return (this.count === 1 ? writeDelta(bytes, at, delta) : writeRareDod(bytes, at, delta - this.delta)) - base;
  }
}

/** Writes a delta of deltas of times that takes more than 16 bits. */
function writeRareDod(bytes: Uint8Array, at: number, dod: number): number {
  if (dod >= -65535 && dod <= 65536) return writeBits(bytes, at, 0xc0000 | (dod & 0x1ffff), 20);
  if (dod >= -524287 && dod <= 524288) return writeBits(bytes, at, 0xe00000 | (dod & 0xfffff), 24);
  const prefixed = writeBits(bytes, at, 0xf, 4);
  return writeBits(bytes, writeBits(bytes, prefixed, highWord(dod), 32), lowWord(dod), 32);
}

/** Writes the delta of the second sample's time as an unsigned varint, which may begin within a byte. */
function writeDelta(bytes: Uint8Array, at: number, delta: number): number {
  while (delta >= 128) {
    at = writeBits(bytes, at, (delta % 128) | 128, 8);
    delta = Math.floor(delta / 128);
  }
  return writeBits(bytes, at, delta, 8);
}

/**
 * Returns the largest size of a chunk of `count` samples, including the bytes after it that a decoder may read ahead.
 */
export const maxChunkBytes = (count: number): number => 2 * MAX_VARINT_BYTES + 24 + count * MAX_SAMPLE_BYTES;

let viewed: Uint8Array = new Uint8Array(0);
let view: DataView = new DataView(viewed.buffer);
/** Buffer for a copy of a chunk. A decoder reads ahead, so a chunk with too few bytes after it is copied. */
let copied = new Uint8Array(maxChunkBytes(256));

/**
 * Makes `view` cover the bytes from `start` on and enough bytes for reading ahead. Returns the position of the chunk in
 * `view`.
 */
function viewChunk(bytes: Uint8Array, start: number, count: number): number {
  const size = maxChunkBytes(count);
  if (start + size > bytes.length) {
    if (size > copied.length) copied = new Uint8Array(size);
    const rest = bytes.subarray(start, start + size);
    copied.set(rest);
    copied.fill(0, rest.length);
    bytes = copied;
    start = 0;
  }
  if (bytes !== viewed) {
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    viewed = bytes;
  }
  return start;
}

/**
 * Decodes the first `count` (at least one) samples of the XOR chunk at byte `start`, and adds those with minTime ≤ t ≤
 * maxTime to `into`. Bytes that are not an XOR chunk decode to meaningless samples. The chunk ends before byte `end`,
 * if that is known. Throws RangeError if the samples need more bytes.
 */
export function readXor(
  bytes: Uint8Array,
  start: number,
  count: number,
  minTime: number,
  maxTime: number,
  into: SampleColumns,
  end?: number,
): void {
  into.reserve(into.count + count);
  const { timestamps, valueWords: words } = into;
  let slot = into.count;
  const begin = viewChunk(bytes, start, count);
  let at = (begin + 2) * 8;
  const from = view;
  const zigzag = readUvarint(from, at);
  at += uvarintSize(zigzag) * 8;
  let time = unzigzag(zigzag);
  let high = read32(from, at) | 0;
  let low = read32(from, at + 32) | 0;
  at += 64;
  let delta = 0;
  let [shift, width] = [0, 0];
  for (let i = 0; ;) {
    if (time > maxTime) break;
    if (time >= minTime) {
      timestamps[slot] = time;
      words[slot * 2] = low;
      words[slot * 2 + 1] = high;
      slot++;
    }
    if (++i >= count) break;
    // At least the next 25 bits, left-aligned. A value's prefix fits into them.
    let bits = from.getUint32(at >>> 3) << (at & 7);
    if (i > 1 && bits >= 0) {
      bits <<= 1;
      at++;
    } else {
      delta = i === 1 ? readUvarint(from, at) : delta + readDod(from, at, bits >>> 28);
      at += i === 1 ? uvarintSize(delta) * 8 : DOD_BITS[bits >>> 28]!;
      bits = from.getUint32(at >>> 3) << (at & 7);
    }
    time += delta;
    if (bits >= 0) {
      at++;
      continue;
    }
    if ((bits & 0x40000000) === 0) at += 2;
    else {
      width = (bits >>> 19) & 63 || 64;
      shift = 64 - width - ((bits >>> 25) & 31);
      at += 13;
    }
    let bottom = 0;
    if (width <= 24) bottom = (from.getUint32(at >>> 3) << (at & 7)) >>> (32 - width);
    else if (width <= 32) bottom = read32(from, at) >>> (32 - width);
    else {
      bottom = read32(from, at + width - 32);
      high ^= (read32(from, at) >>> (64 - width)) << shift;
    }
    at += width;
    if (shift >= 32) high ^= bottom << (shift - 32);
    else {
      low ^= bottom << shift;
      if (shift > 0) high ^= bottom >>> (32 - shift);
    }
  }
  if (end !== undefined) checkEnd(at - begin * 8, end - start, count);
  into.count = slot;
}

/**
 * Throws RangeError if a chunk of `size` bytes has fewer than `bits` bits, that is, fewer samples than its header
 * claims.
 */
export function checkEnd(bits: number, size: number, count: number): void {
  if (bits > size * 8) throw new RangeError(`a chunk of ${size} bytes ends before its ${count} samples`);
}

/** Reads 32 bits from bit `at` on as an unsigned number. */
function read32(from: DataView, at: number): number {
  const shift = at & 7;
  const word = from.getUint32(at >>> 3);
  return shift === 0 ? word : ((word << shift) | (from.getUint8((at >>> 3) + 4) >>> (8 - shift))) >>> 0;
}

/** Number of bits of an encoded delta of deltas, including its prefix, by the first four bits. */
const DOD_BITS = Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 16, 16, 16, 16, 20, 20, 24, 68);

/** Reads the delta of deltas at bit `at`. The number is not 0, and its first four bits are `prefix`. */
function readDod(from: DataView, at: number, prefix: number): number {
  if (prefix < 12) return signed(read32(from, at + 2) >>> 18, 8192, 16384);
  if (prefix < 14) return signed(read32(from, at + 3) >>> 15, 65536, 131072);
  if (prefix === 14) return signed(read32(from, at + 4) >>> 12, 524288, 1048576);
  return (read32(from, at + 4) | 0) * 2 ** 32 + read32(from, at + 36);
}

/** Reads an unsigned varint of at most ten bytes. It need not begin at a whole byte. */
function readUvarint(from: DataView, at: number): number {
  let value = 0;
  const end = at + MAX_VARINT_BYTES * 8;
  for (let scale = 1, byte = 128; byte >= 128 && at < end; scale *= 128, at += 8) {
    byte = read32(from, at) >>> 24;
    value += (byte & 127) * scale;
  }
  return value;
}

/** Converts an encoded k-bit number to a signed number. Encoded numbers above 2^(k-1) represent negative numbers. */
const signed = (bits: number, half: number, whole: number): number => (bits > half ? bits - whole : bits);
