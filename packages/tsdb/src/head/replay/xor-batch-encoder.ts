import { appendXor } from "../../chunk/xor-append.ts";
import { ENCODING_XOR, FULL_CHUNK_BYTES, MAX_SAMPLE_BYTES, XorWriter } from "../../chunk/xor.ts";
import {
  chunkEnd,
  FIRST_BLOCK_BYTES,
  type FloatChunks,
  isFullFor,
  rangeEnd,
  TARGET_SAMPLES,
} from "../append/float-chunks.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { HistogramChunks } from "../append/histogram-chunks.ts";
import { type LoggedSamples, SAMPLE_WORDS } from "./logged-samples.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

const FULL_CHUNK_BITS = FULL_CHUNK_BYTES * 8;
/** Size of the encoding buffer in bytes. The buffer holds a full chunk, one more sample and the last partial word. */
const ROOM_BYTES = (FULL_CHUNK_BYTES + 2 * MAX_SAMPLE_BYTES + 11) & ~3;
/** Position value that means the end of a run of samples. */
const NONE = -1;

/**
 * Appends many samples of one series together. Makes the same chunks as calls of FloatChunks.append() for each sample,
 * but faster, because the encoding state is loaded and stored only once.
 */
export class XorBatchEncoder {
  readonly #memory: HeadMemory;
  readonly #floats: FloatChunks;
  readonly #histograms: HistogramChunks;
  readonly #range: number;
  /** Buffer with the last bytes of the open chunk, each at its offset in the chunk. */
  readonly #room = new Uint8Array(ROOM_BYTES);
  readonly #words = new Uint32Array(this.#room.buffer);
  /** The encoder's state between two runs. It also encodes the samples that appendXor() refuses. */
  readonly #writer = new XorWriter();
  /** Offset in the chunk of the first byte that #room contains. A multiple of four. */
  #loadedFrom = 0;
  /** Unused sum. It prevents the compiler from removing touch(). */
  touched = 0;
  /** Time range of the samples that were appended; Infinity and -Infinity if there were none. */
  minTime = Infinity;
  maxTime = -Infinity;

  constructor(memory: HeadMemory, floats: FloatChunks, histograms: HistogramChunks, range: number) {
    this.#memory = memory;
    this.#floats = floats;
    this.#histograms = histograms;
    this.#range = range;
    this.#writer.begin(this.#room, 0);
  }

  /**
   * Appends a ring of samples (a run): each sample's first word is the position of the next sample, and the last sample
   * (`tail`) has the position of the first. Skips a sample that is not newer than its predecessor.
   */
  append(row: SeriesRow, samples: LoggedSamples, tail: number): void {
    const { at } = this.#memory.series;
    const { words, baseTime } = samples;
    for (let next = words[tail * SAMPLE_WORDS]!; next !== NONE;) {
      const time = baseTime + words[next * SAMPLE_WORDS + 1]!;
      if (time <= at.lastTime[row]!) {
        next = next === tail ? NONE : words[next * SAMPLE_WORDS]!;
        continue;
      }
      if (time < this.minTime) this.minTime = time;
      if (at.openEncoding[row]! > ENCODING_XOR) this.#histograms.end(row);
      if (at.openBlock[row] !== 0 && isFullFor(this.#memory.series, row, ENCODING_XOR, time)) this.#floats.close(row);
      if (at.openBlock[row] === 0) this.#begin(row, time);
      else this.#load(row);
      next = this.#fill(row, samples, next, tail);
      this.#store(row);
      if (at.lastTime[row]! > this.maxTime) this.maxTime = at.lastTime[row]!;
    }
  }

  /** Reads the memory to which the series' next sample will be written, so that this memory is in the CPU's cache. */
  touch(row: SeriesRow): void {
    const { series, slabs } = this.#memory;
    const block = series.at.openBlock[row]!;
    if (block === 0) return;
    const words = slabs.words[block >>> 16]!;
    const start = (block & 0xffff) * 2;
    this.touched ^= words[start]! ^ words[start + (series.at.openBits[row]! >>> 5)]!;
  }

  /**
   * Writes the samples from position `next` on to the open chunk. Returns the position of the first sample that needs
   * another chunk, or NONE.
   */
  #fill(row: SeriesRow, { words, baseTime }: LoggedSamples, next: number, tail: number): number {
    const writer = this.#writer;
    const { view, windows } = writer;
    const { at, rows } = this.#memory.series;
    const { nextAt, openMinTime } = at;
    let { bits, count, time, delta, high, low } = writer;
    while (next !== NONE) {
      const from = next * SAMPLE_WORDS;
      const sampleTime = baseTime + words[from + 1]!;
      if (count > 0 && sampleTime <= time) {
        next = next === tail ? NONE : words[from]!;
        continue;
      }
      if (sampleTime >= nextAt[row]! || bits > FULL_CHUNK_BITS || count >= TARGET_SAMPLES * 2) break;
      const sampleDelta = sampleTime - time;
      const sampleLow = words[from + 2]!;
      const sampleHigh = words[from + 3]!;
      const [xorHigh, xorLow] = [sampleHigh ^ high, sampleLow ^ low];
      const written =
        count < 2 ? 0 : appendXor(view, 0, bits, ROOM_BYTES, sampleDelta - delta, xorHigh, xorLow, windows, 0);
      if (written === 0) {
        this.#keep(bits, count, time, delta, high, low);
        writer.append(sampleTime, sampleHigh, sampleLow);
        ({ bits, count, time, delta, high, low } = writer);
      } else {
        bits = written;
        delta = sampleDelta;
        time = sampleTime;
        high = sampleHigh;
        low = sampleLow;
        count++;
      }
      if (count === TARGET_SAMPLES / 4) {
        rows.endOpenChunkAt(row, chunkEnd(openMinTime[row]!, time, nextAt[row]!, 4));
      }
      next = next === tail ? NONE : words[from]!;
    }
    this.#keep(bits, count, time, delta, high, low);
    return next;
  }

  /** Stores the encoder's state for the next samples. */
  #keep(bits: number, count: number, time: number, delta: number, high: number, low: number): void {
    const writer = this.#writer;
    writer.bits = bits;
    writer.count = count;
    writer.time = time;
    writer.delta = delta;
    writer.high = high;
    writer.low = low;
  }

  /** Begins a chunk without a memory block. The chunk gets a block when the size of the run is known. */
  #begin(row: SeriesRow, time: number): void {
    const { rows } = this.#memory.series;
    const chunk = { block: 0, size: 0, encoding: ENCODING_XOR };
    rows.beginOpenChunk(row, chunk, time, rangeEnd(time, this.#range));
    this.#writer.begin(this.#room, 0);
    this.#loadedFrom = 0;
    this.#floats.created++;
  }

  #load(row: SeriesRow): void {
    const { series, slabs } = this.#memory;
    const { at, rows } = series;
    const bits = at.openBits[row]!;
    const block = at.openBlock[row]!;
    const word = bits >>> 5;
    this.#loadedFrom = word * 4;
    this.#words[word] = slabs.words[block >>> 16]![(block & 0xffff) * 2 + word]!;
    this.#keep(
      bits,
      at.openCount[row]!,
      at.lastTime[row]!,
      rows.xor.lastDelta[row]!,
      at.lastValueWords[row * 2 + 1]! | 0,
      at.lastValueWords[row * 2]! | 0,
    );
    this.#writer.leading = rows.xor.leading[row]!;
    this.#writer.trailing = rows.xor.trailing[row]!;
  }

  #store(row: SeriesRow): void {
    const { series, slabs } = this.#memory;
    const { at, rows } = series;
    const writer = this.#writer;
    const used = writer.byteLength;
    if (at.openBlock[row] === 0 || used > at.openSize[row]!) this.#makeRoom(row, used);
    const block = at.openBlock[row]!;
    const start = (block & 0xffff) * 8;
    const target = slabs.words[block >>> 16]!;
    const words = this.#words;
    // Copies whole words, because a memory block consists of whole words.
    for (let i = this.#loadedFrom >>> 2; i < used / 4; i++) target[(start >>> 2) + i] = words[i]!;
    const bytes = slabs.bytes[block >>> 16]!;
    bytes[start] = writer.count >>> 8;
    bytes[start + 1] = writer.count;
    rows.addFloat(row, writer.bits, writer.count, writer.time, writer.high, writer.low);
    rows.xor.leading[row] = writer.leading;
    rows.xor.trailing[row] = writer.trailing;
    rows.xor.lastDelta[row] = writer.delta;
  }

  /** Gives the open chunk a memory block, or a larger one with a copy of the bytes that are not in #room. */
  #makeRoom(row: SeriesRow, used: number): void {
    const { series, slabs } = this.#memory;
    const { at } = series;
    const old = at.openBlock[row]!;
    const oldSize = at.openSize[row]!;
    let size = old === 0 ? FIRST_BLOCK_BYTES : oldSize * 2;
    while (size < used) size *= 2;
    const block = slabs.allocate(size);
    if (old !== 0) {
      const from = (old & 0xffff) * 8;
      const kept = slabs.bytes[old >>> 16]!.subarray(from, from + this.#loadedFrom);
      slabs.bytes[block >>> 16]!.set(kept, (block & 0xffff) * 8);
      slabs.free(old, oldSize);
    }
    series.rows.moveOpenChunk(row, block, size);
  }
}
