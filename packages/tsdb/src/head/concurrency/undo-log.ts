import { type BlockRef, type ByteSlabs, MAX_SLABS } from "../memory/byte-slabs.ts";
import { type CommitSequence, isBefore } from "./commit-sequence.ts";
import { emptyState, IMAGE_BYTES, readImage, type RowState, writeImage } from "./row-image.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { SeriesTable } from "../memory/series-table.ts";
import type { SharedBuffers } from "../memory/shared-column.ts";

/** Byte offset of the row number in an entry of the undo log. */
const ROW = 0;
/** Byte offset of the commit number in an entry of the undo log. */
const COMMIT = 4;
/** Byte offset, in an entry of the undo log, of the position of the row's previous entry. */
const BEFORE = 8;
/** Byte offset of the saved row state in an entry of the undo log. */
const IMAGE = 16;
const ENTRY_BYTES = IMAGE + IMAGE_BYTES;
const SEGMENT_BITS = 9;
const SEGMENT_ENTRIES = 1 << SEGMENT_BITS;
const SEGMENT_BYTES = SEGMENT_ENTRIES * ENTRY_BYTES;
/**
 * Largest number of segments of the undo log. All segments take 400 MB, which is enough for four million rows that
 * change during one snapshot.
 */
const MAX_SEGMENTS = 1 << 13;

const HEAD = 0;
const FLOOR = 1;
const GIVEN_UP = 2;
const GIVEN_UP_BEFORE = 3;

/** A consistent state of the head for a reader: commit `number` and all earlier ones. */
export interface Snapshot {
  readonly number: number;
  /**
   * Position in the undo log. Rows that changed after the snapshot was taken have their entries from this position on.
   */
  readonly floor: number;
  /** Number of times that the undo log had dropped entries for lack of room when commit `number` was published. */
  readonly givenUp: number;
}

/**
 * Error that the undo log has dropped entries that a snapshot needs, because too many rows have changed since the
 * snapshot. The reader must take a new snapshot.
 */
export class SnapshotLost extends Error {
  constructor() {
    super("more was written while the head was read than its undo log holds");
    this.name = "SnapshotLost";
  }
}

/**
 * Saves the state of rows before they are changed, like the undo log of a database, so that open snapshots and long
 * commits see consistent data. While a snapshot is open, the writer saves one row state per row and commit. A reader
 * copies the current state of its rows and then corrects the rows that changed after its snapshot. The writer and
 * readers do not wait for each other. The entries are in blocks of the head's shared memory, which are freed when no
 * snapshot can need them.
 */
export class UndoLog {
  readonly #slabs: ByteSlabs;
  readonly #series: SeriesTable;
  readonly #sequence: CommitSequence;
  /**
   * Memory blocks of the segments, by segment number modulo the length of this array; 0 if the segment does not exist.
   */
  readonly #segments: Uint32Array;
  /**
   * Shared numbers: the position of the next entry, the floor of new snapshots, and two counts of dropped entries
   * (until now, and until the last published commit). The floor is before the entries of a commit in progress, because
   * new snapshots need these entries. Positions wrap around.
   */
  readonly #state: Int32Array;
  /** Number of the oldest remaining segment. Only the writer knows it. */
  #tail = 0;
  /** Whether rows must be saved before they are changed. */
  isActive = false;
  #commit = 0;
  /** View of the memory of the entry that was found last. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  readonly #row = emptyState();

  constructor(slabs: ByteSlabs, series: SeriesTable, sequence: CommitSequence, buffers: SharedBuffers) {
    this.#slabs = slabs;
    this.#series = series;
    this.#sequence = sequence;
    this.#segments = new Uint32Array(buffers.buffer("undo.segments", MAX_SEGMENTS * 4, MAX_SEGMENTS * 4));
    this.#state = buffers.words("undo.state", 4);
  }

  /** Takes a snapshot of the current state. The caller is the writer, or a reader that has announced its snapshot. */
  snapshot(): Snapshot {
    // `floor` and `givenUp` are read before the number of the commit. If a commit is published in between, `floor` and
    // `givenUp` are lower than necessary, which is harmless.
    const floor = Atomics.load(this.#state, FLOOR);
    const givenUp = Atomics.load(this.#state, GIVEN_UP_BEFORE);
    return { number: this.#sequence.published, floor, givenUp };
  }

  /** Prepares the log for a change of the head. Must be called at the beginning of each change. */
  begin(): void {
    this.#commit = (this.#sequence.published + 1) | 0;
    this.isActive = this.#sequence.held || this.#sequence.hasOpenSnapshots;
    if (this.#tail !== this.#state[HEAD]! >>> SEGMENT_BITS) this.#trim();
  }

  /** Updates the log after a commit was published. Must be called after each publication. */
  end(): void {
    if (this.#state[FLOOR] !== this.#state[HEAD]) Atomics.store(this.#state, FLOOR, this.#state[HEAD]!);
    const givenUp = this.#state[GIVEN_UP]!;
    if (this.#state[GIVEN_UP_BEFORE] !== givenUp) Atomics.store(this.#state, GIVEN_UP_BEFORE, givenUp);
  }

  /**
   * Saves the state of a row before it is changed. Must be called only while the log is active. Only the first call per
   * row and commit has an effect.
   */
  save(row: SeriesRow): void {
    const before = this.#series.at.undo[row]!;
    if (this.#find(row, before) && this.#commitFound() === this.#commit) return;
    const position = this.#state[HEAD]!;
    if (!this.#make(position)) return;
    const view = this.#view;
    const start = this.#start;
    view.setUint32(start + ROW, row);
    view.setInt32(start + COMMIT, this.#commit);
    view.setUint32(start + BEFORE, before);
    writeImage(view, start + IMAGE, this.#series, row);
    this.#state[HEAD] = (position + 1) | 0;
    // Publishes the position of the entry as the last step. A reader that sees the position must also see the entry,
    // and a reader that does not see the position must see the unchanged row.
    this.#series.rows.setUndo(row, position >>> 0);
  }

  /**
   * Corrects rows that a reader has copied. Calls `put` for each of `rows` that changed after the snapshot, with the
   * row's index and its state at the snapshot. Must be called after all rows were copied. Throws SnapshotLost.
   */
  correct(rows: Uint32Array, snapshot: Snapshot, put: (state: RowState, place: number) => void): void {
    // `Atomics.add` of 0 is a memory barrier: no earlier read can be moved after it.
    if (Atomics.add(this.#state, HEAD, 0) !== snapshot.floor) this.#putChanged(rows, snapshot, put);
    if (Atomics.load(this.#state, GIVEN_UP) !== snapshot.givenUp) throw new SnapshotLost();
  }

  #putChanged(rows: Uint32Array, { number, floor }: Snapshot, put: (state: RowState, place: number) => void): void {
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place]!;
      let position = this.#series.rows.undoOf(row);
      let isChanged = false;
      while (!isBefore(position, floor) && this.#find(row, position) && isBefore(number, this.#commitFound())) {
        isChanged = true;
        readImage(this.#view, this.#start + IMAGE, this.#row);
        const before = this.#view.getUint32(this.#start + BEFORE);
        // Ends the loop at the row's first entry, which has no previous entry. The position field of a first entry is
        // arbitrary and may be later than the entry itself.
        if (!isBefore(before, position)) break;
        position = before;
      }
      if (isChanged) put(this.#row, place);
    }
  }

  /** Finds the entry at a position. Returns whether the entry belongs to the row. */
  #find(row: SeriesRow, position: number): boolean {
    const block = this.#segments[segmentOf(position)]!;
    if (block === 0) return false;
    this.#lookUp(block, position);
    return this.#view.getUint32(this.#start + ROW) === row;
  }

  #commitFound(): number {
    return this.#view.getInt32(this.#start + COMMIT);
  }

  #lookUp(block: BlockRef, position: number): void {
    this.#view = this.#slabs.viewOf(block >>> 16);
    this.#start = (block & 0xffff) * 8 + (position & (SEGMENT_ENTRIES - 1)) * ENTRY_BYTES;
  }

  /**
   * Makes room for a new entry at a position. Returns false if the head has no memory for the entry; open snapshots are
   * then lost.
   */
  #make(position: number): boolean {
    const segment = segmentOf(position);
    if ((position & (SEGMENT_ENTRIES - 1)) === 0) {
      if (this.#segments[segment] !== 0) this.#giveUpOldest();
      if (!this.#slabs.fits(SEGMENT_BYTES, MAX_SLABS)) {
        Atomics.add(this.#state, GIVEN_UP, 1);
        return false;
      }
      const block = this.#slabs.allocate(SEGMENT_BYTES);
      // Clears the block, because its old content could look like entries of the undo log.
      this.#slabs.bytesOf(block >>> 16).fill(0, (block & 0xffff) * 8, (block & 0xffff) * 8 + SEGMENT_BYTES);
      this.#segments[segment] = block;
    }
    this.#lookUp(this.#segments[segment]!, position);
    return true;
  }

  /** Drops the oldest entries if the undo log has its maximum size. Snapshots that need these entries are lost. */
  #giveUpOldest(): void {
    Atomics.add(this.#state, GIVEN_UP, 1);
    this.#dropOldest();
  }

  /** Frees the segments whose entries no snapshot can need. */
  #trim(): void {
    const head = this.#state[HEAD]! >>> SEGMENT_BITS;
    while (this.#tail !== head) {
      this.#lookUp(this.#segments[this.#tail & (MAX_SEGMENTS - 1)]!, SEGMENT_ENTRIES - 1);
      const newest = this.#commitFound();
      if (newest === this.#commit || !this.#sequence.isSeenByAll(newest)) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    const segment = this.#tail & (MAX_SEGMENTS - 1);
    this.#slabs.free(this.#segments[segment]!, SEGMENT_BYTES);
    this.#segments[segment] = 0;
    this.#tail = (this.#tail + 1) & (0xffffffff >>> SEGMENT_BITS);
  }
}

const segmentOf = (position: number): number => (position >>> SEGMENT_BITS) & (MAX_SEGMENTS - 1);
