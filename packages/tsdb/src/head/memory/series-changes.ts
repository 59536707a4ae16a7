import type { SeriesRow } from "./series-rows.ts";
import type { SharedBuffers } from "./shared-column.ts";

/** Number of the newest changes that a reader can get. Must be a power of two. */
const CAPACITY = 4096;
/** Flag in an entry of the list of changes. The flag marks a removed series. */
const GONE = 0x80000000;

const GENERATION = 0;
const DETACHED = 1;
const RELEASED = 2;

/** Rows of the head's table whose series were added or removed since a given change number (generation). */
export interface ChangedRows {
  /** Rows whose last change was the addition of a series. */
  readonly added: readonly SeriesRow[];
  /** Rows whose series was removed, even if another series uses the row now. */
  readonly removed: ReadonlySet<SeriesRow>;
  /** Generation (change number) after the last of the changes. */
  readonly generation: number;
}

/**
 * The newest changes of the head's series table, in shared memory. Each addition or removal of a series increases a
 * change number (generation); a reader gets the changes since a number that it knows.
 */
export class SeriesChanges {
  readonly #state: Int32Array;
  readonly #rows: Uint32Array;

  constructor(buffers: SharedBuffers) {
    this.#state = buffers.words("series.generation", 3);
    this.#rows = buffers.column("series.changes", Uint32Array, CAPACITY, CAPACITY).whole();
  }

  get generation(): number {
    return Atomics.load(this.#state, GENERATION);
  }

  /** Records a new series. The series must already be found by its labels and reference. */
  added(row: SeriesRow): void {
    this.#note(row);
  }

  /** Number of series that were removed. Undefined while the lists of labels contain a removed series. */
  get removals(): number | undefined {
    const released = Atomics.load(this.#state, RELEASED);
    return released === Atomics.load(this.#state, DETACHED) ? released : undefined;
  }

  /** Records a removed series. The row of the series keeps the labels as long as a reader can reach them. */
  detached(row: SeriesRow): void {
    Atomics.add(this.#state, DETACHED, 1);
    this.#note((row | GONE) >>> 0);
  }

  /** Records that the lists of labels do not contain a removed series any more. */
  released(row: SeriesRow): void {
    this.#note((row | GONE) >>> 0);
    Atomics.add(this.#state, RELEASED, 1);
  }

  #note(entry: number): void {
    const generation = this.#state[GENERATION]!;
    this.#rows[generation & (CAPACITY - 1)] = entry;
    Atomics.store(this.#state, GENERATION, (generation + 1) | 0);
  }

  /**
   * Returns the changes since a change number (generation). Returns undefined if some of these changes are no longer
   * kept.
   */
  since(generation: number): ChangedRows | undefined {
    const now = this.generation;
    const count = (now - generation) | 0;
    if (count < 0 || count >= CAPACITY) return undefined;
    const added = new Set<SeriesRow>();
    const removed = new Set<SeriesRow>();
    for (let i = 0; i < count; i++) {
      const entry = this.#rows[(generation + i) & (CAPACITY - 1)]!;
      if (entry < GONE) added.add(entry);
      else {
        added.delete(entry - GONE);
        removed.add(entry - GONE);
      }
    }
    // Returns undefined if the writer may have overwritten the oldest entries during the read.
    if (((this.generation - generation) | 0) >= CAPACITY) return undefined;
    return { added: [...added], removed, generation: now };
  }
}
