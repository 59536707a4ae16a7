import { type Grid, gridEnd } from "@narthex/model";
import { type MemoryCharge, QueryError, type ResultSeries } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { CompactSeries } from "./compact-series.ts";

/** A result that is not used for this time is dropped, ms. */
const IDLE_MS = 300_000;
/** Largest share of the cache for one result; a larger one would evict too many others. */
const MAX_SHARE = 1 / 2;
/** A result that shares more than this part of its steps with a newer one is replaced by it. */
const MAX_COMMON = 1 / 2;
/** Largest number of results of one key: each is examined at every lookup. */
const MAX_RANGES = 16;
/** Memory of a result's objects, without its key and series. */
const RESULT_BYTES = 1000;

/** The result of a range query, with the version of the storage from which it was computed. */
export interface RangeResult {
  readonly version: number;
  readonly grid: Grid;
  /** Series of floats only. */
  readonly series: readonly ResultSeries[];
  /** Upper limit for the samples that an evaluation of all steps holds at a time. */
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
  /** Number of readers; the memory counts until they are done. */
  readers: number;
}

/**
 * A cache of results of range queries, several for each key. Its size is limited, and counts in the memory of all
 * queries.
 */
export class ResultCache {
  readonly #maxBytes: number;
  readonly #charge: MemoryCharge;
  readonly #clock: Clock;
  /** The results, the most recently used last. */
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

  /** Marks a result as being read, until the returned function is called. */
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
   * Keeps a copy of a result if there is room. It replaces results that share most of their steps with it; these stay
   * until the copy is complete.
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
    const beside = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, beside);
    beside.push(kept);
    this.#kept.add(kept);
    if (beside.length > MAX_RANGES) this.drop(beside.reduce((first, one) => (one.usedAt < first.usedAt ? one : first)));
    this.#watch();
  }

  drop(result: KeptResult): void {
    const kept = result as Kept;
    if (!this.#kept.delete(kept)) return;
    const beside = this.#byKey.get(kept.key)!;
    beside.splice(beside.indexOf(kept), 1);
    if (beside.length === 0) this.#byKey.delete(kept.key);
    if (kept.readers === 0) this.#give(kept.bytes);
  }

  /** Drops results that were not used for this time. */
  dropIdle(ms = IDLE_MS): void {
    const since = this.#clock.monotonic() - ms;
    for (const kept of this.#kept) {
      if (kept.usedAt > since) return;
      this.drop(kept);
    }
  }

  /**
   * Evicts the least recently used results to make room. Returns false if there is not enough. The `replaced` ones are
   * dropped later anyway.
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
      // Queries need the memory more urgently.
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

  /** Checks for unused results as long as the cache contains any: there may be no further query to do it. */
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
