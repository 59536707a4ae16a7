import { type Grid, gridEnd } from "@narthex/model";
import { type MemoryCharge, QueryError, type ResultSeries } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { CompactSeries } from "./compact-series.ts";

/** Time without use after which a result is dropped, ms. */
const IDLE_MS = 300_000;
/** Largest share of the cache that one result may take, because a larger one would evict too many others. */
const MAX_SHARE = 1 / 2;
/** Share of common steps above which a result is replaced by a newer one. */
const MAX_COMMON = 1 / 2;
/** Largest number of results of one key, since a lookup examines all of them. */
const MAX_RANGES = 16;
/** Memory of a result's objects, bytes, without its key and series. */
const RESULT_BYTES = 1000;

/** The result of a range query, and the version of the storage from which it was computed. */
export interface RangeResult {
  readonly version: number;
  readonly grid: Grid;
  /** Series of floats only. */
  readonly series: readonly ResultSeries[];
  /** Upper limit of the samples that an evaluation of all steps would hold at a time. */
  readonly peakSamples: number;
}

/** A result in the cache. */
export interface KeptResult extends Omit<RangeResult, "series"> {
  /** A copy of the series, which never changes. */
  readonly series: CompactSeries;
}

interface Kept extends KeptResult {
  readonly key: string;
  readonly bytes: number;
  usedAt: number;
  /** Number of readers. The memory of a dropped result is counted until they have finished. */
  readers: number;
}

/**
 * A cache of results of range queries, several for each key. Its size is limited, and is counted in the memory of all
 * queries.
 */
export class ResultCache {
  readonly #maxBytes: number;
  readonly #charge: MemoryCharge;
  readonly #clock: Clock;
  /** The results; the most recently used is the last. */
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

  /** Returns all results of a key. */
  of(key: string): readonly KeptResult[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Marks a result as being read until the returned function is called. */
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
   * Keeps a copy of a result if there is room. The copy replaces results that have most of their steps in common with
   * it. These stay until the copy is complete.
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

  /** Drops the results that were not used for this time. */
  dropIdle(ms = IDLE_MS): void {
    const since = this.#clock.monotonic() - ms;
    for (const kept of this.#kept) {
      if (kept.usedAt > since) return;
      this.drop(kept);
    }
  }

  /**
   * Evicts the least recently used results to make room. Returns false if there is still too little. The memory of
   * `replaced` results is counted as free, because they will be dropped.
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
      // All results are dropped, because queries need the memory more urgently.
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
   * Checks for unused results regularly while the cache contains any, because there may be no further query that would
   * trigger it.
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

/** Returns the number of steps that two ranges with equal steps have in common. */
function stepsInCommon(a: Grid, b: Grid): number {
  const first = Math.max(a.start, b.start);
  return Math.floor((Math.min(gridEnd(a), gridEnd(b)) - first) / a.step) + 1;
}
