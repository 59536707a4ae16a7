import { ENCODING_XOR2 } from "../../chunk/xor2.ts";
import { Xor2Writer } from "../../chunk/xor2-writer.ts";
import { copyEncoded } from "./copy-encoded.ts";
import { CHUNK_RANGE_MS, chunkEnd, type FloatChunks, isFullFor, rangeEnd, TARGET_SAMPLES } from "./float-chunks.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

const FIRST_BLOCK_BYTES = 128;

/**
 * Appends float samples to open XOR2 chunks, with the same size limits as XOR chunks. Each series has an encoder
 * object, as for histograms. The chunk's bytes are in shared memory, so that readers on other threads find them.
 */
export class Xor2Chunks {
  readonly #memory: HeadMemory;
  readonly #range: number;
  readonly #chunks: FloatChunks;
  readonly #writers = new Map<SeriesRow, Xor2Writer>();
  created = 0;

  constructor(memory: HeadMemory, chunks: FloatChunks, range: number = CHUNK_RANGE_MS) {
    this.#memory = memory;
    this.#chunks = chunks;
    this.#range = range;
  }

  /**
   * Appends a sample, which must be newer than the series' last sample. `start` is the start timestamp of its counter,
   * ms; 0 if unknown.
   */
  append(row: SeriesRow, time: number, high: number, low: number, start: number): void {
    const { at, rows } = this.#memory.series;
    if (at.openBlock[row] !== 0 && this.#isFull(row, time)) this.#chunks.close(row);
    if (at.openBlock[row] === 0) this.#begin(row, time);
    const writer = this.#writers.get(row)!;
    writer.append(time, high, low, start);
    copyEncoded(this.#memory, row, writer.buffer);
    rows.addFloat(row, writer.buffer.position, writer.count, time, high, low);
    if (writer.count === TARGET_SAMPLES / 4) {
      rows.endOpenChunkAt(row, chunkEnd(at.openMinTime[row]!, time, at.nextAt[row]!, 4));
    }
  }

  /** Removes the encoder of a series, but not its open chunk. */
  forget(row: SeriesRow): void {
    this.#writers.delete(row);
  }

  /** Removes all encoders. The open chunks get no more samples. */
  forgetAll(): void {
    this.#writers.clear();
  }

  /** Number of series that have an encoder. */
  get seriesCount(): number {
    return this.#writers.size;
  }

  /**
   * Returns whether a sample needs a new chunk. A new chunk is also needed if the open chunk was closed by other code,
   * or has another encoding.
   */
  #isFull(row: SeriesRow, time: number): boolean {
    const { series } = this.#memory;
    const isOwn = this.#writers.get(row)?.count === series.at.openCount[row];
    return !isOwn || isFullFor(series, row, ENCODING_XOR2, time);
  }

  #begin(row: SeriesRow, time: number): void {
    const { slabs, series } = this.#memory;
    const chunk = { block: slabs.allocate(FIRST_BLOCK_BYTES), size: FIRST_BLOCK_BYTES, encoding: ENCODING_XOR2 };
    series.rows.beginOpenChunk(row, chunk, time, rangeEnd(time, this.#range));
    this.#writers.set(row, new Xor2Writer());
    this.created++;
  }
}
