import type { Matcher } from "@narthex/model";
import { SelectionLabels } from "./selection-labels.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import { rowTest } from "./rows-for-matchers.ts";

/** Largest memory of the cache. */
const MAX_BYTES = 12 * 1024 * 1024;

interface Kept {
  /** The generation of the series table for which the rows are known to be correct. */
  generation: number;
  /** All series that match, sorted. Must not be changed. */
  readonly rows: Uint32Array;
  /** Their labels, if these fit into the cache, too. */
  labels: SelectionLabels | undefined;
  bytes: number;
}

/** Series that satisfy some matchers, in the order of their labels. */
export interface SortedRows {
  /** Must not be changed. */
  readonly rows: Uint32Array;
  /** Returns the labels of all of them, which are made at the first call. */
  readonly labels: () => SelectionLabels;
}

/**
 * Rows and labels of large selections, cached until a matching series is added or removed: rules and dashboards repeat
 * the same selections. Call kept() within a snapshot, and keep() while the rows are pinned.
 */
export class HeadSelectionCache {
  /** Selections with at most this number of rows are not cached: a new one costs less. */
  few = 256;
  readonly #memory: HeadMemory;
  /** The most recently used last. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /** Returns the cached selection of these matchers if none of its series was added or removed since. */
  kept(matchers: readonly Matcher[]): SortedRows | undefined {
    const key = keyOf(matchers);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#drop(key, kept);
    if (!this.#isCurrent(matchers, kept)) return undefined;
    this.#keep(key, kept);
    return { rows: kept.rows, labels: () => this.#labelsOf(key, kept) };
  }

  #isCurrent(matchers: readonly Matcher[], kept: Kept): boolean {
    const { changes } = this.#memory.series;
    if (kept.generation === changes.generation) return true;
    const changed = changes.since(kept.generation);
    if (changed === undefined) return false;
    const { added, removed, generation } = changed;
    if (removed.size > 0 && kept.rows.some((row) => removed.has(row))) return false;
    this.#memory.refreshViews();
    if (added.some(rowTest(this.#memory, matchers))) return false;
    kept.generation = generation;
    return true;
  }

  /** Caches all rows that satisfy the matchers, sorted; they were selected at this generation of the series table. */
  keep(matchers: readonly Matcher[], rows: Uint32Array, generation: number): SortedRows {
    const key = keyOf(matchers);
    const kept: Kept = { generation, rows, labels: undefined, bytes: rows.byteLength };
    if (rows.length > this.few) this.#keep(key, kept);
    return { rows, labels: () => this.#labelsOf(key, kept) };
  }

  #labelsOf(key: string, kept: Kept): SelectionLabels {
    if (kept.labels !== undefined) return kept.labels;
    const labels = new SelectionLabels(this.#memory, kept.rows);
    if (kept.bytes + labels.bytes > MAX_BYTES) return labels;
    if (this.#kept.get(key) === kept) this.#drop(key, kept);
    kept.labels = labels;
    kept.bytes += labels.bytes;
    this.#keep(key, kept);
    return labels;
  }

  /** Drops everything after a failed optimistic read. */
  forget(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #keep(key: string, kept: Kept): void {
    if (kept.bytes > MAX_BYTES) return;
    const before = this.#kept.get(key);
    if (before !== undefined) this.#drop(key, before);
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

const keyOf = (matchers: readonly Matcher[]): string => matchers.map(String).join();
