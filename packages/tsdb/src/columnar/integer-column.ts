import { type ByteWriter, unzigzag } from "@narthex/bytes";

/** Mode that stores each whole number as the difference from the smallest number. */
const OFFSETS = 0;
/** Mode that stores each whole number as the difference from the previous number. */
const DELTAS = 1;
/**
 * Mode that stores for each whole number how its difference from the previous number differs from the previous
 * difference.
 */
const DELTAS_OF_DELTAS = 2;
const MODES = [OFFSETS, DELTAS, DELTAS_OF_DELTAS] as const;

/**
 * Largest magnitude of a number in a column. Up to this magnitude, differences of numbers, and differences of these
 * differences, are exact as doubles.
 */
export const MAX_WHOLE = 2 ** 51;
const MAX_WIDTH = 7;
const WORD = 2 ** 32;

type Mode = (typeof MODES)[number];

interface Form {
  readonly mode: Mode;
  /** Number of bytes that each number takes. */
  readonly width: number;
  /** Estimated size after compression, bits. */
  readonly cost: number;
}

/**
 * Writes columns of whole numbers as planes of bytes: first the lowest byte of each number, then the next byte of each,
 * up to the width of the largest number. Similar numbers have equal bytes in a plane, which compress well.
 */
export class IntegerColumnWriter {
  /** The numbers as stored in each of the three modes. Their magnitude is at most 2^53. */
  readonly #stored: readonly [Float64Array, Float64Array, Float64Array];
  readonly #histogram = new Uint32Array(256);

  /** @param capacity largest number of elements of a column */
  constructor(capacity: number) {
    this.#stored = [new Float64Array(capacity), new Float64Array(capacity), new Float64Array(capacity)];
  }

  /** Writes the first `count` (at least one) elements as a column. Their magnitude must be at most MAX_WHOLE. */
  write(numbers: Float64Array, count: number, out: ByteWriter): void {
    const form = this.#choose(numbers, count);
    const stored = this.#stored[form.mode];
    out.u8((form.mode << 4) | form.width);
    out.varint(form.mode === OFFSETS ? numbers[0]! - stored[0]! : numbers[0]!);
    if (form.mode === DELTAS_OF_DELTAS) out.varint(count > 1 ? numbers[1]! - numbers[0]! : 0);
    writePlanes(stored, firstStored(form.mode), count, form.width, out);
  }

  /** Returns the estimated size in bits of the elements as a compressed column. */
  cost(numbers: Float64Array, count: number): number {
    return this.#choose(numbers, count).cost;
  }

  #choose(numbers: Float64Array, count: number): Form {
    const [offsets, deltas, changes] = this.#stored;
    let least = numbers[0]!;
    for (let i = 1; i < count; i++) if (numbers[i]! < least) least = numbers[i]!;
    let before = 0;
    for (let i = 0; i < count; i++) {
      offsets[i] = numbers[i]! - least;
      const delta = i === 0 ? 0 : numbers[i]! - numbers[i - 1]!;
      deltas[i] = zigzag(delta);
      changes[i] = i < 2 ? 0 : zigzag(delta - before);
      before = delta;
    }
    let best: Form | undefined;
    for (const mode of MODES) {
      const form = this.#form(mode, count);
      if (form !== undefined && (best === undefined || form.cost < best.cost)) best = form;
    }
    return best!;
  }

  /**
   * Returns the encoding of the column in a mode. Undefined if the numbers to store are too large, which cannot happen
   * with OFFSETS.
   */
  #form(mode: Mode, count: number): Form | undefined {
    const stored = this.#stored[mode];
    let most = 0;
    for (let i = 0; i < count; i++) if (stored[i]! > most) most = stored[i]!;
    if (most > Number.MAX_SAFE_INTEGER) return undefined;
    let width = 0;
    for (let rest = most; rest > 0; rest = Math.floor(rest / 256)) width++;
    if (width > MAX_WIDTH) return undefined;
    let cost = 0;
    for (let plane = 0; plane < width; plane++) cost += this.#entropy(stored, firstStored(mode), count, plane);
    return { mode, width, cost };
  }

  /** Returns the entropy of the bytes in a plane, bits: an estimate of their compressed size. */
  #entropy(stored: Float64Array, from: number, count: number, plane: number): number {
    const histogram = this.#histogram.fill(0);
    const divisor = 256 ** plane;
    if (plane === 0) for (let i = from; i < count; i++) histogram[byteOf(stored[i]!)]!++;
    else for (let i = from; i < count; i++) histogram[byteOf(Math.floor(stored[i]! / divisor))]!++;
    let bits = 0;
    for (const times of histogram) if (times > 0) bits -= times * Math.log2(times / (count - from));
    return bits;
  }
}

/**
 * Returns the index of the first number that is stored in planes. Earlier numbers are written in full before the
 * planes, because they have no predecessor from which to compute a difference.
 */
const firstStored = (mode: number): number => mode;

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Returns the lowest byte of a whole number below 2^53. */
const byteOf = (value: number): number => (value < WORD ? value & 255 : (value % WORD) & 255);

function writePlanes(stored: Float64Array, from: number, count: number, width: number, out: ByteWriter): void {
  const each = Math.max(count - from, 0);
  out.reserve(width * each);
  const { bytes } = out;
  for (let plane = 0; plane < width; plane++) {
    const at = out.length + plane * each - from;
    const divisor = 256 ** plane;
    if (plane === 0) for (let i = from; i < count; i++) bytes[at + i] = byteOf(stored[i]!);
    else for (let i = from; i < count; i++) bytes[at + i] = byteOf(Math.floor(stored[i]! / divisor));
  }
  out.length += width * each;
}

/** Read position in the bytes of a frame (a group of columnar chunks). */
export interface ColumnCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/**
 * Reads `count` numbers of a column that IntegerColumnWriter.write() wrote, and stores them in into[start…]. Throws
 * RangeError if the content is invalid.
 */
export function readIntegers(cursor: ColumnCursor, count: number, into: Float64Array, start: number): void {
  const { bytes } = cursor;
  const head = cursor.bytes[cursor.at++]!;
  const [mode, width] = [head >> 4, head & 15];
  if (mode > DELTAS_OF_DELTAS || width > MAX_WIDTH) throw new RangeError(`unknown form ${head} of a column`);
  const first = readVarint(cursor);
  const step = mode === DELTAS_OF_DELTAS ? readVarint(cursor) : 0;
  const from = firstStored(mode);
  const each = Math.max(count - from, 0);
  if (cursor.at + width * each > bytes.length) throw new RangeError(`a column of ${count} numbers is cut off`);
  const at = cursor.at - from;
  cursor.at += width * each;
  if (mode === OFFSETS) readOffsets(bytes, at, each, count, width, first, into, start);
  else readDeltas(bytes, at, each, count, width, mode, first, step, into, start);
}

function readOffsets(
  bytes: Uint8Array,
  at: number,
  each: number,
  count: number,
  width: number,
  least: number,
  into: Float64Array,
  start: number,
): void {
  if (width === 1) for (let i = 0; i < count; i++) into[start + i] = least + bytes[at + i]!;
  else for (let i = 0; i < count; i++) into[start + i] = least + storedAt(bytes, at + i, each, width);
}

function readDeltas(
  bytes: Uint8Array,
  at: number,
  each: number,
  count: number,
  width: number,
  mode: number,
  first: number,
  step: number,
  into: Float64Array,
  start: number,
): void {
  const [second, byDelta] = [mode === DELTAS_OF_DELTAS, mode === DELTAS];
  let value = first;
  let delta = second ? step : 0;
  into[start] = value;
  if (second && count > 1) into[start + 1] = value += delta;
  for (let i = mode; i < count; i++) {
    let change: number;
    if (width <= 3) {
      let stored = width === 0 ? 0 : bytes[at + i]!;
      if (width > 1) stored |= bytes[at + each + i]! << 8;
      if (width > 2) stored |= bytes[at + 2 * each + i]! << 16;
      change = (stored >>> 1) ^ -(stored & 1);
    } else {
      const stored = storedAt(bytes, at + i, each, width);
      change = unzigzag(stored);
    }
    if (byDelta) value += change;
    else value += delta += change;
    into[start + i] = value;
  }
}

function storedAt(bytes: Uint8Array, at: number, each: number, width: number): number {
  let low = 0;
  for (let plane = 0; plane < width && plane < 4; plane++) low |= bytes[at + plane * each]! << (8 * plane);
  let high = 0;
  for (let plane = 4; plane < width; plane++) high |= bytes[at + plane * each]! << (8 * (plane - 4));
  return high * WORD + (low >>> 0);
}

/** Reads an unsigned varint. Throws RangeError if the bytes end within the number, or if it is invalid. */
export function readUvarint(cursor: ColumnCursor): number {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 8; i++) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) break;
    value += (byte & 127) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
  throw new RangeError("a number in a frame is too long");
}

const readVarint = (cursor: ColumnCursor): number => unzigzag(readUvarint(cursor));
