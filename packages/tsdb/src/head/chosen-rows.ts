import type { Matcher } from "@narthex/model";
import { ChosenLabels } from "./chosen-labels.ts";
import type { HeadMemory } from "./head-memory.ts";
import { sortByLabels } from "./label-order.ts";
import { rowsForMatchers } from "./rows-for-matchers.ts";
import type { SeriesRow } from "./series-table.ts";

/** What is kept takes this much memory at most. */
const MAX_BYTES = 12 * 1024 * 1024;

interface Kept {
  /** Of the series table, when they were chosen. */
  readonly generation: number;
  /** All series that match, sorted. Nobody changes it. */
  readonly rows: Uint32Array;
  labels: ChosenLabels | undefined;
  bytes: number;
}

/** Rows in the order of their labels; the labels where they are many. */
export interface ChosenSeries {
  readonly rows: Uint32Array;
  readonly labels: ChosenLabels | undefined;
}

/**
 * Rows and labels of large selections, kept as long as no series comes or goes: rules and dashboards ask for the same
 * ones again and again. To be asked within a look.
 */
export class ChosenRows {
  /** Selections of so many rows are made faster than they would be worth keeping. */
  few = 256;
  readonly #memory: HeadMemory;
  /** The one asked for last at the end. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** The series that satisfy all matchers and the test, up to `limit`. */
  choose(matchers: readonly Matcher[], test: (row: SeriesRow) => boolean, limit: number): ChosenSeries {
    const key = matchers.map(String).join();
    // Asked for first: what comes meanwhile makes another one.
    const { generation } = this.#memory.series;
    const kept = this.#find(key);
    const all = kept?.rows ?? rowsForMatchers(this.#memory, matchers);
    let rows = satisfying(all, test);
    const isWhole = rows.length === all.length && rows.length <= limit;
    if (kept === undefined) sortByLabels(this.#memory, rows);
    if (rows.length > limit) rows = rows.subarray(0, limit);
    if (rows.length <= this.few) return { rows, labels: undefined };
    if (!isWhole) return { rows, labels: new ChosenLabels(this.#memory, rows) };
    const entry = kept ?? { generation, rows, labels: undefined, bytes: 0 };
    entry.labels ??= new ChosenLabels(this.#memory, rows);
    if (kept === undefined) this.#keep(key, entry);
    return { rows, labels: entry.labels };
  }

  /** What was seen on the way is not certain. */
  forget(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #find(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#drop(key, kept);
    if (kept.generation !== this.#memory.series.generation) return undefined;
    this.#keep(key, kept);
    return kept;
  }

  #keep(key: string, kept: Kept): void {
    kept.bytes = 4 * kept.rows.length + kept.labels!.bytes;
    if (kept.bytes > MAX_BYTES) return;
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    for (const [oldest, entry] of this.#kept) {
      if (this.#bytes <= MAX_BYTES) return;
      this.#drop(oldest, entry);
    }
  }

  #drop(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
  }
}

/** Uint32Array.prototype.filter(), several times as fast. */
function satisfying(rows: Uint32Array, test: (row: SeriesRow) => boolean): Uint32Array {
  const kept = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (test(rows[i]!)) kept[count++] = rows[i]!;
  return kept.subarray(0, count);
}
