import { type Grid, gridEnd } from "@narthex/model";
import { type MemoryCharge, QueryError, type ResultSeries } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { CompactSeries } from "./compact-series.ts";

/** A result that nobody has asked for in so long is dropped, ms. */
const IDLE_MS = 300_000;
/** A larger share of the cache than this no result takes: it would cost all others their place. */
const MOST_SHARE = 1 / 2;
/** A result that shares more than this of its steps with a newer one is not kept beside it. */
const MOST_COMMON = 1 / 2;
/** Results of one key: each is looked at when it is asked for. */
const MOST_RANGES = 16;
/** Objects of a result, without its key and series. */
const RESULT_BYTES = 1000;

/** The result of a range query, with the version of the storage that it was made of. */
export interface RangeResult {
  readonly version: number;
  readonly grid: Grid;
  /** Floats alone. */
  readonly series: readonly ResultSeries[];
  /** No evaluation holds more samples at a time. */
  readonly mostSamples: number;
}

/** One that is kept. */
export interface KeptResult extends Omit<RangeResult, "series"> {
  /** A copy of the series, which stays as it is. */
  readonly series: CompactSeries;
}

interface Kept extends KeptResult {
  readonly key: string;
  readonly bytes: number;
  usedAt: number;
  /** Who reads it: its memory is counted until they have done. */
  readers: number;
}

/** Results of range queries, several of a key, within a number of bytes that count for the memory of all queries. */
export class ResultCache {
  readonly #maxBytes: number;
  readonly #charge: MemoryCharge;
  readonly #clock: Clock;
  /** The one used last at the end. */
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

  /** All results of a key. */
  of(key: string): readonly KeptResult[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Somebody reads a result, until the function that is returned is called. */
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
   * Keeps a copy of a result, if there is room for it, in place of those that have most of their steps in common with it.
   * These stay until the copy is made.
   */
  async put(key: string, result: RangeResult, pause: () => Promise<void> | undefined = () => undefined): Promise<void> {
    const { version, grid, mostSamples } = result;
    const covered = (this.#byKey.get(key) ?? []).filter(
      (other) => stepsInCommon(other.grid, grid) > other.grid.count * MOST_COMMON,
    );
    const bytes = RESULT_BYTES + key.length * 2 + CompactSeries.bytesOf(result.series, grid.count);
    if (bytes > this.#maxBytes * MOST_SHARE || !this.#take(bytes, covered)) return;
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
      mostSamples,
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
    if (beside.length > MOST_RANGES)
      this.drop(beside.reduce((first, one) => (one.usedAt < first.usedAt ? one : first)));
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

  /** Drops what nobody has asked for in so many ms. */
  dropIdle(ms = IDLE_MS): void {
    const since = this.#clock.monotonic() - ms;
    for (const kept of this.#kept) {
      if (kept.usedAt > since) return;
      this.drop(kept);
    }
  }

  /**
   * Makes room where results are that were asked for longest ago; false where there is none. Those that are `replaced` go
   * in any case, later.
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
      // Queries need the memory more.
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

  /** Looks for what is idle as long as anything is kept: there may be no query any more that would. */
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

/** How many steps two ranges of the same steps have in common. */
function stepsInCommon(a: Grid, b: Grid): number {
  const first = Math.max(a.start, b.start);
  return Math.floor((Math.min(gridEnd(a), gridEnd(b)) - first) / a.step) + 1;
}
