import type { Matcher } from "@narthex/model";
import { MAX_FEW_SERIES } from "@narthex/storage";
import { SelectionLabels } from "./selection-labels.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import { maxRows, rowTest } from "./rows-for-matchers.ts";

/** Largest size of the cache, bytes. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Size of an entry without rows and labels, bytes. */
const ENTRY_BYTES = 400;
/**
 * Maximum number of series of small selections with labels. Queries keep the label sets of small selections, which have
 * at most MAX_FEW_SERIES series, as objects of up to a kilobyte for as long as the labels are cached.
 */
const MAX_LABEL_SETS = 131_072;

/** State of the series table, from which a later look finds out whether a selection is still correct. */
export interface SelectionVersion {
  /** Generation (number of changes) of the series table. */
  readonly generation: number;
  /** Number of removed series, or undefined while a series is being removed. */
  readonly removals: number | undefined;
  /** Upper limit of the number of series that the matchers accept. Each series that they accept increases it. */
  readonly most: number;
}

interface Kept {
  /** State of the series table for which the rows are correct. */
  version: SelectionVersion;
  /** Rows of all series that the matchers accept, sorted. The array must not be changed. */
  readonly rows: Uint32Array;
  /** Labels of the rows. Undefined if the labels do not fit into the cache. */
  labels: SelectionLabels | undefined;
  bytes: number;
  /** Number of series whose label sets queries may keep together with `labels`; 0 for a large selection. */
  labelSets: number;
}

/** Rows of the series that some matchers accept, in the order of their labels. */
export interface SortedRows {
  /** The rows. The array must not be changed. */
  readonly rows: Uint32Array;
  /** Returns the labels of all rows. The first call creates them. */
  readonly labels: () => SelectionLabels;
}

/**
 * Cache of the rows and labels of selections from the head, because rules and dashboards repeat selections. An entry is
 * valid until a matching series is added or removed. kept() must be called within a snapshot, and keep() while the rows
 * are pinned.
 */
export class HeadSelectionCache {
  /**
   * Number of rows up to which the labels of a selection are cached only when it is repeated, because most small
   * selections are made once.
   */
  few = MAX_FEW_SERIES;
  readonly #memory: HeadMemory;
  /** Cached selections by their matchers. The most recently used is the last. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  #labelSets = 0;

  constructor(memory: HeadMemory) {
    this.#memory = memory;
  }

  /**
   * Returns the cached selection of the given matchers; undefined if a matching series was added or removed since it
   * was cached.
   */
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
    if (kept.version.generation === changes.generation) return true;
    const now = this.versionOf(matchers);
    // If no series was removed, a series that the matchers accept would have increased `most`.
    const { removals, most } = kept.version;
    const isSame = now.removals !== undefined && now.removals === removals && now.most === most;
    if (!isSame && !this.#isUnchanged(matchers, kept)) return false;
    kept.version = now;
    return true;
  }

  /** Looks through the changes of the series table for a series that the matchers accept. */
  #isUnchanged(matchers: readonly Matcher[], { version, rows }: Kept): boolean {
    const changed = this.#memory.series.changes.since(version.generation);
    if (changed === undefined) return false;
    const { added, removed } = changed;
    if (removed.size > 0 && rows.some((row) => removed.has(row))) return false;
    this.#memory.refreshViews();
    return !added.some(rowTest(this.#memory, matchers));
  }

  /** Returns the state of the series table before rows are selected. */
  versionOf(matchers: readonly Matcher[]): SelectionVersion {
    const { generation, removals } = this.#memory.series.changes;
    return { generation, removals, most: maxRows(this.#memory, matchers) };
  }

  /**
   * Caches the rows of all series that the matchers accept, sorted. `version` is the state of the series table before
   * they were selected.
   */
  keep(matchers: readonly Matcher[], rows: Uint32Array, version: SelectionVersion): SortedRows {
    const key = keyOf(matchers);
    const bytes = ENTRY_BYTES + 2 * key.length + rows.byteLength;
    const kept: Kept = { version, rows, labels: undefined, bytes, labelSets: 0 };
    this.#keep(key, kept);
    return { rows, labels: () => this.#labelsOf(key, kept) };
  }

  #labelsOf(key: string, kept: Kept): SelectionLabels {
    if (kept.labels !== undefined) return kept.labels;
    const labels = new SelectionLabels(this.#memory, kept.rows);
    if (kept.bytes + labels.bytes > MAX_BYTES) return labels;
    if (this.#kept.get(key) === kept) this.#drop(key, kept);
    kept.labels = labels;
    kept.bytes += labels.bytes;
    kept.labelSets = kept.rows.length <= MAX_FEW_SERIES ? kept.rows.length : 0;
    this.#keep(key, kept);
    return labels;
  }

  /** Clears the cache. Its entries may be wrong if a change interrupted the read that cached them. */
  forget(): void {
    this.#kept.clear();
    this.#bytes = 0;
    this.#labelSets = 0;
  }

  #keep(key: string, kept: Kept): void {
    if (kept.bytes > MAX_BYTES) return;
    const before = this.#kept.get(key);
    if (before !== undefined) this.#drop(key, before);
    this.#kept.set(key, kept);
    this.#bytes += kept.bytes;
    this.#labelSets += kept.labelSets;
    for (const [oldest, entry] of this.#kept) {
      const isTooLarge = this.#bytes > MAX_BYTES;
      if (!isTooLarge && this.#labelSets <= MAX_LABEL_SETS) return;
      if (isTooLarge || entry.labelSets > 0) this.#drop(oldest, entry);
    }
  }

  #drop(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
    this.#labelSets -= kept.labelSets;
  }
}

const keyOf = (matchers: readonly Matcher[]): string => matchers.map(String).join();
