import { ByteSlabs } from "./byte-slabs.ts";
import { ChangeSequence } from "./change-sequence.ts";
import { ChosenRows } from "./chosen-rows.ts";
import { ChunkTable } from "./chunk-table.ts";
import { LabelIndex } from "./label-index.ts";
import { Retired } from "./retired.ts";
import { SeriesTable } from "./series-table.ts";
import { SharedBuffers, type SharedHandles } from "./shared-column.ts";
import { Symbols } from "./symbols.ts";
import { Tombstones } from "./tombstones.ts";

/**
 * All memory of a head. One thread writes; readers of other threads attach to the same buffers and take what they see
 * between two equal, even values of the sequence as consistent (a seqlock): it is odd while something is being changed.
 */
export class HeadMemory {
  readonly #buffers: SharedBuffers;
  readonly sequence: ChangeSequence;
  readonly retired: Retired;
  readonly slabs: ByteSlabs;
  readonly symbols: Symbols;
  readonly index: LabelIndex;
  readonly series: SeriesTable;
  readonly chunks: ChunkTable;
  readonly tombstones: Tombstones;
  readonly chosen: ChosenRows;
  #seenBytes = 0;

  /** With the handles of another thread's head: its memory, to be read only. */
  constructor(handles?: SharedHandles) {
    const buffers = new SharedBuffers(handles);
    this.#buffers = buffers;
    this.sequence = new ChangeSequence(buffers);
    this.retired = new Retired(this.sequence);
    this.slabs = new ByteSlabs(this.retired, buffers);
    this.symbols = new Symbols(this.slabs, buffers);
    this.index = new LabelIndex(this.slabs, this.symbols, buffers);
    this.series = new SeriesTable(this.slabs, this.symbols, this.index, buffers);
    this.chunks = new ChunkTable(this.slabs, this.retired, buffers);
    this.tombstones = new Tombstones(this.sequence, buffers);
    this.chosen = new ChosenRows(this);
  }

  /** Everything a reader of another thread needs; good for as long as the head lives. */
  get handles(): SharedHandles {
    return this.#buffers.handles;
  }

  /** Before each look of a reader: views of what has grown since. */
  refresh(): void {
    const bytes = this.#buffers.byteLength;
    if (bytes !== this.#seenBytes) {
      this.#seenBytes = bytes;
      this.slabs.refresh();
      this.symbols.refresh();
      this.index.refresh();
      this.series.refresh();
      this.chunks.refresh();
    }
    this.symbols.refreshTexts();
    this.index.refreshNames();
    this.tombstones.refresh();
  }

  /** A reader's look has failed: nothing it remembered on the way is certain. */
  forget(): void {
    this.symbols.forgetTexts();
    this.series.forgetLabels();
    this.chosen.forget();
  }

  /** Begins a change that readers must see whole. */
  beginChange(): void {
    this.sequence.begin();
  }

  /** Publishes the change. */
  endChange(): void {
    this.sequence.end();
  }
}
