import type { SeriesRef } from "@narthex/storage";
import { runToEnd, type Steps } from "@narthex/runtime";
import { addInterval, type DeletedInterval } from "../../chunk/deleted-interval.ts";
import { Seqlock } from "../concurrency/seqlock.ts";
import { grownLength, type SharedBuffers, type SharedColumn } from "./shared-column.ts";

const MAX_INTERVALS = 2 ** 26;
/** Number of array elements of an entry in the shared list: reference, start, end. */
const WIDTH = 3;
const COUNT = 0;
const GENERATION = 1;
/** Number of series that are visited between two yields to other work. */
const SERIES_PER_STEP = 4096;
/** Number of superseded entries that the list may have beyond one for each entry in use. */
const SPARE_ENTRIES = 4096;

/** One of the two shared lists, as the writer uses it. */
interface WrittenList {
  readonly column: SharedColumn<typeof Float64Array>;
  view: Float64Array;
  count: number;
}

/**
 * Deleted time intervals of the head's series, which are applied when samples are read. Shared memory contains them as
 * a list of entries (reference, start, end). Each thread merges the list into its own map, and reads only entries that
 * it has not read yet. To remove entries, the writer fills a second list and then switches to it; readers then rebuild
 * their maps.
 */
export class Tombstones {
  readonly #lock: Seqlock;
  readonly #columns: readonly [SharedColumn<typeof Float64Array>, SharedColumn<typeof Float64Array>];
  readonly #state: Int32Array;
  #bySeries = new Map<SeriesRef, readonly DeletedInterval[]>();
  /** Number of deleted intervals in the map. */
  #live = 0;
  /** Number of entries of the current list that this reader has read. */
  #read = 0;
  #generation = 0;
  /** The writer's lists. During a rewrite there are two; the first is the current one. */
  #lists: readonly WrittenList[];

  constructor(buffers: SharedBuffers) {
    this.#lock = new Seqlock("tombstones.version", buffers, () => {});
    const column = (name: string): SharedColumn<typeof Float64Array> =>
      buffers.column(name, Float64Array, WIDTH * 64, WIDTH * MAX_INTERVALS);
    this.#columns = [column("tombstones.even"), column("tombstones.odd")];
    this.#state = buffers.words("tombstones.state", 2);
    this.#lists = [emptyList(this.#columns[0])];
  }

  get size(): number {
    return this.#bySeries.size;
  }

  /** Number of entries in the shared list, including superseded ones. */
  get entryCount(): number {
    return Atomics.load(this.#state, COUNT);
  }

  /** Whether more than half of the entries are superseded, not counting SPARE_ENTRIES. */
  get isSparse(): boolean {
    return this.entryCount > 2 * this.#live + SPARE_ENTRIES;
  }

  add(ref: SeriesRef, interval: DeletedInterval): void {
    if (!this.#merge(ref, interval)) return;
    if (this.entryCount === MAX_INTERVALS) runToEnd(this.compact());
    for (const list of this.#lists) put(list, ref, interval);
    Atomics.store(this.#state, COUNT, this.#lists[0]!.count);
  }

  intervalsOf(ref: SeriesRef): readonly DeletedInterval[] | undefined {
    return this.#bySeries.get(ref);
  }

  entries(): IterableIterator<[SeriesRef, readonly DeletedInterval[]]> {
    return this.#bySeries.entries();
  }

  /** Removes the intervals that end before a time, in steps. Intervals may be added between two steps. */
  *truncate(minTime: number): Steps<void> {
    let visited = 0;
    const before = this.#live;
    for (const [ref, intervals] of this.#bySeries) {
      if (++visited % SERIES_PER_STEP === 0) yield;
      const kept = intervals.filter(({ maxTime }) => maxTime >= minTime);
      this.#live -= intervals.length - kept.length;
      if (kept.length === 0) this.#bySeries.delete(ref);
      else if (kept.length < intervals.length) this.#bySeries.set(ref, kept);
    }
    if (this.#live < before || this.isSparse) yield* this.compact();
  }

  /** Rewrites the list without superseded entries, in steps. Intervals may be added between two steps. */
  *compact(): Steps<void> {
    const generation = this.#state[GENERATION]! + 1;
    const list = emptyList(this.#columns[generation & 1]!);
    this.#lists = [this.#lists[0]!, list];
    let visited = 0;
    for (const [ref, intervals] of this.#bySeries) {
      for (const interval of intervals) put(list, ref, interval);
      if (++visited % SERIES_PER_STEP === 0) yield;
    }
    this.#lists = [list];
    this.#lock.begin();
    Atomics.store(this.#state, COUNT, list.count);
    Atomics.store(this.#state, GENERATION, generation);
    this.#lock.end();
  }

  /** Makes the deletions that the writer has added or removed visible to this reader. */
  refresh(): void {
    const isCurrent = Atomics.load(this.#state, GENERATION) === this.#generation;
    if (isCurrent && this.entryCount === this.#read) return;
    this.#lock.read(() => {
      const generation = Atomics.load(this.#state, GENERATION);
      if (generation !== this.#generation) {
        this.#bySeries = new Map();
        this.#read = 0;
        this.#generation = generation;
      }
      const end = this.entryCount;
      const list = this.#columns[generation & 1]!.whole();
      for (; this.#read < end; this.#read++) {
        const at = this.#read * WIDTH;
        this.#merge(list[at]!, { minTime: list[at + 1]!, maxTime: list[at + 2]! });
      }
    });
  }

  /** Adds an interval to the map. Returns false if the intervals in the map already cover it. */
  #merge(ref: SeriesRef, interval: DeletedInterval): boolean {
    const known = this.#bySeries.get(ref) ?? [];
    const merged = addInterval(known, interval);
    if (merged === known) return false;
    this.#bySeries.set(ref, merged);
    this.#live += merged.length - known.length;
    return true;
  }
}

const emptyList = (column: SharedColumn<typeof Float64Array>): WrittenList => ({
  column,
  view: column.whole(),
  count: 0,
});

function put(list: WrittenList, ref: SeriesRef, { minTime, maxTime }: DeletedInterval): void {
  const at = list.count * WIDTH;
  if (at === list.view.length) list.view = list.column.view(WIDTH * grownLength(list.count, MAX_INTERVALS));
  list.view[at] = ref;
  list.view[at + 1] = minTime;
  list.view[at + 2] = maxTime;
  list.count++;
}
