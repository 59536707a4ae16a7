import { ByteSlabs } from "./byte-slabs.ts";
import { CommitSequence } from "../concurrency/commit-sequence.ts";
import { ChunkTable } from "./chunk-table.ts";
import { type HeadLimits, HeadCapacity } from "./head-capacity.ts";
import { Postings } from "./postings.ts";
import { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import type { SeriesRow } from "./series-rows.ts";
import { SeriesTable } from "./series-table.ts";
import { SharedBuffers, type SharedHandles } from "./shared-column.ts";
import { Symbols } from "./symbols.ts";
import { Tombstones } from "./tombstones.ts";
import { UndoLog } from "../concurrency/undo-log.ts";

/**
 * All memory of a head. One thread writes; readers of other threads attach to the same buffers and read while it does.
 * Labels and postings are only added to, and what is removed stays readable as long as somebody has it pinned; hash
 * tables and lists that are written anew have seqlocks of their own; what the rows were in a snapshot is told by the
 * undo log.
 */
export class HeadMemory {
  readonly #buffers: SharedBuffers;
  readonly sequence: CommitSequence;
  readonly reclaimer: EpochReclaimer;
  readonly slabs: ByteSlabs;
  readonly symbols: Symbols;
  readonly postings: Postings;
  readonly series: SeriesTable;
  readonly chunks: ChunkTable;
  readonly tombstones: Tombstones;
  readonly undo: UndoLog;
  /** To be asked before a series or samples are added. */
  readonly capacity: HeadCapacity;
  #seenBytes = 0;

  /** With the handles of another thread's head: its memory, to be read only. */
  constructor(handles?: SharedHandles, limits?: Partial<HeadLimits>) {
    const buffers = new SharedBuffers(handles);
    this.#buffers = buffers;
    this.sequence = new CommitSequence(buffers);
    this.reclaimer = new EpochReclaimer(this.sequence);
    this.slabs = new ByteSlabs(this.reclaimer, buffers);
    this.symbols = new Symbols(this.slabs, this.reclaimer, buffers);
    this.postings = new Postings(this.slabs, this.symbols, this.reclaimer, buffers);
    this.series = new SeriesTable(this.slabs, this.symbols, this.postings, this.reclaimer, buffers);
    this.chunks = new ChunkTable(this.slabs, this.reclaimer, buffers);
    this.tombstones = new Tombstones(buffers);
    this.undo = new UndoLog(this.slabs, this.series, this.sequence, buffers);
    this.capacity = new HeadCapacity(this, limits);
  }

  /** Everything a reader of another thread needs; good for as long as the head lives. */
  get handles(): SharedHandles {
    return this.#buffers.handles;
  }

  /** A reader's views of what has changed since its last snapshot, except for tombstones. */
  refresh(): void {
    this.refreshViews();
    this.symbols.refreshTexts();
    this.postings.refreshNames();
  }

  /**
   * Views of what has grown since. To be called between reading where something is and reading it: what can be found was
   * there before.
   */
  refreshViews(): void {
    if (!this.#buffers.attached) return;
    const bytes = this.#buffers.byteLength;
    if (bytes === this.#seenBytes) return;
    this.#seenBytes = bytes;
    this.slabs.refresh();
    this.symbols.refresh();
    this.postings.refresh();
    this.series.refresh();
    this.chunks.refresh();
  }

  /** An optimistic read has failed: drops what it cached. */
  forget(): void {
    this.symbols.forgetTexts();
    this.series.forgetLabels();
  }

  /** Begins a change. Snapshots see none of it, or all. */
  beginChange(): void {
    if (this.sequence.begin()) this.undo.begin();
  }

  /** The row's chunks or times are about to be changed, within a change. */
  beforeChange(row: SeriesRow): void {
    if (this.undo.isActive) this.undo.save(row);
  }

  /** Ends the change; it is published unless it is a part of a commit that takes several. */
  endChange(): void {
    if (!this.sequence.end()) return;
    if (!this.sequence.held) this.undo.end();
    this.reclaimer.sweep();
  }

  /** Until the returned function is called, changes are parts of one commit, which it publishes. */
  holdChanges(): () => void {
    // Rows as they were, in the undo log, lead readers to what is given back meanwhile.
    const endHold = this.reclaimer.hold();
    this.sequence.hold();
    return () => {
      this.sequence.release();
      this.undo.end();
      endHold();
    };
  }
}
