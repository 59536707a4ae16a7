import { reorderColumn } from "@narthex/bytes";
import { LineCache } from "@narthex/exposition";
import type { SeriesRef } from "@narthex/storage";
import { SeriesTally } from "./series-tally.ts";
import type { StartSynthesis } from "./start-synthesis.ts";

const UNKNOWN = 0;
const RESOLVED = 1;
const DROPPED = 2;
/** Left out, because the job has too many series. */
const CUT = 4;
/** With the others: it became so after the last scrape that was stored. */
const NEW = 8;
/** Its first sample is held back, and the storage does not know it yet. */
const HELD = 16;
/** States that a sample needs no further check in. */
const SETTLED = RESOLVED | DROPPED;

const INITIAL_CAPACITY = 64;

/** Forgotten series are swept out when they are more than this and a quarter of all. */
const SWEEP_AT_LEAST = 256;

/** How many series beyond twice those of the last success failing scrapes may leave. */
const OVERGROWTH = 1000;

/**
 * What a target's loop knows of its series between scrapes, by the bytes that name them: reference, "dropped by
 * relabeling" or "left out", when last seen, and whether staleness is tracked. In columns; no object per series.
 */
export class SeriesCache {
  readonly lines = new LineCache();
  #refs = new Uint32Array(INITIAL_CAPACITY);
  #state = new Uint8Array(INITIAL_CAPACITY);
  /** Number of the scrape that saw the series last. */
  #seen = new Uint32Array(INITIAL_CAPACITY);
  /** As #seen, of samples whose staleness is tracked. */
  #tracked = new Uint32Array(INITIAL_CAPACITY);
  /** 1: was tracked in the last scrape that stored samples. */
  #live = new Uint8Array(INITIAL_CAPACITY);
  /** Some of those that countUnseen() counted last are dropped or cut. */
  gapsAmongUnseen = false;
  #scrape = 0;
  /** Series that the last success left. */
  #successful = 0;
  /** How many of this target's series are resolved and cut, in the tally of its job. */
  readonly #tally: SeriesTally;
  #resolved = 0;
  #cut = 0;
  /** Derives when counters began; absent where no one asks for it. */
  readonly synthesis: StartSynthesis | undefined;

  constructor(tally = new SeriesTally(), synthesis?: StartSynthesis) {
    this.#tally = tally;
    this.synthesis = synthesis;
  }

  /** A new scrape starts. */
  begin(): void {
    this.#scrape++;
    this.lines.begin();
    this.synthesis?.begin();
  }

  /** Makes room for a series that `lines.take` numbered. */
  admit(index: number): void {
    if (index >= this.#refs.length) this.#resize(this.#refs.length * 2);
  }

  /** Memory it holds, but for a little. */
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
   * Of `count` series from number `first` on, those up to the first that is not known or that this scrape had already.
   * @param isFull whether those that were cut stay so
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

  /** As see(), of many. */
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

  /** References of `count` series from number `first` on: a view. */
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

  /** The series' first sample is held back. */
  hold(index: number): void {
    this.#become(index, HELD);
  }

  isHeld(index: number): boolean {
    return this.#state[index] === HELD;
  }

  /** The series is left out until the job has fewer. */
  cut(index: number): void {
    this.#become(index, CUT | NEW);
    this.synthesis?.leaveAlone(index);
  }

  drop(index: number): void {
    this.#become(index, DROPPED);
    this.#seen[index] = this.#scrape;
    this.synthesis?.leaveAlone(index);
  }

  /** The storage has forgotten the reference, or refused the first sample: the series is as good as never seen. */
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

  /** The target is scraped no more: its series count no longer as those of the job. */
  release(): void {
    this.#count(-this.#resolved, -this.#cut);
  }

  /** Has this scrape had the series already? */
  isSeen(index: number): boolean {
    return this.#seen[index] === this.#scrape;
  }

  /** Notes that this scrape has the series; true if it had it before. */
  see(index: number): boolean {
    const again = this.#seen[index] === this.#scrape;
    this.#seen[index] = this.#scrape;
    return again;
  }

  /** The series gets a stale marker should a later scrape lack it. */
  track(index: number): void {
    this.#tracked[index] = this.#scrape;
  }

  /** References of the series that the last scrapes had and this one lacks; afterwards this scrape's are the live ones. */
  endedRefs(): SeriesRef[] {
    const { size } = this.lines;
    // Only the series that ended are collected: a target has up to a million live ones.
    const ended = new Set<SeriesRef>();
    for (let i = 0; i < size; i++) {
      const here = this.#tracked[i] === this.#scrape;
      if (this.#live[i] === 1 && !here) ended.add(this.#refs[i]!);
      this.#live[i] = here ? 1 : 0;
    }
    // A series may go on under another spelling of its line.
    for (let i = 0; i < size && ended.size > 0; i++) if (this.#live[i] === 1) ended.delete(this.#refs[i]!);
    return [...ended];
  }

  /** References of all series that would get stale markers if the target went. */
  liveRefs(): SeriesRef[] {
    const refs: SeriesRef[] = [];
    for (let i = 0; i < this.lines.size; i++) if (this.#live[i] === 1) refs.push(this.#refs[i]!);
    return refs;
  }

  /** After a scrape that succeeded and was not empty: forgets what it did not have. */
  forgetUnseen(): void {
    this.#successful = this.lines.size - this.#forget();
  }

  /** After a scrape that failed: what came with it has no place among the series of the job. */
  forgetNew(): void {
    for (let i = 0; i < this.lines.size; i++) {
      if ((this.#state[i]! & NEW) === 0) continue;
      this.#become(i, UNKNOWN);
      this.#live[i] = 0;
    }
  }

  /**
   * After a scrape that failed: forgets what it did not have where the cache has grown far beyond what the last success
   * left, as it does when a failing target names ever new series. True where it did.
   */
  forgetOvergrowth(): boolean {
    if (this.lines.size <= this.#successful * 2 + OVERGROWTH) return false;
    this.#forget();
    this.#sweep();
    return true;
  }

  /** Returns how many of the series in the columns are forgotten. */
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
