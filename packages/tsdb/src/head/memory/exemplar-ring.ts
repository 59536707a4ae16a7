import type { Labels } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Exemplar, SeriesRef } from "@narthex/storage";

/** Number of exemplars that are visited between two yields to other work. */
const ENTRIES_PER_STEP = 256;

interface Entry {
  readonly ref: SeriesRef;
  readonly labels: Labels;
  readonly exemplar: Exemplar;
}

/** Exemplars of one series, oldest first. */
export interface ExemplarSeries {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/**
 * Ring buffer with the newest exemplars of all series, at most `capacity`. A new exemplar overwrites the oldest one.
 * With capacity 0 no exemplars are stored.
 */
export class ExemplarRing {
  #capacity: number;
  #entries: (Entry | undefined)[] = [];
  #next = 0;
  readonly #last = new Map<SeriesRef, Exemplar>();
  readonly #counts = new Map<SeriesRef, number>();
  lastTimestamp = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get count(): number {
    return this.#entries.length;
  }

  get seriesCount(): number {
    return this.#counts.size;
  }

  lastOf(ref: SeriesRef): Exemplar | undefined {
    return this.#last.get(ref);
  }

  /** Changes the capacity. The newest exemplars are kept. */
  resize(capacity: number): void {
    const kept = this.#ordered().slice(-capacity || Infinity);
    this.#capacity = capacity;
    this.#entries = [];
    this.#next = 0;
    this.#last.clear();
    this.#counts.clear();
    for (const entry of kept) this.add(entry.ref, entry.labels, entry.exemplar);
  }

  add(ref: SeriesRef, labels: Labels, exemplar: Exemplar): void {
    if (this.#capacity === 0) return;
    const old = this.#entries[this.#next];
    if (old !== undefined) this.#forget(old);
    this.#entries[this.#next] = { ref, labels, exemplar };
    this.#next = (this.#next + 1) % this.#capacity;
    this.#last.set(ref, exemplar);
    this.#counts.set(ref, (this.#counts.get(ref) ?? 0) + 1);
    this.lastTimestamp = exemplar.timestamp;
  }

  /** Returns all exemplars, oldest first. */
  entries(): readonly { readonly ref: SeriesRef; readonly exemplar: Exemplar }[] {
    return this.#ordered();
  }

  /**
   * Adds an exemplar unless the series already has this exemplar or a later one. The replay of the log uses it, because
   * the log may repeat exemplars of a memory snapshot.
   */
  addNewer(ref: SeriesRef, labels: Labels, exemplar: Exemplar): void {
    const last = this.#last.get(ref);
    if (last !== undefined) {
      if (exemplar.timestamp < last.timestamp) return;
      if (exemplar.timestamp === last.timestamp && exemplar.value <= last.value) return;
    }
    this.add(ref, labels, exemplar);
  }

  /**
   * Returns the exemplars with minTime ≤ t ≤ maxTime of the series that `matches` accepts. Works in steps. Exemplars
   * that are added between the steps are not included.
   */
  *selecting(minTime: number, maxTime: number, matches: (labels: Labels) => boolean): Steps<ExemplarSeries[]> {
    /** Results by series; undefined for a series that `matches` does not accept. */
    const found = new Map<string, { labels: Labels; exemplars: Exemplar[] } | undefined>();
    let looked = 0;
    for (const { labels, exemplar } of this.#ordered()) {
      if (++looked % ENTRIES_PER_STEP === 0) yield;
      if (exemplar.timestamp < minTime || exemplar.timestamp > maxTime) continue;
      const { key } = labels;
      if (!found.has(key)) found.set(key, matches(labels) ? { labels, exemplars: [] } : undefined);
      found.get(key)?.exemplars.push(exemplar);
    }
    return [...found.values()].filter((series) => series !== undefined);
  }

  #ordered(): Entry[] {
    const entries = [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
    return entries.filter((entry) => entry !== undefined);
  }

  #forget(entry: Entry): void {
    const left = this.#counts.get(entry.ref)! - 1;
    if (left > 0) this.#counts.set(entry.ref, left);
    else {
      this.#counts.delete(entry.ref);
      this.#last.delete(entry.ref);
    }
  }
}
