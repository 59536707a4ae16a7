import { type Grid, gridEnd } from "@narthex/model";
import { type MemoryCharge, QueryError, type ResultSeries } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { CompactSeries } from "./compact-series.ts";

/** Time in ms after which an unused result is dropped from the cache. */
const IDLE_MS = 300_000;
/** Largest fraction of the cache that one result may take. A larger result would evict too many other results. */
const MAX_SHARE = 1 / 2;
/** Fraction of common evaluation times from which a newer result replaces an older result. */
const MAX_COMMON = 1 / 2;
/** Largest number of results for one key. The number is limited because a lookup examines all results of the key. */
const MAX_RANGES = 16;
/** Memory in bytes for the objects of a result, without its key and series. */
const RESULT_BYTES = 1000;

/** The result of a range query, with the version of the stored data from which it was computed. */
export interface RangeResult {
  readonly version: number;
  readonly grid: Grid;
  /** The series, which contain only floats. */
  readonly series: readonly ResultSeries[];
  /** Upper bound of the number of samples in memory during the evaluation. The sample limit applies to this number. */
  readonly peakSamples: number;
}

export interface KeptResult extends Omit<RangeResult, "series"> {
  /** A copy of the result's series, which never changes. */
  readonly series: CompactSeries;
}

interface Kept extends KeptResult {
  readonly key: string;
  readonly bytes: number;
  usedAt: number;
  /**
   * Number of jobs that are reading the result. The memory of a dropped result still counts until these jobs have
   * finished.
   */
  readers: number;
}

/**
 * A cache of the results of range queries, with several results for each key. Its size is limited, and counts towards
 * the memory of all queries.
 */
export class ResultCache {
  readonly #maxBytes: number;
  readonly #charge: MemoryCharge;
  readonly #clock: Clock;
  /** The cached results. The most recently used is last. */
  readonly #kept = new Set<Kept>();
  readonly #byKey = new Map<string, Kept[]>();
  #bytes = 0;
  #watches = false;

  constructor(maxBytes: number, charge: MemoryCharge, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#charge = charge;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  of(key: string): readonly KeptResult[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Marks a result as in use until the returned function is called. */
  read(result: KeptResult): () => void {
    const kept = result as Kept;
    if (this.#kept.delete(kept)) this.#kept.add(kept);
    kept.usedAt = this.#clock.monotonic();
    kept.readers++;
    return () => {
      if (--kept.readers === 0 && !this.#kept.has(kept)) this.#give(kept.bytes);
    };
  }

  /**
   * Adds a copy of a result to the cache if there is room. Then removes older results that have most evaluation times
   * in common with the new result.
   */
  async put(key: string, result: RangeResult, pause: () => Promise<void> | undefined = () => undefined): Promise<void> {
    const { version, grid, peakSamples } = result;
    const covered = (this.#byKey.get(key) ?? []).filter(
      (other) => stepsInCommon(other.grid, grid) > other.grid.count * MAX_COMMON,
    );
    const bytes = RESULT_BYTES + key.length * 2 + CompactSeries.bytesOf(result.series, grid.count);
    if (bytes > this.#maxBytes * MAX_SHARE || !this.#take(bytes, covered)) return;
    let series: CompactSeries;
    try {
      series = await CompactSeries.of(result.series, grid.count, pause);
    } catch (cause) {
      this.#give(bytes);
      throw cause;
    }
    const kept: Kept = {
      version,
      grid,
      peakSamples,
      series,
      key,
      bytes,
      usedAt: this.#clock.monotonic(),
      readers: 0,
    };
    for (const other of covered) this.drop(other);
    const sameKey = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, sameKey);
    sameKey.push(kept);
    this.#kept.add(kept);
    if (sameKey.length > MAX_RANGES)
      this.drop(sameKey.reduce((first, one) => (one.usedAt < first.usedAt ? one : first)));
    this.#watch();
  }

  drop(result: KeptResult): void {
    const kept = result as Kept;
    if (!this.#kept.delete(kept)) return;
    const sameKey = this.#byKey.get(kept.key)!;
    sameKey.splice(sameKey.indexOf(kept), 1);
    if (sameKey.length === 0) this.#byKey.delete(kept.key);
    if (kept.readers === 0) this.#give(kept.bytes);
  }

  /** Drops results that were not used for `ms` milliseconds. */
  dropIdle(ms = IDLE_MS): void {
    const since = this.#clock.monotonic() - ms;
    for (const kept of this.#kept) {
      if (kept.usedAt > since) return;
      this.drop(kept);
    }
  }

  /**
   * Makes room by removing the least recently used results. Returns false if this cannot make enough room. The memory
   * of the results `replaced` counts as free, because these results will be removed.
   */
  #take(bytes: number, replaced: readonly Kept[]): boolean {
    const room = replaced.reduce((sum, one) => sum + (one.readers === 0 ? one.bytes : 0), this.#maxBytes - bytes);
    for (const oldest of this.#kept) {
      if (this.#bytes <= room) break;
      if (!replaced.includes(oldest)) this.drop(oldest);
    }
    if (this.#bytes > room) return false;
    try {
      this.#charge.take(bytes);
    } catch (cause) {
      if (!(cause instanceof QueryError)) throw cause;
      // Drops all results, because the running queries need the memory more urgently.
      for (const other of this.#kept) this.drop(other);
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  #give(bytes: number): void {
    this.#bytes -= bytes;
    this.#charge.give(bytes);
  }

  /**
   * Checks for unused results at intervals while the cache has results, because a later query that would do so may
   * never come.
   */
  #watch(): void {
    const [oldest] = this.#kept;
    if (this.#watches || oldest === undefined) return;
    this.#watches = true;
    this.#clock.after(oldest.usedAt + IDLE_MS - this.#clock.monotonic(), () => {
      this.#watches = false;
      this.dropIdle();
      this.#watch();
    });
  }
}

/** Returns the number of evaluation times that two ranges have in common. Both ranges have the same step. */
function stepsInCommon(a: Grid, b: Grid): number {
  const first = Math.max(a.start, b.start);
  return Math.floor((Math.min(gridEnd(a), gridEnd(b)) - first) / a.step) + 1;
}
