import type { MetricMetadata, SeriesRef } from "@narthex/storage";

/**
 * Number of entries that the table of shared descriptions may have beyond two per series. A larger table is cleared.
 */
const SPARE = 1000;

export interface SeriesMetadataEntry {
  readonly ref: SeriesRef;
  readonly metadata: MetricMetadata;
}

/** Metadata (type, unit, help) of series. The series of one metric family share one description. */
export class SeriesMetadata {
  readonly #bySeries = new Map<SeriesRef, MetricMetadata>();
  readonly #shared = new Map<string, MetricMetadata>();

  get size(): number {
    return this.#bySeries.size;
  }

  get(ref: SeriesRef): MetricMetadata | undefined {
    return this.#bySeries.get(ref);
  }

  /** Returns whether set() would change the metadata. */
  differs(ref: SeriesRef, next: MetricMetadata): boolean {
    const known = this.#bySeries.get(ref);
    return known === undefined || !sameMetadata(known, next);
  }

  set(ref: SeriesRef, metadata: MetricMetadata): void {
    const key = JSON.stringify([metadata.type, metadata.unit, metadata.help]);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      if (this.#shared.size > this.#bySeries.size * 2 + SPARE) this.#shared.clear();
      shared = { type: metadata.type, help: metadata.help, unit: metadata.unit };
      this.#shared.set(key, shared);
    }
    this.#bySeries.set(ref, shared);
  }

  delete(ref: SeriesRef): void {
    this.#bySeries.delete(ref);
  }

  [Symbol.iterator](): IterableIterator<[SeriesRef, MetricMetadata]> {
    return this.#bySeries.entries();
  }
}

const sameMetadata = (a: MetricMetadata, b: MetricMetadata): boolean =>
  a === b || (a.type === b.type && a.help === b.help && a.unit === b.unit);
