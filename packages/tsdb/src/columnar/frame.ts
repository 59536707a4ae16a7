import { wordsOf } from "@narthex/model";
import { AGGREGATE_COLUMNS, type SampleAggregates, type SampleColumns } from "@narthex/storage";
import { readFloats } from "./float-column.ts";
import { type ColumnCursor, readUvarint } from "./integer-column.ts";

/** Number that identifies our columnar chunk encoding. Prometheus numbers its encodings from 1. */
export const ENCODING_COLUMNS = 200;
/** Largest number of samples in a columnar chunk. */
export const MAX_CHUNK_SAMPLES = 2560;
/** Largest number of chunks in a frame. A chunk reference has only 12 bits for the chunk's number in its frame. */
export const MAX_FRAME_CHUNKS = 4096;
/** Size in bytes at which a frame is full. The last frame of a group or of a day may be smaller. */
export const FRAME_BYTES = 1 << 17;

/**
 * Time column number that means "no time column". A chunk in Prometheus' encoding has this number, because it contains
 * its own times.
 */
export const NO_TIMES = 0xffff;
/** Size in bytes of a frame's start, which has the number of chunks and the number of time columns. */
export const HEAD_BYTES = 4;
export const OFFSET_BYTES = 4;
export const TIMES_BYTES = 2;
/**
 * Number of decoded time columns that a frame caches. Consecutive reads of a target's series use the columns of only a
 * few time windows.
 */
const KEPT_TIMES = 8;

/** The decoded times of one time column. */
interface Times {
  readonly number: number;
  readonly times: Float64Array;
}

/**
 * A decompressed frame: chunks of neighbouring series, which share time columns. Layout, little-endian: the number of
 * chunks and of time columns (u16 each), the offsets of the columns and the chunks (u32 each), and for each chunk the
 * number of its time column (u16). A time column is the number of samples (uvarint) and a column of doubles. A chunk is
 * a column of doubles. A chunk of aggregates has a column of doubles for each of AGGREGATE_COLUMNS and the times of the
 * last samples, which read() returns as samples. A chunk in Prometheus' encoding is the number of the encoding and the
 * data.
 */
export class Frame {
  readonly bytes: Uint8Array;
  readonly chunkCount: number;
  readonly #view: DataView;
  readonly #timesCount: number;
  /** Decoded time columns. The most recently used is the last. */
  readonly #kept: Times[] = [];
  #keptBytes = 0;

  /** Reads the header of a frame. Throws RangeError if the bytes are not a frame. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.chunkCount = this.#view.getUint16(0, true);
    this.#timesCount = this.#view.getUint16(2, true);
    if (this.#end() > bytes.length) throw new RangeError(`a frame of ${bytes.length} bytes is cut off`);
  }

  /** Memory of the frame in bytes, including the times that the next read may decode. */
  get byteLength(): number {
    const next = this.#kept.length < this.#timesCount ? MAX_CHUNK_SAMPLES * Float64Array.BYTES_PER_ELEMENT : 0;
    return this.bytes.length + this.#keptBytes + next;
  }

  /** Returns the position in the frame at which a chunk's data begins. */
  startOf(chunk: number): number {
    return this.#view.getUint32(HEAD_BYTES + (this.#timesCount + chunk) * OFFSET_BYTES, true);
  }

  endOf(chunk: number): number {
    return chunk + 1 === this.chunkCount ? this.bytes.length : this.startOf(chunk + 1);
  }

  /**
   * Returns the encoding of a chunk: ENCODING_COLUMNS, or the number of Prometheus' encoding, which precedes the data.
   */
  encodingOf(chunk: number): number {
    return this.#timesOf(chunk) === NO_TIMES ? this.bytes[this.startOf(chunk)]! : ENCODING_COLUMNS;
  }

  sampleCount(chunk: number): number {
    return this.#times(this.#timesOf(chunk)).length;
  }

  /** Adds the samples of a columnar chunk with from ≤ t ≤ to to `into`. Throws RangeError if the content is invalid. */
  read(chunk: number, from: number, to: number, into: SampleColumns): void {
    const times = this.#times(this.#timesOf(chunk));
    const count = times.length;
    const first = placeOf(times, from);
    const end = to === Infinity ? count : placeOf(times, to, true);
    if (first >= end) return;
    const start = into.count;
    into.reserve(start + count);
    readFloats(this.#cursor(this.startOf(chunk)), count, into.values, into.valueWords, start);
    if (first > 0) into.valueWords.copyWithin(2 * start, 2 * (start + first), 2 * (start + end));
    into.timestamps.set(first === 0 && end === count ? times : times.subarray(first, end), start);
    into.count += end - first;
  }

  /**
   * Adds the rows with from ≤ time ≤ to of a chunk of aggregates to `into`. Throws RangeError if the content is
   * invalid.
   */
  readAggregates(chunk: number, from: number, to: number, into: SampleAggregates): void {
    const times = this.#times(this.#timesOf(chunk));
    const count = times.length;
    const first = placeOf(times, from);
    const end = to === Infinity ? count : placeOf(times, to, true);
    if (first >= end) return;
    const start = into.rows;
    into.reserve(start + count);
    const cursor = this.#cursor(this.startOf(chunk));
    for (const name of AGGREGATE_COLUMNS) {
      const column = into[name];
      readFloats(cursor, count, column, wordsOf(column), start);
      if (first > 0) column.copyWithin(start, start + first, start + end);
    }
    into.time.set(first === 0 && end === count ? times : times.subarray(first, end), start);
    into.rows = start + end - first;
  }

  #end(): number {
    return HEAD_BYTES + this.#timesCount * OFFSET_BYTES + this.chunkCount * (OFFSET_BYTES + TIMES_BYTES);
  }

  #cursor(at: number): ColumnCursor {
    return { bytes: this.bytes, view: this.#view, at };
  }

  #timesOf(chunk: number): number {
    const columns = HEAD_BYTES + (this.#timesCount + this.chunkCount) * OFFSET_BYTES;
    return this.#view.getUint16(columns + chunk * TIMES_BYTES, true);
  }

  #times(number: number): Float64Array {
    const known = this.#kept.find((kept) => kept.number === number);
    if (known !== undefined) return known.times;
    if (number >= this.#timesCount) throw new RangeError(`a frame has no column of times with the number ${number}`);
    const cursor = this.#cursor(this.#view.getUint32(HEAD_BYTES + number * OFFSET_BYTES, true));
    const count = readUvarint(cursor);
    if (count === 0 || count > MAX_CHUNK_SAMPLES) throw new RangeError(`a chunk cannot have ${count} samples`);
    const times = new Float64Array(count);
    readFloats(cursor, count, times, wordsOf(times), 0);
    if (this.#kept.length === KEPT_TIMES) this.#keptBytes -= this.#kept.shift()!.times.byteLength;
    this.#kept.push({ number, times });
    this.#keptBytes += times.byteLength;
    return times;
  }
}

/**
 * Returns the number of elements in `times` that are before `time`. With `inclusive`, also counts elements equal to
 * `time`.
 */
function placeOf(times: Float64Array, time: number, inclusive = false): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time || (inclusive && times[middle] === time)) low = middle + 1;
    else high = middle;
  }
  return low;
}
