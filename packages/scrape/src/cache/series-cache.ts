import { reorderColumn } from "@narthex/bytes";
import { LineCache } from "@narthex/exposition";
import type { SeriesRef } from "@narthex/storage";
import { SeriesTally } from "./series-tally.ts";
import type { StartSynthesis } from "./start-synthesis.ts";

const UNKNOWN = 0;
const RESOLVED = 1;
const DROPPED = 2;
/** Omitted, because the job has too many series. */
const CUT = 4;
/** Combined with the others: set since the last scrape that was stored. */
const NEW = 8;
/** Its first sample is held back, and the series is not in the storage yet. */
const HELD = 16;
/** States in which a sample needs no further check. */
const SETTLED = RESOLVED | DROPPED;

const INITIAL_CAPACITY = 64;

/** Forgotten series are removed when they are more than this number and a quarter of all. */
const SWEEP_AT_LEAST = 256;

/** Number of series, beyond twice those of the last successful scrape, that failing scrapes may add. */
const OVERGROWTH = 1000;

/**
 * State of a target's series between scrapes, by the bytes that identify them: reference, "dropped by relabeling" or
 * "omitted", time last seen, and whether staleness is tracked. Stored in columns, without an object per series.
 */
export class SeriesCache {
  readonly lines = new LineCache();
  #refs = new Uint32Array(INITIAL_CAPACITY);
  #state = new Uint8Array(INITIAL_CAPACITY);
  /** Number of the last scrape that contained the series. */
  #seen = new Uint32Array(INITIAL_CAPACITY);
  /** Like #seen, for samples whose staleness is tracked. */
  #tracked = new Uint32Array(INITIAL_CAPACITY);
  /** 1 if tracked in the last scrape that stored samples. */
  #live = new Uint8Array(INITIAL_CAPACITY);
  /** True if some of the series that countUnseen() counted last are dropped or cut. */
  gapsAmongUnseen = false;
  #scrape = 0;
  /** Number of series after the last successful scrape. */
  #successful = 0;
  /** The job's tally, to which this target's numbers of resolved and cut series are added. */
  readonly #tally: SeriesTally;
  #resolved = 0;
  #cut = 0;
  /** Derives the start times of counters; absent if the option is off. */
  readonly synthesis: StartSynthesis | undefined;

  constructor(tally = new SeriesTally(), synthesis?: StartSynthesis) {
    this.#tally = tally;
    this.synthesis = synthesis;
  }

  /** Begins a new scrape. */
  begin(): void {
    this.#scrape++;
    this.lines.begin();
    this.synthesis?.begin();
  }

  /** Makes room for a series that `lines.take` numbered. */
  admit(index: number): void {
    if (index >= this.#refs.length) this.#resize(this.#refs.length * 2);
  }

  /** Approximate memory in bytes. */
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
   * Returns the number of series, among `count` from number `first` on, before the first one that is unknown or was
   * already in this scrape.
   * @param isFull true if those that were cut remain cut
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

  /** Like see(), for several series. */
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

  /** Returns a view of the references of `count` series from number `first` on. */
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

  /** Marks the series' first sample as held back. */
  hold(index: number): void {
    this.#become(index, HELD);
  }

  isHeld(index: number): boolean {
    return this.#state[index] === HELD;
  }

  /** Omits the series until the job has fewer series. */
  cut(index: number): void {
    this.#become(index, CUT | NEW);
    this.synthesis?.leaveAlone(index);
  }

  drop(index: number): void {
    this.#become(index, DROPPED);
    this.#seen[index] = this.#scrape;
    this.synthesis?.leaveAlone(index);
  }

  /** Treats the series as never seen, because the storage has forgotten the reference or refused the first sample. */
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

  /** Called when the target is no longer scraped: its series no longer count for the job. */
  release(): void {
    this.#count(-this.#resolved, -this.#cut);
  }

  /** Reports whether this scrape already contained the series. */
  isSeen(index: number): boolean {
    return this.#seen[index] === this.#scrape;
  }

  /** Marks the series as seen in this scrape. Returns true if it was already. */
  see(index: number): boolean {
    const again = this.#seen[index] === this.#scrape;
    this.#seen[index] = this.#scrape;
    return again;
  }

  /** Marks the series to get a stale marker if a later scrape lacks it. */
  track(index: number): void {
    this.#tracked[index] = this.#scrape;
  }

  /**
   * Returns the references of series that the last scrapes contained and this one lacks. This scrape's series then
   * become the live ones.
   */
  endedRefs(): SeriesRef[] {
    const { size } = this.lines;
    // Only the series that ended are collected, because a target has up to a million live ones.
    const ended = new Set<SeriesRef>();
    for (let i = 0; i < size; i++) {
      const here = this.#tracked[i] === this.#scrape;
      if (this.#live[i] === 1 && !here) ended.add(this.#refs[i]!);
      this.#live[i] = here ? 1 : 0;
    }
    // A series may continue with another spelling of its line.
    for (let i = 0; i < size && ended.size > 0; i++) if (this.#live[i] === 1) ended.delete(this.#refs[i]!);
    return [...ended];
  }

  /** Returns the references of all series that get stale markers if the target is removed. */
  liveRefs(): SeriesRef[] {
    const refs: SeriesRef[] = [];
    for (let i = 0; i < this.lines.size; i++) if (this.#live[i] === 1) refs.push(this.#refs[i]!);
    return refs;
  }

  /** After a successful scrape that was not empty: removes the series that it lacked. */
  forgetUnseen(): void {
    this.#successful = this.lines.size - this.#forget();
  }

  /** After a failed scrape: its new series no longer count for the job. */
  forgetNew(): void {
    for (let i = 0; i < this.lines.size; i++) {
      if ((this.#state[i]! & NEW) === 0) continue;
      this.#become(i, UNKNOWN);
      this.#live[i] = 0;
    }
  }

  /**
   * After a failed scrape: removes the series that it lacked, if the cache has grown far beyond the last success. This
   * happens if a failing target exposes new series each time. Returns true if the cache had grown so far.
   */
  forgetOvergrowth(): boolean {
    if (this.lines.size <= this.#successful * 2 + OVERGROWTH) return false;
    this.#forget();
    this.#sweep();
    return true;
  }

  /** Returns the number of removed series that are still in the columns. */
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
