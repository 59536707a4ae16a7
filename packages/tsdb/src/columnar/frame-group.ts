import { ByteMap, ByteWriter } from "@narthex/bytes";
import { wordsOf } from "@narthex/model";
import { AGGREGATE_COLUMNS, type SampleAggregates, type SampleColumns } from "@narthex/storage";
import { FloatColumnWriter } from "./float-column.ts";
import {
  FRAME_BYTES,
  HEAD_BYTES,
  MAX_CHUNK_SAMPLES,
  MAX_FRAME_CHUNKS,
  NO_TIMES,
  OFFSET_BYTES,
  TIMES_BYTES,
} from "./frame.ts";

/** Size limit of a group in bytes, for its chunks and time columns. A full group accepts no further series. */
const GROUP_BYTES = 1 << 24;
/** Limit for the number of chunks in a group. A full group accepts no further series. */
const GROUP_CHUNKS = 1 << 16;
/**
 * Length of a time window, ms. All chunks of a frame begin in one window, so that a query of one day reads little data
 * of other days.
 */
const FRAME_WINDOW_MS = 24 * 3_600_000;

/** Content of a new frame: its bytes, and the numbers that its chunks have in the group, in the order of the frame. */
export interface FrameContent {
  /** Encoded frame. The bytes are valid until the next frame. */
  readonly bytes: Uint8Array;
  readonly chunks: readonly number[];
}

/**
 * Collects the chunks of neighbouring series and then distributes them to frames (groups that are compressed together)
 * by their time.
 */
export class FrameGroup {
  readonly #data = new ByteWriter(1 << 16);
  readonly #minTimes: number[] = [];
  /** End offset of each chunk's data in `#data`. */
  readonly #ends: number[] = [];
  readonly #timesOf: number[] = [];
  #times = new ByteMap();
  readonly #column = new ByteWriter();
  readonly #writer = new FloatColumnWriter(MAX_CHUNK_SAMPLES);
  readonly #frame = new ByteWriter(2 * FRAME_BYTES);

  get count(): number {
    return this.#ends.length;
  }

  get isFull(): boolean {
    return this.#data.length + this.#times.keyBytes >= GROUP_BYTES || this.count >= GROUP_CHUNKS;
  }

  /** Adds the floats with index [from, to) as one chunk of at most MAX_CHUNK_SAMPLES samples. */
  addFloats({ timestamps, values, valueWords }: SampleColumns, from: number, to: number): void {
    const times = this.#addTimes(timestamps, from, to);
    this.#writer.write(values, valueWords, from, to, this.#data);
    this.#end(times, timestamps[from]!);
  }

  /** Adds rows of aggregates (downsampled data) as one chunk. */
  addAggregates(rows: SampleAggregates, from: number, to: number): void {
    const times = this.#addTimes(rows.time, from, to);
    for (const name of AGGREGATE_COLUMNS) this.#writer.write(rows[name], wordsOf(rows[name]), from, to, this.#data);
    this.#end(times, rows.firstTime(from));
  }

  #addTimes(timestamps: Float64Array, from: number, to: number): number {
    const column = this.#column;
    column.reset();
    column.uvarint(to - from);
    this.#writer.write(timestamps, wordsOf(timestamps), from, to, column);
    return this.#times.add(column.bytes, 0, column.length);
  }

  /** Adds a chunk in Prometheus' encoding, unchanged. */
  addEncoded(bytes: Uint8Array, start: number, end: number, encoding: number, minTime: number): void {
    this.#data.u8(encoding);
    this.#data.put(bytes.subarray(start, end));
    this.#end(-1, minTime);
  }

  #end(times: number, minTime: number): void {
    this.#timesOf.push(times);
    this.#minTimes.push(minTime);
    this.#ends.push(this.#data.length);
  }

  /**
   * Yields the frames of all added chunks and empties the group. The last frame contains the last chunk, so an intact
   * last frame shows that the file is complete.
   */
  *frames(): Generator<FrameContent> {
    const windows = this.#minTimes.map((time) => Math.floor(time / FRAME_WINDOW_MS));
    const last = windows.at(-1);
    const isLast = (chunk: number): number => Number(windows[chunk] === last);
    const order = windows
      .map((_, chunk) => chunk)
      .sort((a, b) => isLast(a) - isLast(b) || windows[a]! - windows[b]! || a - b);
    for (let first = 0; first < order.length;) {
      const end = this.#frameEnd(order, first, windows);
      const chunks = order.slice(first, end);
      yield { bytes: this.#layOut(chunks), chunks };
      first = end;
    }
    this.#data.reset();
    this.#minTimes.length = 0;
    this.#ends.length = 0;
    this.#timesOf.length = 0;
    this.#times = new ByteMap();
  }

  /** Returns the index in `order` after the last chunk of the frame that begins with chunk `order[first]`. */
  #frameEnd(order: readonly number[], first: number, windows: readonly number[]): number {
    const known = new Set<number>();
    let bytes = 0;
    let end = first;
    for (; end < order.length && end - first < MAX_FRAME_CHUNKS && bytes < FRAME_BYTES; end++) {
      const chunk = order[end]!;
      if (windows[chunk] !== windows[order[first]!]) break;
      const times = this.#timesOf[chunk]!;
      bytes += this.#sizeOf(chunk) + (times < 0 || known.has(times) ? 0 : this.#times.lengthOf(times));
      known.add(times);
    }
    return end;
  }

  #layOut(chunks: readonly number[]): Uint8Array {
    const columns = [...new Set(chunks.map((chunk) => this.#timesOf[chunk]!))].filter((times) => times >= 0);
    const numbers = new Map(columns.map((times, number) => [times, number]));
    const head = HEAD_BYTES + columns.length * OFFSET_BYTES + chunks.length * (OFFSET_BYTES + TIMES_BYTES);
    const sizes = [...columns.map((times) => this.#times.lengthOf(times)), ...chunks.map((i) => this.#sizeOf(i))];
    const length = sizes.reduce((sum, size) => sum + size, head);
    const frame = this.#frame;
    frame.reset();
    frame.reserve(length);
    const view = new DataView(frame.bytes.buffer);
    view.setUint16(0, chunks.length, true);
    view.setUint16(2, columns.length, true);
    frame.length = head;
    for (const [i, times] of columns.entries()) {
      view.setUint32(HEAD_BYTES + i * OFFSET_BYTES, frame.length, true);
      frame.put(this.#times.key(times));
    }
    const offsets = HEAD_BYTES + columns.length * OFFSET_BYTES;
    for (const [i, chunk] of chunks.entries()) {
      view.setUint32(offsets + i * OFFSET_BYTES, frame.length, true);
      const times = numbers.get(this.#timesOf[chunk]!) ?? NO_TIMES;
      view.setUint16(offsets + chunks.length * OFFSET_BYTES + i * TIMES_BYTES, times, true);
      frame.put(this.#data.bytes.subarray(this.#ends[chunk - 1] ?? 0, this.#ends[chunk]));
    }
    return frame.written;
  }

  #sizeOf(chunk: number): number {
    return this.#ends[chunk]! - (this.#ends[chunk - 1] ?? 0);
  }
}
