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
 * All memory of a head. One thread writes it. Reading threads attach to the same buffers and read concurrently. Labels
 * and postings only grow, and removed data stays readable while a reader has pinned it. Hash tables and rewritten lists
 * have their own seqlocks. The undo log has earlier states of rows for snapshots.
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
  /** Decides whether there is room for more data. Must be asked before series or samples are added. */
  readonly capacity: HeadCapacity;
  #seenBytes = 0;

  /** @param handles handles of another thread's head, which is then only read; by default a new head is created */
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

  /**
   * Handles with which a reader on another thread attaches to this memory. The handles are valid as long as the head
   * exists.
   */
  get handles(): SharedHandles {
    return this.#buffers.handles;
  }

  /** Makes the writer's changes since the last snapshot visible to this reader, except tombstones. */
  refresh(): void {
    this.refreshViews();
    this.symbols.refreshTexts();
    this.postings.refreshNames();
  }

  /**
   * Recreates the array views of a reader thread if the shared memory has grown. Must be called between reading a
   * position and reading the data at that position, because the writer publishes a position after its data.
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

  /**
   * Removes cached texts and labels. The cached data may be wrong if a change interrupted the read that cached them.
   */
  forget(): void {
    this.symbols.forgetTexts();
    this.series.forgetLabels();
  }

  /** Begins a change of the head. A snapshot includes a change completely or not at all. */
  beginChange(): void {
    if (this.sequence.begin()) this.undo.begin();
  }

  /**
   * Saves the state of a row for open snapshots. Must be called within a change, before the row's chunks or times are
   * changed.
   */
  beforeChange(row: SeriesRow): void {
    if (this.undo.isActive) this.undo.save(row);
  }

  /**
   * Ends a change of the head and makes it visible to readers, unless the change belongs to a commit of several
   * changes.
   */
  endChange(): void {
    if (!this.sequence.end()) return;
    if (!this.sequence.held) this.undo.end();
    this.reclaimer.sweep();
  }

  /** Makes all following changes parts of one commit. The returned function ends and publishes the commit. */
  holdChanges(): () => void {
    // Frees no memory until the end of the commit, because saved row states in the undo log refer to memory blocks.
    const endHold = this.reclaimer.hold();
    this.sequence.hold();
    return () => {
      this.sequence.release();
      this.undo.end();
      endHold();
    };
  }
}
