import { appendXor } from "../../chunk/xor-append.ts";
import {
  APPEND_ROOM_BYTES,
  ENCODING_XOR,
  FULL_CHUNK_BYTES,
  MAX_SAMPLE_BYTES,
  NO_WINDOW,
  XorWriter,
} from "../../chunk/xor.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { PendingSamples } from "./pending-samples.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { SeriesTable } from "../memory/series-table.ts";

/** Target number of samples of a float chunk. */
export const TARGET_SAMPLES = 120;
/**
 * Length of an aligned time range, ms. A chunk never crosses the end of a range, so that blocks can begin and end
 * between chunks.
 */
export const CHUNK_RANGE_MS = 2 * 3_600_000;
/** Size in bytes of an open chunk's first memory block. Each larger block of the chunk has twice the size. */
export const FIRST_BLOCK_BYTES = 64;
/**
 * Largest magnitude of a timestamp, ms: about 70,000 years. Larger timestamps are refused, because the difference of
 * two timestamps must be exact.
 */
export const MAX_TIME_MS = 2 ** 51;

/** Returns a counter's start time, or 0 (unknown) if the start time cannot be stored. */
export const storedStart = (start: number): number => (Math.abs(start) <= MAX_TIME_MS ? start : 0);

/**
 * Returns the size of the memory block for an open chunk of `used` bytes and one more sample. Powers of two avoid
 * fragmentation.
 */
const roomFor = (used: number): number => 2 ** (32 - Math.clz32(used + MAX_SAMPLE_BYTES + 4));

/** Returns the size of a memory block, like roomFor(), for a chunk that will not grow soon. */
export const packedRoomFor = (used: number): number => ((used + MAX_SAMPLE_BYTES + 4 + 31) >>> 5) << 5;

/** Returns the end of the aligned range that contains a time. */
export const rangeEnd = (time: number, range: number = CHUNK_RANGE_MS): number =>
  Math.floor(time / range) * range + range;

/**
 * Estimates the time at which a chunk should end, so that all chunks up to the range's end `end` are equally long. The
 * chunk began at `start`, and a share of `1/ratio` of it is full at time `current`.
 */
export function chunkEnd(start: number, current: number, end: number, ratio: number): number {
  const parts = (end - start) / ((current - start + 1) * ratio);
  return parts <= 1 ? end : Math.trunc(start + (end - start) / Math.floor(parts));
}

/**
 * Returns whether a float sample at `time` must begin a new chunk. `encoding` is the encoding that the open chunk
 * should have.
 */
export function isFullFor({ at }: SeriesTable, row: SeriesRow, encoding: number, time: number): boolean {
  return (
    at.openEncoding[row] !== encoding ||
    time >= at.nextAt[row]! ||
    at.openBits[row]! > FULL_CHUNK_BYTES * 8 ||
    at.openCount[row]! >= TARGET_SAMPLES * 2
  );
}

/** Appends float samples to the open chunks of series. Chunks end at the same samples as in Prometheus. */
export class FloatChunks {
  readonly #memory: HeadMemory;
  readonly #range: number;
  readonly #writer = new XorWriter();
  created = 0;

  constructor(memory: HeadMemory, range: number = CHUNK_RANGE_MS) {
    this.#memory = memory;
    this.#range = range;
  }

  /**
   * Appends the samples from index `i` on in a fast path. Stops at a sample that is not newer than its series' last
   * sample, that is one of the first two of its chunk, or that does not fit into the chunk's block. Returns the index
   * of the first sample that was not appended.
   */
  appendRun(samples: PendingSamples, i: number, end: number): number {
    const { refs, rows, timestamps, words } = samples;
    const { at, rows: columns } = this.#memory.series;
    const { ref, lastTime, lastValueWords, nextAt, openBlock, openBits, openSize, openCount, openEncoding } = at;
    const { xor } = columns;
    const { views } = this.#memory.slabs;
    const undo = this.#memory.undo.isActive ? this.#memory.undo : undefined;
    for (; i < end; i++) {
      const row = rows[i]!;
      const time = timestamps[i]!;
      const bits = openBits[row]!;
      const count = openCount[row]! + 1;
      const last = lastTime[row]!;
      if (ref[row] !== refs[i] || time <= last || time >= nextAt[row]!) return i;
      if (count <= 2 || count === TARGET_SAMPLES / 4 || count > TARGET_SAMPLES * 2) return i;
      if (openEncoding[row] !== ENCODING_XOR || bits > FULL_CHUNK_BYTES * 8) return i;
      const block = openBlock[row]!;
      const view = views[block >>> 16]!;
      const start = (block & 0xffff) * 8;
      const low = words[i * 2]!;
      const high = words[i * 2 + 1]!;
      const delta = time - last;
      if (undo !== undefined) undo.save(row);
      const [xorHigh, xorLow] = [high ^ lastValueWords[row * 2 + 1]!, low ^ lastValueWords[row * 2]!];
      const dod = delta - xor.lastDelta[row]!;
      const written = appendXor(view, start, bits, openSize[row]!, dod, xorHigh, xorLow, xor, row);
      if (written === 0) return i;
      view.setUint16(start, count);
      columns.addFloat(row, written, count, time, high, low);
      xor.lastDelta[row] = delta;
    }
    return end;
  }

  /** Appends a sample, which must be newer than the series' last sample. */
  append(row: SeriesRow, time: number, high: number, low: number): void {
    const { at, rows } = this.#memory.series;
    const writer = this.#writer;
    if (at.openBlock[row] !== 0 && isFullFor(this.#memory.series, row, ENCODING_XOR, time)) this.close(row);
    if (at.openBlock[row] === 0) this.#begin(row, time);
    else this.#load(row);
    writer.append(time, high, low);
    rows.addFloat(row, writer.bits, writer.count, time, high, low);
    rows.xor.leading[row] = writer.leading;
    rows.xor.trailing[row] = writer.trailing;
    rows.xor.lastDelta[row] = writer.delta;
    if (writer.count === TARGET_SAMPLES / 4) {
      rows.endOpenChunkAt(row, chunkEnd(at.openMinTime[row]!, time, at.nextAt[row]!, 4));
    }
  }

  /** Closes the open chunk, whatever its encoding. */
  close(row: SeriesRow): void {
    const { at, rows } = this.#memory.series;
    const { chunks, slabs } = this.#memory;
    const block = at.openBlock[row]!;
    if (block === 0) return;
    chunks.noteUnstored(row, at.lastChunk[row]!);
    const chunk = chunks.add(
      slabs.bytes[block >>> 16]!,
      (block & 0xffff) * 8,
      (at.openBits[row]! + 7) >>> 3,
      at.openEncoding[row]!,
      at.openMinTime[row]!,
      at.lastTime[row]!,
      at.lastChunk[row]!,
    );
    rows.appendChunks(row, chunk, chunk);
    this.drop(row);
  }

  /** Removes the open chunk with its samples. */
  drop(row: SeriesRow): void {
    const { at, rows } = this.#memory.series;
    this.#memory.slabs.free(at.openBlock[row]!, at.openSize[row]!);
    rows.clearOpenChunk(row);
  }

  #begin(row: SeriesRow, time: number): void {
    const { slabs, series } = this.#memory;
    const block = slabs.allocate(FIRST_BLOCK_BYTES);
    const chunk = { block, size: FIRST_BLOCK_BYTES, encoding: ENCODING_XOR };
    series.rows.beginOpenChunk(row, chunk, time, rangeEnd(time, this.#range));
    series.rows.xor.leading[row] = NO_WINDOW;
    this.#writer.begin(slabs.bytes[block >>> 16]!, (block & 0xffff) * 8, slabs.views[block >>> 16]);
    this.created++;
  }

  #load(row: SeriesRow): void {
    const { at, rows } = this.#memory.series;
    const writer = this.#writer;
    const bits = at.openBits[row]!;
    if ((bits >>> 3) + 1 + APPEND_ROOM_BYTES > at.openSize[row]!) this.#grow(row, (bits + 7) >>> 3);
    const block = at.openBlock[row]!;
    writer.bytes = this.#memory.slabs.bytes[block >>> 16]!;
    writer.view = this.#memory.slabs.views[block >>> 16]!;
    writer.start = (block & 0xffff) * 8;
    writer.size = at.openSize[row]!;
    writer.bits = bits;
    writer.count = at.openCount[row]!;
    writer.time = at.lastTime[row]!;
    writer.delta = rows.xor.lastDelta[row]!;
    writer.high = at.lastValueWords[row * 2 + 1]! | 0;
    writer.low = at.lastValueWords[row * 2]! | 0;
    writer.leading = rows.xor.leading[row]!;
    writer.trailing = rows.xor.trailing[row]!;
  }

  #grow(row: SeriesRow, used: number): void {
    const { slabs, series } = this.#memory;
    const { at } = series;
    const from = at.openBlock[row]!;
    const size = roomFor(used);
    const block = slabs.allocate(size);
    const source = (from & 0xffff) * 8;
    const target = slabs.bytes[block >>> 16]!;
    target.set(slabs.bytes[from >>> 16]!.subarray(source, source + used), (block & 0xffff) * 8);
    const oldSize = at.openSize[row]!;
    series.rows.moveOpenChunk(row, block, size);
    slabs.free(from, oldSize);
  }
}
