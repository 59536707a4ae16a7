import type { ByteMap } from "@narthex/bytes";
import { SampleColumns } from "@narthex/storage";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import type { ChunkId } from "../head/chunk-table.ts";
import { readOutOfOrder } from "../head/out-of-order-columns.ts";
import type { SeriesRow } from "../head/series-table.ts";
import { type DeletedInterval, dropDeleted } from "../head/tombstones.ts";
import { ChunkEncoder } from "./chunk-encoder.ts";
import { type LookedAtHead, type RankedSeries, rankSeries } from "./ranked-series.ts";

/** Series whose chunks are noted in one look at the head. */
const PER_LOOK = 64;

/** A chunk of the head: a closed one by its number, or a copy of the open one. */
interface Found {
  readonly id: ChunkId;
  readonly copy: Uint8Array | undefined;
  /** Bytes. */
  readonly size: number;
  readonly encoding: number;
  readonly minTime: number;
  readonly maxTime: number;
}

interface FoundSeries {
  readonly chunks: readonly Found[];
  readonly deleted: readonly DeletedInterval[];
}

type Place = { -readonly [K in keyof EncodedChunk]: EncodedChunk[K] };

/**
 * The samples of a head from `minTime` to `maxTime`, both included, as the series of a block. Chunks that lie within go
 * over as they are; those that cross the ends or hold deleted samples are encoded anew. The head must be pinned and must
 * not be truncated meanwhile; appends may go on.
 */
export class HeadBlock implements BlockSeriesSource {
  readonly symbols: ByteMap;
  labels = new Uint32Array(0);
  labelCount = 0;
  readonly chunk: Place = { minTime: 0, maxTime: 0, encoding: 0, bytes: new Uint8Array(0), start: 0, end: 0 };
  readonly #head: LookedAtHead;
  readonly #late: boolean;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #ranked: RankedSeries;
  #at = -1;
  /** What the last look found: of the series from #foundFrom on. */
  #found: readonly FoundSeries[] = [];
  #foundFrom = 0;
  #nextChunk = 0;
  readonly #encoder = new ChunkEncoder();
  #encoded = 0;
  readonly #columns = new SampleColumns();

  /** With `late`: the out-of-order samples of full chunks alone, merged. */
  constructor(head: LookedAtHead, minTime: number, maxTime: number, late = false) {
    this.#head = head;
    this.#late = late;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
    this.#ranked = rankSeries(head, minTime, maxTime, late);
    this.symbols = this.#ranked.symbols;
  }

  get seriesCount(): number {
    return this.#ranked.rows.length;
  }

  next(): boolean {
    const { rows, labels, labelsEnd } = this.#ranked;
    const i = ++this.#at;
    if (i >= rows.length) return false;
    this.labels = labels.subarray(i === 0 ? 0 : labelsEnd[i - 1]!, labelsEnd[i]) as Uint32Array<ArrayBuffer>;
    this.labelCount = this.labels.length / 2;
    if (i >= this.#foundFrom + this.#found.length) {
      this.#found = this.#head.lookNow(() => Array.from(rows.subarray(i, i + PER_LOOK), (row) => this.#find(row)));
      this.#foundFrom = i;
    }
    this.#nextChunk = 0;
    this.#encoder.reset();
    this.#encoded = 0;
    return true;
  }

  nextChunk(): boolean {
    const { chunks, deleted } = this.#found[this.#at - this.#foundFrom]!;
    for (;;) {
      if (this.#encoded < this.#encoder.count) {
        this.#showEncoded(this.#encoded++);
        return true;
      }
      const found = chunks[this.#nextChunk++];
      if (found === undefined) return false;
      if (this.#isWhole(found, deleted)) {
        this.#show(found);
        return true;
      }
      this.#encodeRest(found, deleted);
    }
  }

  #find(row: SeriesRow): FoundSeries {
    const { series, tombstones } = this.#head.memory;
    const deleted = tombstones.intervalsOf(series.at.ref[row]!) ?? [];
    if (this.#late) return { chunks: this.#findLate(row), deleted };
    const chunks = this.#findClosed(row);
    const open = this.#findOpen(row);
    if (open !== undefined) chunks.push(open);
    return { chunks, deleted };
  }

  /** Chunks of out-of-order samples overlap: they are merged, and encoded anew. */
  #findLate(row: SeriesRow): Found[] {
    const { chunks, series } = this.#head.memory;
    const { at } = series;
    const columns = new SampleColumns();
    const sealed = { open: 0, full: at.outOfOrder[row]!, end: at.outOfOrderEnd[row]! };
    readOutOfOrder(chunks, sealed, this.#minTime, this.#maxTime, columns);
    const encoder = new ChunkEncoder();
    encoder.encode(columns);
    return Array.from({ length: encoder.count }, (_, i): Found => {
      const start = encoder.start[i]!;
      return {
        id: 0,
        copy: encoder.bytes.slice(start, encoder.end[i]),
        size: encoder.end[i]! - start,
        encoding: encoder.encoding[i]!,
        minTime: encoder.minTime[i]!,
        maxTime: encoder.maxTime[i]!,
      };
    });
  }

  #findClosed(row: SeriesRow): Found[] {
    const { chunks, series } = this.#head.memory;
    const found: Found[] = [];
    for (let id = series.at.firstChunk[row]!; id !== 0; id = chunks.next[id]!) {
      const minTime = chunks.minTime[id]!;
      const maxTime = chunks.maxTime[id]!;
      if (minTime > this.#maxTime) break;
      if (maxTime < this.#minTime) continue;
      found.push({ id, copy: undefined, size: chunks.size[id]!, encoding: chunks.encoding[id]!, minTime, maxTime });
    }
    return found;
  }

  /** The open chunk is copied: appends go on while the block is written. */
  #findOpen(row: SeriesRow): Found | undefined {
    const { series, slabs } = this.#head.memory;
    const { at } = series;
    const block = at.openBlock[row]!;
    if (block === 0 || at.openCount[row] === 0) return undefined;
    const minTime = at.openMinTime[row]!;
    const maxTime = at.lastTime[row]!;
    if (minTime > this.#maxTime || maxTime < this.#minTime) return undefined;
    const size = (at.openBits[row]! + 7) >>> 3;
    const start = (block & 0xffff) * 8;
    const copy = new Uint8Array(size);
    copy.set(slabs.bytes[block >>> 16]!.subarray(start, start + size));
    return { id: 0, copy, size, encoding: at.openEncoding[row]!, minTime, maxTime };
  }

  #isWhole({ minTime, maxTime }: Found, deleted: readonly DeletedInterval[]): boolean {
    if (minTime < this.#minTime || maxTime > this.#maxTime) return false;
    return !deleted.some((interval) => interval.minTime <= maxTime && interval.maxTime >= minTime);
  }

  #withBytes<T>({ id, copy }: Found, use: (bytes: Uint8Array, start: number) => T): T {
    return copy === undefined ? this.#head.memory.chunks.withBytes(id, use) : use(copy, 0);
  }

  #show(found: Found): void {
    const { chunk } = this;
    chunk.minTime = found.minTime;
    chunk.maxTime = found.maxTime;
    chunk.encoding = found.encoding;
    this.#withBytes(found, (bytes, start) => {
      chunk.bytes = bytes;
      chunk.start = start;
      chunk.end = start + found.size;
    });
  }

  #showEncoded(i: number): void {
    const { chunk } = this;
    const { bytes, minTime, maxTime, encoding, start, end } = this.#encoder;
    chunk.minTime = minTime[i]!;
    chunk.maxTime = maxTime[i]!;
    chunk.encoding = encoding[i]!;
    chunk.bytes = bytes;
    chunk.start = start[i]!;
    chunk.end = end[i]!;
  }

  #encodeRest(found: Found, deleted: readonly DeletedInterval[]): void {
    const columns = this.#columns;
    columns.reset();
    const { encoding, size } = found;
    this.#withBytes(found, (bytes, start) => {
      decodeChunk({ bytes, start, end: start + size, encoding }, this.#minTime, this.#maxTime, columns);
    });
    if (deleted.length > 0) dropDeleted(columns, deleted);
    this.#encoder.reset();
    this.#encoded = 0;
    this.#encoder.encode(columns);
  }
}
