import { ByteMap } from "@narthex/bytes";
import type { Block, ChunkBytes, ChunkReader } from "../block/block.ts";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import { SeriesEntry } from "../block/series-entry.ts";

/**
 * Block source that copies the series of an open block. The chunks are unchanged, and the tombstones are not applied.
 */
export class CopySource implements BlockSeriesSource {
  readonly symbols = new ByteMap();
  labels: Uint32Array = new Uint32Array(0);
  labelCount = 0;
  readonly #block: Block;
  readonly #refs: Uint32Array;
  readonly #reader: ChunkReader;
  readonly #entry = new SeriesEntry();
  /** Number in `symbols` + 1, by the symbol's number in the block. */
  readonly #translation = new Map<number, number>();
  readonly #chunk: EncodedChunk & ChunkBytes = {
    minTime: 0,
    maxTime: 0,
    encoding: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
  };
  #series = -1;
  #at = -1;

  constructor(block: Block) {
    this.#block = block;
    this.#refs = block.allPostings();
    this.#reader = block.chunkReader();
  }

  /** Reference of the current series in the block. */
  get ref(): number {
    return this.#refs[this.#series]!;
  }

  get chunk(): EncodedChunk {
    return this.#chunk;
  }

  next(): boolean {
    if (++this.#series >= this.#refs.length) return false;
    const entry = this.#entry;
    this.#block.series(this.ref, entry);
    if (this.labels.length < entry.labelCount * 2) this.labels = new Uint32Array(entry.labels.length);
    this.labelCount = entry.labelCount;
    for (let i = 0; i < entry.labelCount * 2; i++) this.labels[i] = this.#symbol(entry.labels[i]!);
    this.#at = -1;
    return true;
  }

  nextChunk(): boolean {
    if (++this.#at >= this.#entry.chunkCount) return false;
    this.#reader.read(this.#entry.chunkRef[this.#at]!, this.#chunk);
    Object.assign(this.#chunk, {
      minTime: this.#entry.chunkMinTime[this.#at]!,
      maxTime: this.#entry.chunkMaxTime[this.#at]!,
    });
    return true;
  }

  #symbol(id: number): number {
    let own = this.#translation.get(id);
    if (own === undefined) {
      const text = this.#block.symbolBytes(id);
      own = this.symbols.add(text, 0, text.length);
      this.#translation.set(id, own);
    }
    return own;
  }
}
