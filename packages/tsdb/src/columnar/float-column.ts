import type { ByteWriter } from "@narthex/bytes";
import { type ColumnCursor, IntegerColumnWriter, MAX_WHOLE, readIntegers, readUvarint } from "./integer-column.ts";

/** Code, in a column's first byte, for a column in which all values are equal. */
const CONSTANT = 0x10;
/** Code for a column that stores decimal numbers as whole numbers. */
const DECIMALS = 0x20;
/** Code for a column that stores the changed bits of each double. */
const BITS = 0x30;
/** Mask for the power of ten of decimals, in a column's first byte. */
const POWER = 0x0f;
/** Flag of the first byte: some values are stored as exceptions, in a separate list. */
const EXCEPTIONS = 0x40;

/** The powers of ten by which decimals are scaled. */
const TEN = Float64Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
/**
 * Divisor for the limit of exceptions: at most n / 16 + 1 of n values may be stored in the separate list. A column with
 * more exceptions does not use decimals.
 */
const EXCEPTION_SHARE = 16;
const BYTES_OF_DOUBLE = 8;
const EXCEPTION_BITS = 80;

/**
 * Encodes columns of doubles without loss. A column has one of three forms: one value that all samples have, the
 * digits of decimals as whole numbers, or the changed bits of each double in planes of bytes. A column of decimals may
 * have exceptions, which are values that are no decimals (stale markers and other NaN, infinities, -0). The exceptions
 * are listed separately.
 */
export class FloatColumnWriter {
  readonly #integers: IntegerColumnWriter;
  readonly #digits: Float64Array;
  readonly #histogram = new Uint32Array(256);
  readonly #exceptions: number[] = [];

  /** @param capacity largest number of values of a column */
  constructor(capacity: number) {
    this.#integers = new IntegerColumnWriter(capacity);
    this.#digits = new Float64Array(capacity);
  }

  /** Writes values[from, to), at least one value. `words` is a view of the memory of `values`. */
  write(values: Float64Array, words: Uint32Array, from: number, to: number, out: ByteWriter): void {
    if (isConstant(words, from, to)) {
      out.u8(CONSTANT);
      putWords(words, from, out);
      return;
    }
    const power = this.#powerOf(values, words, from, to);
    // Decimals must save at least one bit per value, because decoding them needs additional memory. Otherwise the
    // column stores doubles.
    if (power < 0 || this.#decimalCost(to - from) > this.#bitsCost(words, from, to) + (to - from)) {
      out.u8(BITS);
      writeBits(words, from, to, out);
      return;
    }
    out.u8(DECIMALS | power | (this.#exceptions.length > 0 ? EXCEPTIONS : 0));
    this.#integers.write(this.#digits, to - from, out);
    if (this.#exceptions.length > 0) this.#list(words, from, out);
  }

  /**
   * Finds the power of ten and the digits of all values except the exceptions. Returns -1 if the column cannot be
   * stored as decimals.
   */
  #powerOf(values: Float64Array, words: Uint32Array, from: number, to: number): number {
    const exceptions = this.#exceptions;
    exceptions.length = 0;
    const most = Math.floor((to - from) / EXCEPTION_SHARE) + 1;
    let power = 0;
    for (let i = from; i < to; i++) {
      const found = isPlain(values[i]!, words, i) ? minPower(values[i]!, power) : -1;
      if (found > power) power = found;
      else if (found < 0 && exceptions.push(i - from) > most) return -1;
    }
    if (exceptions.length === to - from) return -1;
    return this.#takeDigits(values, from, to, power) ? power : -1;
  }

  /**
   * Scales all values by one power of ten, so that they become whole numbers. Returns false if a number is too large.
   */
  #takeDigits(values: Float64Array, from: number, to: number, power: number): boolean {
    const [digits, exceptions] = [this.#digits, this.#exceptions];
    const factor = TEN[power]!;
    let next = 0;
    // An exception gets the digits of its neighbour, because repeated digits compress well.
    let digit = this.#firstDigits(values, from, factor);
    for (let i = from; i < to; i++) {
      if (exceptions[next] === i - from) next++;
      else {
        digit = Math.round(values[i]! * factor);
        if (Math.abs(digit) > MAX_WHOLE || digit / factor !== values[i]!) return false;
      }
      digits[i - from] = digit;
    }
    return true;
  }

  #firstDigits(values: Float64Array, from: number, factor: number): number {
    const exceptions = this.#exceptions;
    let first = 0;
    while (exceptions[first] === first) first++;
    return Math.round(values[from + first]! * factor);
  }

  #decimalCost(count: number): number {
    return this.#integers.cost(this.#digits, count) + this.#exceptions.length * EXCEPTION_BITS;
  }

  #bitsCost(words: Uint32Array, from: number, to: number): number {
    let bits = 0;
    for (let plane = 0; plane < BYTES_OF_DOUBLE; plane++) {
      const histogram = this.#histogram.fill(0);
      const word = plane < 4 ? 0 : 1;
      const shift = (plane % 4) * 8;
      for (let i = from, before = 0; i < to; i++) {
        const present = words[2 * i + word]!;
        histogram[((present ^ before) >>> shift) & 255]!++;
        before = present;
      }
      for (const times of histogram) if (times > 0) bits -= times * Math.log2(times / (to - from));
    }
    return bits;
  }

  #list(words: Uint32Array, from: number, out: ByteWriter): void {
    out.uvarint(this.#exceptions.length);
    let before = 0;
    for (const at of this.#exceptions) {
      out.uvarint(at - before);
      before = at;
      putWords(words, from + at, out);
    }
  }
}

/**
 * Reads `count` values of a column that FloatColumnWriter wrote, and stores them in values[start…]. `words` is a view
 * of the memory of `values`. Throws RangeError if the content is invalid.
 */
export function readFloats(
  cursor: ColumnCursor,
  count: number,
  values: Float64Array,
  words: Uint32Array,
  start: number,
): void {
  const head = cursor.bytes[cursor.at++]!;
  const kind = head & 0x30;
  if (kind === CONSTANT) {
    readWords(cursor, words, start);
    for (let i = start + 1; i < start + count; i++) {
      words[2 * i] = words[2 * start]!;
      words[2 * i + 1] = words[2 * start + 1]!;
    }
    return;
  }
  if (kind === BITS) {
    readBits(cursor, count, words, start);
    return;
  }
  if (kind !== DECIMALS) throw new RangeError(`unknown kind ${head} of a column`);
  readIntegers(cursor, count, values, start);
  const divisor = TEN[head & POWER]!;
  if (divisor !== 1) for (let i = start; i < start + count; i++) values[i]! /= divisor;
  if ((head & EXCEPTIONS) === 0) return;
  const exceptions = readUvarint(cursor);
  for (let i = 0, at = 0; i < exceptions; i++) {
    at += readUvarint(cursor);
    if (at >= count) throw new RangeError(`exception ${at} is outside of a column of ${count} values`);
    readWords(cursor, words, start + at);
  }
}

function isConstant(words: Uint32Array, from: number, to: number): boolean {
  const [first, second] = [words[2 * from], words[2 * from + 1]];
  for (let i = from + 1; i < to; i++) if (words[2 * i] !== first || words[2 * i + 1] !== second) return false;
  return true;
}

/** Returns whether a value is finite and not -0. */
const isPlain = (value: number, words: Uint32Array, i: number): boolean =>
  Number.isFinite(value) && (value !== 0 || (words[2 * i] === 0 && words[2 * i + 1] === 0));

/**
 * Returns the smallest power of ten, at least `from`, that turns a value into a whole number from which the value can
 * be restored exactly. Returns -1 if no power does.
 */
function minPower(value: number, from: number): number {
  for (let power = from; power < TEN.length; power++) {
    const factor = TEN[power]!;
    const digits = Math.round(value * factor);
    if (Math.abs(digits) > MAX_WHOLE) return -1;
    if (digits / factor === value) return power;
  }
  return -1;
}

/** Writes for each double the bits that differ from the previous double. */
function writeBits(words: Uint32Array, from: number, to: number, out: ByteWriter): void {
  const count = to - from;
  out.reserve(BYTES_OF_DOUBLE * count);
  const { bytes } = out;
  for (let plane = 0; plane < BYTES_OF_DOUBLE; plane++) {
    const at = out.length + plane * count - from;
    const word = plane < 4 ? 0 : 1;
    const shift = (plane % 4) * 8;
    for (let i = from, before = 0; i < to; i++) {
      const present = words[2 * i + word]!;
      bytes[at + i] = (present ^ before) >>> shift;
      before = present;
    }
  }
  out.length += BYTES_OF_DOUBLE * count;
}

function readBits(cursor: ColumnCursor, count: number, words: Uint32Array, start: number): void {
  const { bytes, at } = cursor;
  cursor.at += BYTES_OF_DOUBLE * count;
  if (cursor.at > bytes.length) throw new RangeError(`a column of ${count} doubles is cut off`);
  for (let half = 0; half < 2; half++) {
    const first = at + half * 4 * count;
    for (let i = 0, before = 0; i < count; i++) {
      const from = first + i;
      before ^=
        bytes[from]! |
        (bytes[from + count]! << 8) |
        (bytes[from + 2 * count]! << 16) |
        (bytes[from + 3 * count]! << 24);
      words[2 * (start + i) + half] = before;
    }
  }
}

function putWords(words: Uint32Array, i: number, out: ByteWriter): void {
  out.f64Words(words[2 * i + 1]!, words[2 * i]!);
}

function readWords(cursor: ColumnCursor, words: Uint32Array, i: number): void {
  words[2 * i + 1] = cursor.view.getUint32(cursor.at);
  words[2 * i] = cursor.view.getUint32(cursor.at + 4);
  cursor.at += 8;
}
