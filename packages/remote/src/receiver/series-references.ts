import { ByteMap, reorderColumn } from "@narthex/bytes";
import type { Clock } from "@narthex/runtime";
import { NO_SERIES, type SeriesRef } from "@narthex/storage";

/**
 * Interval in ms of the search for series that are no longer written. A series counts as no longer written after
 * SILENT_MS.
 */
const SWEEP_INTERVAL_MS = 5 * 60_000;
const SILENT_MS = 20 * 60_000;

const INITIAL_CAPACITY = 256;
const NONE = 0xffffffff;

/**
 * Finds the storage's reference of a series by the bytes of its labels in a request. All data is in typed arrays, so a
 * known series needs no string and no object.
 */
export class SeriesReferences {
  readonly #keys = new ByteMap();
  #refs = new Uint32Array(INITIAL_CAPACITY);
  /** Successor of each series: the series that followed it in the last request. Senders mostly keep their order. */
  #next = new Uint32Array(INITIAL_CAPACITY).fill(NONE);
  /** Time of the last request with each series, in units of the sweep interval. */
  #seen = new Uint32Array(INITIAL_CAPACITY);
  #last = NONE;
  #now = 0;
  readonly #clock: Clock;
  #sweptAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptAt = clock.monotonic();
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Approximate memory in bytes. */
  get byteLength(): number {
    return this.#keys.byteLength + 3 * this.#refs.byteLength;
  }

  /** Begins a request. Numbers of series are valid until the next request begins. */
  begin(): void {
    this.#last = NONE;
    const now = this.#clock.monotonic();
    this.#now = Math.floor(now / SWEEP_INTERVAL_MS);
    if (now - this.#sweptAt < SWEEP_INTERVAL_MS) return;
    this.#sweptAt = now;
    this.#sweep();
  }

  /** Returns the number of the series whose encoded labels are bytes[start, end); -1 if the series is unknown. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const last = this.#last;
    const expected = last === NONE ? NONE : this.#next[last]!;
    if (expected !== NONE && this.#keys.matchAt(expected, bytes, start) === end - start) {
      this.#last = expected;
      this.#seen[expected] = this.#now;
      return expected;
    }
    const index = this.#keys.find(bytes, start, end);
    if (index >= 0) this.#visit(index);
    return index;
  }

  /** Adds the reference of a series. Returns the new series number. */
  add(bytes: Uint8Array, start: number, end: number, ref: SeriesRef): number {
    const index = this.#keys.add(bytes, start, end);
    if (index >= this.#refs.length) this.#resize(this.#refs.length * 2);
    this.#refs[index] = ref;
    this.#visit(index);
    return index;
  }

  ref(index: number): SeriesRef {
    return this.#refs[index]!;
  }

  /** Replaces the reference of a series after the storage has forgotten the previous reference. */
  replace(index: number, ref: SeriesRef): void {
    this.#refs[index] = ref;
  }

  #visit(index: number): void {
    if (this.#last !== NONE) this.#next[this.#last] = index;
    this.#last = index;
    this.#seen[index] = this.#now;
  }

  #sweep(): void {
    const oldest = this.#now - SILENT_MS / SWEEP_INTERVAL_MS;
    let silent = 0;
    for (let index = 0; index < this.#keys.size; index++) if (this.#seen[index]! < oldest) silent++;
    if (silent * 4 <= this.#keys.size) return;
    const order = new Uint32Array(this.#keys.size - silent);
    for (let index = 0, to = 0; index < this.#keys.size; index++) {
      if (this.#seen[index]! >= oldest) order[to++] = index;
    }
    this.#keys.reorder(order);
    reorderColumn(this.#refs, order);
    reorderColumn(this.#seen, order);
    const room = Math.max(INITIAL_CAPACITY, order.length * 2);
    if (room * 2 < this.#refs.length) this.#resize(room);
    this.#next.fill(NONE);
  }

  #resize(capacity: number): void {
    const resized = (column: Uint32Array, rest: number): Uint32Array<ArrayBuffer> => {
      const next = new Uint32Array(capacity).fill(rest);
      next.set(column.subarray(0, capacity));
      return next;
    };
    this.#refs = resized(this.#refs, NO_SERIES);
    this.#next = resized(this.#next, NONE);
    this.#seen = resized(this.#seen, 0);
  }
}
