import { ByteMap, ByteWriter, crc32c } from "@narthex/bytes";
import { invariant, type Steps } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { BlockSeriesSource } from "./block-source.ts";
import type { FileScan } from "./file-scan.ts";
import type { ChunkRef } from "./series-entry.ts";
import { Spool } from "./spool.ts";
import { sortedKeys } from "./symbol-order.ts";

/**
 * Temporary storage for the series of a new block. The index is written later, because the final symbol numbers are
 * known only after the last series. An entry has the layout of an index entry, with provisional symbol numbers.
 */
export class SeriesSpill {
  /** The label names and values of the series. The empty text is the first, as in Prometheus' blocks. */
  readonly symbols = new ByteMap();
  seriesCount = 0;
  chunkCount = 0;
  readonly #spool: Spool;
  readonly #entry = new ByteWriter();
  readonly #chunks = new ByteWriter();
  /**
   * Maps each symbol number of the source to the number in `symbols` plus 1. The entry is 0 if the symbol has no number
   * yet.
   */
  #translation = new Uint32Array(1024);
  /** Whether the source numbers its symbols in byte order. */
  #sorted = false;
  #chunksOfSeries = 0;
  #maxTime = -Infinity;
  #ref: ChunkRef = 0;

  constructor(path: string, files: Files) {
    this.symbols.add(new Uint8Array(0), 0, 0);
    this.#spool = new Spool(path, files);
  }

  addChunk(minTime: number, maxTime: number, ref: ChunkRef): void {
    if (minTime <= this.#maxTime || maxTime < minTime) {
      const range = { minTime, maxTime, before: this.#maxTime };
      invariant(false, "the chunks of a series are sorted by time and do not overlap", range);
    }
    if (this.#chunksOfSeries === 0) {
      this.#chunks.varint(minTime);
      this.#chunks.uvarint(maxTime - minTime);
      this.#chunks.uvarint(ref);
    } else {
      this.#chunks.uvarint(minTime - this.#maxTime);
      this.#chunks.uvarint(maxTime - minTime);
      this.#chunks.varint(ref - this.#ref);
    }
    this.#maxTime = maxTime;
    this.#ref = ref;
    this.#chunksOfSeries++;
  }

  /** Stores the series whose chunks were added. A series without chunks is not written to the block. */
  endSeries(source: Pick<BlockSeriesSource, "symbols" | "symbolsSorted" | "labels" | "labelCount">): void {
    if (this.#chunksOfSeries === 0) return;
    const { labels, labelCount } = source;
    this.#entry.reset();
    this.#entry.uvarint(labelCount);
    for (let i = 0; i < labelCount * 2; i++) this.#entry.uvarint(this.#symbol(source.symbols, labels[i]!));
    this.#entry.uvarint(this.#chunksOfSeries);
    const spool = this.#spool;
    spool.uvarint(this.#entry.length + this.#chunks.length);
    spool.put(this.#entry.written);
    spool.put(this.#chunks.written);
    const checksum = crc32c(this.#entry.bytes, 0, this.#entry.length);
    spool.u32(crc32c(this.#chunks.bytes, 0, this.#chunks.length, checksum));
    this.#sorted = source.symbolsSorted === true;
    this.#chunks.reset();
    this.seriesCount++;
    this.chunkCount += this.#chunksOfSeries;
    this.#chunksOfSeries = 0;
    this.#maxTime = -Infinity;
  }

  get path(): string {
    return this.#spool.path;
  }

  /**
   * Passes all stored entries to the function `use`. An entry consists of its length, number of labels, symbols,
   * chunks, and checksum.
   */
  scan(use: (scan: FileScan) => Steps<void>): Steps<void> {
    return this.#spool.scan(use);
  }

  /** Returns the numbers of the symbols in the byte order of their texts. */
  *symbolOrder(): Steps<Uint32Array> {
    if (!this.#sorted) return yield* sortedKeys(this.symbols);
    const order = new Uint32Array(this.symbols.size);
    // Begins with rank 1, because the empty text (number 0) has rank 0.
    let rank = 1;
    for (const known of this.#translation) if (known > 1) order[rank++] = known - 1;
    return order;
  }

  close(): void {
    this.#spool.close();
  }

  #symbol(from: ByteMap, id: number): number {
    if (id >= this.#translation.length) {
      const translation = new Uint32Array(Math.max(from.size, id + 1) * 2);
      translation.set(this.#translation);
      this.#translation = translation;
    }
    const known = this.#translation[id]!;
    if (known !== 0) return known - 1;
    const key = from.key(id);
    const own = this.symbols.add(key, 0, key.length);
    this.#translation[id] = own + 1;
    return own;
  }
}
