import { type BlockRef, type ByteSlabs, MAX_SLABS } from "../memory/byte-slabs.ts";
import { type CommitSequence, isBefore } from "./commit-sequence.ts";
import { emptyState, IMAGE_BYTES, readImage, type RowState, writeImage } from "./row-image.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { SeriesTable } from "../memory/series-table.ts";
import type { SharedBuffers } from "../memory/shared-column.ts";

/** An entry: its row, its commit, the position of the row's entry before, the image. */
const ROW = 0;
const COMMIT = 4;
const BEFORE = 8;
const IMAGE = 16;
const ENTRY_BYTES = IMAGE + IMAGE_BYTES;
const SEGMENT_BITS = 9;
const SEGMENT_ENTRIES = 1 << SEGMENT_BITS;
const SEGMENT_BYTES = SEGMENT_ENTRIES * ENTRY_BYTES;
/** Segments in use at once at most, 400 MB of them: four million rows, changed while one snapshot is open. */
const MAX_SEGMENTS = 1 << 13;

const HEAD = 0;
const FLOOR = 1;
const GIVEN_UP = 2;
const GIVEN_UP_BEFORE = 3;

/** The time of a snapshot: commit `number` and all before it are in it. */
export interface Snapshot {
  readonly number: number;
  /** Only entries from this position on can be of rows that were changed since. */
  readonly floor: number;
  /** Times that entries were given up until that commit was published. */
  readonly givenUp: number;
}

/** The undo log no longer has entries that the snapshot needs: too much has changed since it was taken. Take another one. */
export class SnapshotLost extends Error {
  constructor() {
    super("more was written while the head was read than its undo log holds");
    this.name = "SnapshotLost";
  }
}

/**
 * What rows were before they were changed, for snapshots that are being taken and for commits that take several turns:
 * before-images, as in the undo log of a database. The writer saves one per row and commit while a snapshot is open, and
 * none otherwise; a reader copies the rows as they are and puts right those that were changed after its snapshot. Thus
 * neither waits for the other, and a snapshot costs what its own rows cost. Entries lie in blocks of the slabs that are
 * given back when no snapshot can need them.
 */
export class UndoLog {
  readonly #slabs: ByteSlabs;
  readonly #series: SeriesTable;
  readonly #sequence: CommitSequence;
  /** Blocks of the segments, by segment number modulo its length; 0 where there is none. */
  readonly #segments: Uint32Array;
  /**
   * Position of the next entry; the floor of new snapshots; times that entries had to be given up, now and when the last
   * commit was published: what a commit under way has lost, new snapshots need, too. Positions wrap.
   */
  readonly #state: Int32Array;
  /** The oldest segment that is kept; the writer's knowledge. */
  #tail = 0;
  /** Rows must be saved before they are changed. */
  isActive = false;
  /** Number of the commit under way. */
  #commit = 0;
  /** The entry that was looked up last. */
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

  /** The time as it is now, for the writer or for a reader that has announced its snapshot. */
  snapshot(): Snapshot {
    // These first: of before the newest commit they are merely lower than they need be.
    const floor = Atomics.load(this.#state, FLOOR);
    const givenUp = Atomics.load(this.#state, GIVEN_UP_BEFORE);
    return { number: this.#sequence.published, floor, givenUp };
  }

  /** At the beginning of each change. */
  begin(): void {
    this.#commit = (this.#sequence.published + 1) | 0;
    this.isActive = this.#sequence.held || this.#sequence.hasOpenSnapshots;
    if (this.#tail !== this.#state[HEAD]! >>> SEGMENT_BITS) this.#trim();
  }

  /** When something was published. */
  end(): void {
    if (this.#state[FLOOR] !== this.#state[HEAD]) Atomics.store(this.#state, FLOOR, this.#state[HEAD]!);
    const givenUp = this.#state[GIVEN_UP]!;
    if (this.#state[GIVEN_UP_BEFORE] !== givenUp) Atomics.store(this.#state, GIVEN_UP_BEFORE, givenUp);
  }

  /** The row is about to be changed. Only while the log is active; the first time in a commit counts. */
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
    // Last: who sees the position sees the entry, and who does not sees the row unchanged.
    this.#series.rows.setUndo(row, position >>> 0);
  }

  /**
   * Calls `put` for each of `rows` that was changed since the snapshot, with its place and what it was then: to be called
   * when they have been copied, of which all others were copied right. Throws SnapshotLost.
   */
  correct(rows: Uint32Array, snapshot: Snapshot, put: (state: RowState, place: number) => void): void {
    // To add nothing is a barrier: what was read above is not read below it.
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
        // A row's first entry ever names a position that is none of its own.
        if (!isBefore(before, position)) break;
        position = before;
      }
      if (isChanged) put(this.#row, place);
    }
  }

  /** Looks up the entry of a position; is it this row's? */
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

  /** Finds the place of a new entry, and makes room. False where the head has none: snapshots are lost. */
  #make(position: number): boolean {
    const segment = segmentOf(position);
    if ((position & (SEGMENT_ENTRIES - 1)) === 0) {
      if (this.#segments[segment] !== 0) this.#giveUpOldest();
      if (!this.#slabs.fits(SEGMENT_BYTES, MAX_SLABS)) {
        Atomics.add(this.#state, GIVEN_UP, 1);
        return false;
      }
      const block = this.#slabs.allocate(SEGMENT_BYTES);
      // What another entry has left there must not be taken for one.
      this.#slabs.bytesOf(block >>> 16).fill(0, (block & 0xffff) * 8, (block & 0xffff) * 8 + SEGMENT_BYTES);
      this.#segments[segment] = block;
    }
    this.#lookUp(this.#segments[segment]!, position);
    return true;
  }

  /** The log has reached its maximum: snapshots that need the oldest entries are lost. */
  #giveUpOldest(): void {
    Atomics.add(this.#state, GIVEN_UP, 1);
    this.#dropOldest();
  }

  /** Gives segments back whose entries no snapshot can need. */
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
