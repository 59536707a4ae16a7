import { reorderColumn } from "@narthex/bytes";
import { LineCache } from "@narthex/exposition";
import type { SeriesRef } from "@narthex/storage";
import { SeriesTally } from "./series-tally.ts";
import type { StartSynthesis } from "./start-synthesis.ts";

const UNKNOWN = 0;
const RESOLVED = 1;
const DROPPED = 2;
/** State of a series that is not stored, because its scrape job has too many series. */
const CUT = 4;
/**
 * Flag that is added to a state of a series: the series got the state after the last scrape whose samples were stored.
 */
const NEW = 8;
/** State of a series whose first sample is held back, and which is therefore not in the storage yet. */
const HELD = 16;
/** States in which the samples of a series need no further check. */
const SETTLED = RESOLVED | DROPPED;

const INITIAL_CAPACITY = 64;

/**
 * Minimum number of forgotten series that are removed from the cache together. Their number must also be above a
 * quarter of all series.
 */
const SWEEP_AT_LEAST = 256;

/**
 * Number of series that failing scrapes may add to the cache, in addition to twice the number of series of the last
 * successful scrape.
 */
const OVERGROWTH = 1000;

/**
 * Stores the state of a target's series between scrapes, in columns instead of objects. The bytes of a series in the
 * scraped body identify the series. The state is a reference to the stored series, or a mark that relabeling drops the
 * series or that the budget omits it.
 */
export class SeriesCache {
  readonly lines = new LineCache();
  #refs = new Uint32Array(INITIAL_CAPACITY);
  #state = new Uint8Array(INITIAL_CAPACITY);
  /** For each series, the number of the last scrape that contained the series. */
  #seen = new Uint32Array(INITIAL_CAPACITY);
  /**
   * For each series, the number of the last scrape that contained a sample of the series for which a stale marker is
   * needed later.
   */
  #tracked = new Uint32Array(INITIAL_CAPACITY);
  /**
   * For each series, 1 if the last stored scrape contained the series, so that it gets a stale marker when it is
   * missing.
   */
  #live = new Uint8Array(INITIAL_CAPACITY);
  /** True if the last countUnseen() counted a series that relabeling dropped or the budget omits. */
  gapsAmongUnseen = false;
  #scrape = 0;
  /** Number of series in the cache after the last successful scrape. */
  #successful = 0;
  /** Counts the series of all targets of the job, including the stored and omitted series of this target. */
  readonly #tally: SeriesTally;
  #resolved = 0;
  #cut = 0;
  /** Derives the start times of counters. Undefined if the option is off. */
  readonly synthesis: StartSynthesis | undefined;

  constructor(tally = new SeriesTally(), synthesis?: StartSynthesis) {
    this.#tally = tally;
    this.synthesis = synthesis;
  }

  begin(): void {
    this.#scrape++;
    this.lines.begin();
    this.synthesis?.begin();
  }

  /** Extends the columns for a series to which `lines.take` has given a number. */
  admit(index: number): void {
    if (index >= this.#refs.length) this.#resize(this.#refs.length * 2);
  }

  /** Approximate memory of the cache in bytes. */
  get byteLength(): number {
    const own = [this.#refs, this.#state, this.#seen, this.#tracked, this.#live];
    const others = this.lines.byteLength + (this.synthesis?.byteLength ?? 0);
    return own.reduce((sum, { byteLength }) => sum + byteLength, others);
  }

  #resize(size: number): void {
    this.#refs = copied(new Uint32Array(size), this.#refs);
    this.#state = copied(new Uint8Array(size), this.#state);
    this.#seen = copied(new Uint32Array(size), this.#seen);
    this.#tracked = copied(new Uint32Array(size), this.#tracked);
    this.#live = copied(new Uint8Array(size), this.#live);
    this.synthesis?.resize(size);
  }

  /**
   * Returns the number of consecutive series, beginning with number `first`, that can be processed together. Stops at
   * the first series that is unknown or that this scrape has already contained.
   * @param isFull true if omitted series remain omitted
   */
  countUnseen(first: number, count: number, isFull: boolean): number {
    const settled = isFull ? SETTLED | CUT : SETTLED;
    const state = this.#state;
    const seen = this.#seen;
    const scrape = this.#scrape;
    const end = first + count;
    let index = first;
    let all = 0;
    for (; index < end && (state[index]! & settled) !== 0 && seen[index] !== scrape; index++) all |= state[index]!;
    this.gapsAmongUnseen = (all & (DROPPED | CUT)) !== 0;
    return index - first;
  }

  /** Marks consecutive series as contained in this scrape. */
  seeAll(first: number, count: number): void {
    this.#seen.fill(this.#scrape, first, first + count);
  }

  isKnown(index: number): boolean {
    return (this.#state[index]! & SETTLED) !== 0;
  }

  isCut(index: number): boolean {
    return (this.#state[index]! & CUT) !== 0;
  }

  isDropped(index: number): boolean {
    return this.#state[index] === DROPPED;
  }

  /** Returns a view of the storage references of `count` series, beginning with number `first`. */
  refs(first: number, count: number): Uint32Array {
    return this.#refs.subarray(first, first + count);
  }

  ref(index: number): SeriesRef {
    return this.#refs[index]!;
  }

  resolve(index: number, ref: SeriesRef): void {
    this.#refs[index] = ref;
    this.#become(index, RESOLVED | NEW);
  }

  /** Records that the first sample of a series is held back. */
  hold(index: number): void {
    this.#become(index, HELD);
  }

  isHeld(index: number): boolean {
    return this.#state[index] === HELD;
  }

  /** Omits a series until the number of series of the job is below its budget. */
  cut(index: number): void {
    this.#become(index, CUT | NEW);
    this.synthesis?.leaveAlone(index);
  }

  drop(index: number): void {
    this.#become(index, DROPPED);
    this.#seen[index] = this.#scrape;
    this.synthesis?.leaveAlone(index);
  }

  /** Treats a series as new, because the storage has forgotten its reference or refused its first sample. */
  unresolve(index: number): void {
    this.#become(index, UNKNOWN);
  }

  #become(index: number, state: number): void {
    const before = this.#state[index]!;
    this.#state[index] = state;
    this.#count((state & RESOLVED) - (before & RESOLVED), ((state & CUT) - (before & CUT)) / CUT);
  }

  #count(resolved: number, cut: number): void {
    this.#resolved += resolved;
    this.#cut += cut;
    this.#tally.add(resolved, cut);
  }

  /** Subtracts the target's series from the job's tally, because the target is no longer scraped. */
  release(): void {
    this.#count(-this.#resolved, -this.#cut);
  }

  /** Reports whether this scrape has already contained the series. */
  isSeen(index: number): boolean {
    return this.#seen[index] === this.#scrape;
  }

  /** Marks a series as contained in this scrape. Returns true if this scrape had already contained the series. */
  see(index: number): boolean {
    const again = this.#seen[index] === this.#scrape;
    this.#seen[index] = this.#scrape;
    return again;
  }

  /** Records that a series gets a stale marker if a later scrape does not contain the series. */
  track(index: number): void {
    this.#tracked[index] = this.#scrape;
  }

  /**
   * Returns the references of series that the last stored scrape contained and this scrape does not. After the call,
   * the series of this scrape count as those of the last stored scrape.
   */
  endedRefs(): SeriesRef[] {
    const { size } = this.lines;
    // Collects only the ended series, because a target may have up to a million series that have not ended.
    const ended = new Set<SeriesRef>();
    for (let i = 0; i < size; i++) {
      const here = this.#tracked[i] === this.#scrape;
      if (this.#live[i] === 1 && !here) ended.add(this.#refs[i]!);
      this.#live[i] = here ? 1 : 0;
    }
    // Removes series that another line of this scrape exposes, with the labels in another order or format, because they
    // have not ended.
    for (let i = 0; i < size && ended.size > 0; i++) if (this.#live[i] === 1) ended.delete(this.#refs[i]!);
    return [...ended];
  }

  /** Returns the references of all series that get stale markers if the target is removed. */
  liveRefs(): SeriesRef[] {
    const refs: SeriesRef[] = [];
    for (let i = 0; i < this.lines.size; i++) if (this.#live[i] === 1) refs.push(this.#refs[i]!);
    return refs;
  }

  /** Removes the series that a successful scrape did not contain. Must not be called after an empty scrape. */
  forgetUnseen(): void {
    this.#successful = this.lines.size - this.#forget();
  }

  /** Removes the series that a failed scrape has added from the numbers of the job. */
  forgetNew(): void {
    for (let i = 0; i < this.lines.size; i++) {
      if ((this.#state[i]! & NEW) === 0) continue;
      this.#become(i, UNKNOWN);
      this.#live[i] = 0;
    }
  }

  /**
   * Removes the series that a failed scrape did not contain, if the cache has grown far beyond the last successful
   * scrape. The cache grows if a failing target exposes new series each time. Returns true if the cache was too large.
   */
  forgetOvergrowth(): boolean {
    if (this.lines.size <= this.#successful * 2 + OVERGROWTH) return false;
    this.#forget();
    this.#sweep();
    return true;
  }

  /**
   * Removes the series that this scrape did not contain. Returns the number of removed series that still have an entry
   * in the columns.
   */
  #forget(): number {
    const { size } = this.lines;
    let forgotten = 0;
    for (let i = 0; i < size; i++) {
      if (this.#seen[i] !== this.#scrape) {
        if (this.#state[i] !== UNKNOWN) this.#become(i, UNKNOWN);
        this.synthesis?.clear(i);
      }
      this.#state[i]! &= ~NEW;
      if (this.#state[i] === UNKNOWN) forgotten++;
    }
    const many = forgotten > SWEEP_AT_LEAST && forgotten * 4 > size;
    if (!many && !this.lines.isScattered) return forgotten;
    this.#sweep();
    return 0;
  }

  #sweep(): void {
    const order = this.lines.reorder((index) => this.#state[index] !== UNKNOWN);
    for (const column of [this.#refs, this.#state, this.#seen, this.#tracked, this.#live]) reorderColumn(column, order);
    this.synthesis?.reorder(order);
    const room = Math.max(INITIAL_CAPACITY, order.length * 2);
    if (room * 2 < this.#refs.length) this.#resize(room);
  }
}

function copied<T extends Uint8Array | Uint32Array>(into: T, from: T): T {
  into.set(from.subarray(0, into.length));
  return into;
}
