import { type EncodedChunks, SampleColumns, type SampleSpans } from "@narthex/storage";
import type { ChunkBytes, ChunkReader } from "../block/block.ts";
import { BlockError } from "../block/block-error.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { dropDeleted } from "../head/memory/tombstones.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ChunkEncoder } from "../compact/chunk-encoder.ts";
import type { BlockSelection } from "./block-selection.ts";
import { UNREAD } from "./selection-chunks.ts";
import type { DecodedChunks } from "./decoded-chunks.ts";

/** Reads the samples of a block's chosen series. The block must stay open. */
export class BlockSeries {
  readonly #selection: BlockSelection;
  readonly #reader: ChunkReader;
  readonly #decoded: DecodedChunks;
  /** Of the block. */
  readonly #number: number;
  /** Samples of chunks that are not kept, while spans tell of them. */
  readonly #lent = new SampleColumns(0);
  #encoder: ChunkEncoder | undefined;
  readonly #chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0, checksum: 0 };

  constructor(selection: BlockSelection, decoded: DecodedChunks) {
    this.#selection = selection;
    this.#reader = selection.block.chunkReader();
    this.#decoded = decoded;
    this.#number = decoded.numberOf(selection.block);
  }

  /** Adds the samples of series `index` with from ≤ t ≤ to behind those in `into`. Throws BlockError. */
  append(index: number, from: number, to: number, into: SampleColumns): void {
    const { chunks, deleted } = this.#selection;
    const first = into.count;
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      const slot = this.#slotOf(i);
      if (slot >= 0) this.#decoded.read(slot, from, to, into);
      else if (chunks.minTime[i]! >= from && chunks.maxTime[i]! <= to) this.#appendWhole(i, into);
      else this.#decode(chunks.ref[i]!, from, to, into);
    }
    const intervals = deleted?.[index];
    if (intervals !== undefined) dropDeleted(into, intervals, first);
  }

  /** Adds the same as spans; false where there are samples that are none. Throws BlockError. */
  addSpans(index: number, from: number, to: number, into: SampleSpans): boolean {
    const { chunks, deleted } = this.#selection;
    if (deleted?.[index] !== undefined) return false;
    this.#lent.reset();
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      if (chunks.maxTime[i]! < from) continue;
      if (chunks.minTime[i]! > to) break;
      let slot = this.#slotOf(i);
      const before = this.#lent.count;
      if (slot < 0) slot = this.#appendWhole(i, this.#lent);
      const told =
        slot >= 0
          ? this.#decoded.addSpans(slot, from, to, into)
          : this.#chunk.encoding === ENCODING_XOR && into.addColumns(this.#lent, before, from, to);
      if (!told) return false;
    }
    return true;
  }

  /** Adds the chunks that hold the same samples: those within the range as they are, parts of others encoded anew. Throws BlockError. */
  addChunks(index: number, from: number, to: number, into: EncodedChunks): void {
    const { chunks, deleted } = this.#selection;
    const intervals = deleted?.[index];
    const end = chunks.end(index);
    for (let i = chunks.start(index); i < end; i++) {
      const [minTime, maxTime] = [chunks.minTime[i]!, chunks.maxTime[i]!];
      if (maxTime < from) continue;
      if (minTime > to) break;
      const isCut = intervals?.some((interval) => interval.minTime <= maxTime && interval.maxTime >= minTime) === true;
      if (minTime < from || maxTime > to || isCut) {
        this.#lent.reset();
        this.#decode(chunks.ref[i]!, from, to, this.#lent);
        if (intervals !== undefined) dropDeleted(this.#lent, intervals);
        const encoder = (this.#encoder ??= new ChunkEncoder(Infinity));
        encoder.reset();
        encoder.encode(this.#lent);
        into.addAll(encoder);
      } else {
        const chunk = this.#chunk;
        this.#reader.read(chunks.ref[i]!, chunk);
        into.add(chunk.bytes, chunk.start, chunk.end, chunk.encoding, minTime, maxTime, chunk.checksum);
      }
    }
  }

  #slotOf(chunk: number): number {
    const { hints, ref } = this.#selection.chunks;
    const slot = this.#decoded.find(this.#number, ref[chunk]!, hints[chunk]!);
    if (slot >= 0) hints[chunk] = slot;
    return slot;
  }

  /** Adds all samples of a chunk. Answers the slot in which they are kept from now on, -1 for none. */
  #appendWhole(chunk: number, into: SampleColumns): number {
    const { hints, ref } = this.#selection.chunks;
    const before = into.count;
    const isFirst = hints[chunk] === UNREAD;
    hints[chunk] = -1;
    this.#decode(ref[chunk]!, -Infinity, Infinity, into);
    // Keeping costs nearly as much as decoding: it is for chunks that are read again and again.
    if (isFirst || this.#chunk.encoding !== ENCODING_XOR) return -1;
    const slot = this.#decoded.keep(this.#number, ref[chunk]!, into, before);
    hints[chunk] = slot;
    return slot;
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
