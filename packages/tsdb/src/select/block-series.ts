import type { SampleColumns } from "@narthex/storage";
import type { ChunkBytes, ChunkReader } from "../block/block.ts";
import { BlockError } from "../block/block-error.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { dropDeleted } from "../head/tombstones.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import type { BlockSelection } from "./block-selection.ts";
import { UNREAD } from "./chosen-chunks.ts";
import type { DecodedChunks, KeptChunks } from "./decoded-chunks.ts";

/** Reads the samples of a block's chosen series. The block must stay open. */
export class BlockSeries {
  readonly #selection: BlockSelection;
  readonly #reader: ChunkReader;
  readonly #decoded: DecodedChunks;
  readonly #kept: KeptChunks;
  readonly #chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };

  constructor(selection: BlockSelection, decoded: DecodedChunks) {
    this.#selection = selection;
    this.#reader = selection.block.chunkReader();
    this.#decoded = decoded;
    this.#kept = decoded.of(selection.block);
  }

  /** Adds the samples of series `index` with from ≤ t ≤ to behind those in `into`. Throws BlockError. */
  append(index: number, from: number, to: number, into: SampleColumns): void {
    const { chunks, deleted } = this.#selection;
    const first = into.count;
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      const ref = chunks.ref[i]!;
      const hint = chunks.hints[i]!;
      const slot = this.#decoded.find(this.#kept, ref, hint);
      if (slot >= 0) {
        chunks.hints[i] = slot;
        this.#decoded.read(slot, from, to, into);
        continue;
      }
      const before = into.count;
      this.#decode(ref, from, to, into);
      const isWhole = chunks.minTime[i]! >= from && chunks.maxTime[i]! <= to;
      if (!isWhole || this.#chunk.encoding !== ENCODING_XOR) continue;
      // Keeping costs nearly as much as decoding: it is for chunks that are read again and again.
      chunks.hints[i] = hint === UNREAD ? -1 : this.#decoded.keep(this.#kept, ref, into, before);
    }
    const intervals = deleted?.[index];
    if (intervals !== undefined) dropDeleted(into, intervals, first);
  }

  #decode(ref: number, from: number, to: number, into: SampleColumns): void {
    this.#reader.read(ref, this.#chunk);
    try {
      decodeChunk(this.#chunk, from, to, into);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const file = `${this.#selection.block.dir}/chunks`;
      throw new BlockError(file, ref % 2 ** 32, `a chunk cannot be decoded: ${reason}`, cause);
    }
  }
}
