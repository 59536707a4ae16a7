import type { ByteMap } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import { SampleAggregates, SampleColumns } from "@narthex/storage";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import type { DeletedInterval } from "../block/block-tombstones.ts";
import type { Block, ChunkBytes } from "../block/block.ts";
import type { ColumnChunks, NoteChunk } from "../block/column-chunks.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";
import type { FrameGroup } from "../columnar/frame-group.ts";
import { BlockCursor } from "../compact/block-cursor.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { type MergedSymbols, mergeSymbols } from "../compact/merged-symbols.ts";
import { dropDeleted } from "../chunk/deleted-interval.ts";
import { dropDeletedRows } from "./deleted-rows.ts";

/** Block source that returns the series of a downsampled block and their chunks, unchanged. */
export class AggregateSource implements BlockSeriesSource {
  readonly symbols: ByteMap;
  readonly symbolsSorted = true;
  readonly chunk: EncodedChunk & ChunkBytes;
  readonly #cursor: BlockCursor;
  #next = 0;

  private constructor(block: Block, { symbols, numbers }: MergedSymbols) {
    this.symbols = symbols;
    this.#cursor = new BlockCursor(block, numbers[0]!);
    this.chunk = { minTime: 0, maxTime: 0, encoding: 0, bytes: new Uint8Array(0), start: 0, end: 0 };
  }

  static *open(block: Block): Steps<AggregateSource> {
    return new AggregateSource(block, yield* mergeSymbols([block]));
  }

  get labels(): Uint32Array {
    return this.#cursor.labels;
  }

  get labelCount(): number {
    return this.#cursor.entry.labelCount;
  }

  get deleted(): readonly DeletedInterval[] {
    return this.#cursor.deleted;
  }

  next(): boolean {
    this.#next = 0;
    return this.#cursor.next();
  }

  nextChunk(): boolean {
    const { entry, chunks } = this.#cursor;
    if (this.#next >= entry.chunkCount) return false;
    const i = this.#next++;
    chunks.read(entry.chunkRef[i]!, this.chunk);
    Object.assign(this.chunk, { minTime: entry.chunkMinTime[i]!, maxTime: entry.chunkMaxTime[i]! });
    return true;
  }
}

/** Copies the chunks of a downsampled block, without the rows of aggregates that include deleted samples. */
export class CopiedAggregates implements ColumnChunks {
  readonly counts = { numFloatSamples: 0, numHistogramSamples: 0 };
  readonly #source: AggregateSource;
  readonly #group: FrameGroup;
  readonly #note: NoteChunk;
  readonly #rows = new SampleAggregates();
  readonly #samples = new SampleColumns(16);
  readonly #encoder = new ChunkEncoder();

  constructor(source: AggregateSource, group: FrameGroup, note: NoteChunk) {
    this.#source = source;
    this.#group = group;
    this.#note = note;
  }

  take(): void {
    if (this.#source.chunk.encoding === ENCODING_COLUMNS) this.#takeRows();
    else this.#takeHistograms();
  }

  endSeries(): void {}

  #takeRows(): void {
    const { chunk, deleted } = this.#source;
    const rows = this.#rows;
    rows.reset();
    chunk.frame!.readAggregates(chunk.place!, -Infinity, Infinity, rows);
    dropDeletedRows(rows, deleted, 0);
    if (rows.rows === 0) return;
    this.#group.addAggregates(rows, 0, rows.rows);
    this.#note(rows.firstTime(0), rows.time[rows.rows - 1]!);
    for (let row = 0; row < rows.rows; row++) if (rows.count[row]! > 0) this.counts.numFloatSamples++;
  }

  #takeHistograms(): void {
    const { chunk, deleted } = this.#source;
    const samples = this.#samples;
    samples.reset();
    decodeChunk(chunk, -Infinity, Infinity, samples);
    dropDeleted(samples, deleted);
    const encoder = this.#encoder;
    encoder.reset();
    encoder.encode(samples);
    for (let i = 0; i < encoder.count; i++) {
      const [minTime, maxTime] = [encoder.minTime[i]!, encoder.maxTime[i]!];
      this.#group.addEncoded(encoder.bytes, encoder.start[i]!, encoder.end[i]!, encoder.encoding[i]!, minTime);
      this.#note(minTime, maxTime);
    }
    this.counts.numHistogramSamples += samples.count;
  }
}
