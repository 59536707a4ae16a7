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
 * All memory of a head. One thread writes; threads that read attach to the same buffers and read at the same time.
 * Labels and postings only grow, and removed data stays readable as long as a reader has pinned it. Hash tables and
 * lists that are rewritten have their own seqlocks. The undo log has the state of rows for snapshots.
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
  /** Must be asked before a series or samples are added. */
  readonly capacity: HeadCapacity;
  #seenBytes = 0;

  /** @param handles those of another thread's head, whose memory is only read; default a new head */
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

  /** Handles for a reader on another thread; valid as long as the head exists. */
  get handles(): SharedHandles {
    return this.#buffers.handles;
  }

  /** Renews a reader's views after its last snapshot, except those of tombstones. */
  refresh(): void {
    this.refreshViews();
    this.symbols.refreshTexts();
    this.postings.refreshNames();
  }

  /**
   * Renews the views of memory that has grown. Call it after reading a position and before reading what is there: the
   * data existed before its position was published.
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

  /** Drops what a failed optimistic read has cached. */
  forget(): void {
    this.symbols.forgetTexts();
    this.series.forgetLabels();
  }

  /** Begins a change. Snapshots show none of it, or all. */
  beginChange(): void {
    if (this.sequence.begin()) this.undo.begin();
  }

  /** Must be called within a change, before the row's chunks or times are changed. */
  beforeChange(row: SeriesRow): void {
    if (this.undo.isActive) this.undo.save(row);
  }

  /** Ends the change. It is published unless it is part of a commit of several changes. */
  endChange(): void {
    if (!this.sequence.end()) return;
    if (!this.sequence.held) this.undo.end();
    this.reclaimer.sweep();
  }

  /** Makes all changes parts of one commit until the returned function is called, which publishes it. */
  holdChanges(): () => void {
    // Earlier states of rows in the undo log refer to memory that is freed meanwhile.
    const endHold = this.reclaimer.hold();
    this.sequence.hold();
    return () => {
      this.sequence.release();
      this.undo.end();
      endHold();
    };
  }
}
