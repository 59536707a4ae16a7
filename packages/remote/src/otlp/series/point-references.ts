import { ByteMap } from "@narthex/bytes";
import type { Clock } from "@narthex/runtime";
import { NO_SERIES, type SeriesRef } from "@narthex/storage";
import { TripleNumbers } from "../translation/triple-numbers.ts";

/**
 * Interval in ms of the search for data points that are no longer sent. A point counts as no longer sent after SILENT_MS.
 */
const SWEEP_INTERVAL_MS = 5 * 60_000;
const SILENT_MS = 20 * 60_000;

/**
 * Fixed part of the largest memory in bytes for translations and for data points without a stored series. A further
 * amount is added for each stored series. Without the limit, senders with new names in each request could make this
 * memory grow forever, for example if all their points are refused.
 */
const SPARE_BYTES = 64 * 1024 * 1024;
const SPARE_BYTES_PER_SERIES = 1024;
/** Memory in bytes of a data point without its attributes. The next constant is the memory of a series reference. */
const POINT_BYTES = 64;
const REFERENCE_BYTES = 8;

const INITIAL_CAPACITY = 256;
const NONE = 0xffffffff;

/**
 * Maps each OTLP data point (resource, scope, metric, attributes, and its bucket bounds or quantiles) to its stored
 * series. All data is in typed arrays, so a known point needs no string and no object.
 */
export class PointReferences {
  readonly #clock: Clock;
  #attributes = new ByteMap();
  #layouts = new ByteMap();
  #points = new TripleNumbers();
  /** Position of each data point's first series reference. */
  #firsts = new Uint32Array(INITIAL_CAPACITY);
  /** Successor of each data point: the point that followed it in the last request. Senders mostly keep their order. */
  #next = new Uint32Array(INITIAL_CAPACITY).fill(NONE);
  /** Time of the last request with each data point, in units of the sweep interval. */
  #seen = new Uint32Array(INITIAL_CAPACITY);
  #refs = new Uint32Array(INITIAL_CAPACITY);
  /** Data point of each series reference. */
  #owners = new Uint32Array(INITIAL_CAPACITY);
  #refCount = 0;
  /** Number of data points that have series references. */
  #pointCount = 0;
  /** Number of references to stored series. */
  #known = 0;
  /** Memory in bytes of data points without a stored series. */
  #spareBytes = 0;
  readonly #maxSpareBytes: number;
  /**
   * Callback when the first series of a data point is stored. Gets the number of the point's resource, scope and
   * metric.
   */
  onStored: (family: number) => void = () => undefined;
  #last = NONE;
  #now = 0;
  #sweptAt: number;

  constructor(clock: Clock, maxSpareBytes = SPARE_BYTES) {
    this.#clock = clock;
    this.#maxSpareBytes = maxSpareBytes;
    this.#sweptAt = clock.monotonic();
    this.clear();
  }

  /** Number of known data points, including those without series references. */
  get size(): number {
    return this.#points.size;
  }

  /**
   * Begins a request. Numbers of data points are valid until the next request begins. Returns true if all points were
   * forgotten to save memory.
   * @param translationBytes memory of the translations of metrics, of scopes, and of resources without a stored series
   */
  begin(translationBytes: number): boolean {
    this.#last = NONE;
    const spare = this.#spareBytes + this.#layouts.keyBytes + translationBytes;
    if (spare > this.#maxSpareBytes + SPARE_BYTES_PER_SERIES * this.#known) {
      this.clear();
      return true;
    }
    const now = this.#clock.monotonic();
    this.#now = Math.floor(now / SWEEP_INTERVAL_MS);
    if (now - this.#sweptAt < SWEEP_INTERVAL_MS) return false;
    this.#sweptAt = now;
    const oldest = this.#now - SILENT_MS / SWEEP_INTERVAL_MS;
    let silent = 0;
    for (let point = 0; point < this.size; point++) if (this.#seen[point]! < oldest) silent++;
    // Forgets all points if most of them are no longer sent. The storage is then asked once more for the points that
    // are still sent.
    if (silent * 2 <= this.size) return false;
    this.clear();
    return true;
  }

  /** Forgets all data points and their bounds and quantiles. */
  clear(): void {
    this.#attributes = new ByteMap();
    this.#layouts = new ByteMap();
    this.#points = new TripleNumbers();
    this.#firsts = new Uint32Array(INITIAL_CAPACITY);
    this.#next = new Uint32Array(INITIAL_CAPACITY).fill(NONE);
    this.#seen = new Uint32Array(INITIAL_CAPACITY);
    this.#refs = new Uint32Array(INITIAL_CAPACITY);
    this.#owners = new Uint32Array(INITIAL_CAPACITY);
    this.#refCount = this.#pointCount = this.#known = this.#spareBytes = 0;
    this.#last = NONE;
    // Adds the layout 0, which all data points with a single series have.
    this.#layouts.add(new Uint8Array(), 0, 0);
  }

  /**
   * Returns the layout number of a data point's bounds or quantiles, given as doubles in bytes[start, end). Returns 0
   * for a point without bounds and quantiles.
   */
  layout(bytes: Uint8Array, start: number, end: number): number {
    return start === end ? 0 : this.#layouts.add(bytes, start, end);
  }

  /**
   * Returns the number of the data point whose attributes are bytes[start, end).
   * @param width number of series of the point
   */
  point(family: number, bytes: Uint8Array, start: number, end: number, layout: number, width: number): number {
    const last = this.#last;
    const expected = last === NONE ? NONE : this.#next[last]!;
    if (expected !== NONE && this.#isPoint(expected, family, layout)) {
      if (this.#attributes.matchAt(this.#points.second(expected), bytes, start) === end - start) {
        return this.#visit(expected);
      }
    }
    const point = this.#points.add(family, this.#attributes.add(bytes, start, end), layout);
    if (point === this.#pointCount) this.#add(point, width);
    if (last !== NONE) this.#next[last] = point;
    return this.#visit(point);
  }

  #isPoint(point: number, family: number, layout: number): boolean {
    return this.#points.first(point) === family && this.#points.third(point) === layout;
  }

  #visit(point: number): number {
    this.#last = point;
    this.#seen[point] = this.#now;
    return point;
  }

  #add(point: number, width: number): void {
    this.#pointCount = point + 1;
    if (point >= this.#firsts.length) {
      this.#firsts = grown(this.#firsts, point * 2, 0);
      this.#next = grown(this.#next, point * 2, NONE);
      this.#seen = grown(this.#seen, point * 2, 0);
    }
    const first = this.#refCount;
    this.#refCount += width;
    if (this.#refCount > this.#refs.length) {
      const room = Math.max(this.#refCount, this.#refs.length * 2);
      this.#refs = grown(this.#refs, room, NO_SERIES);
      this.#owners = grown(this.#owners, room, 0);
    }
    this.#firsts[point] = first;
    this.#owners.fill(point, first, this.#refCount);
    this.#spareBytes += this.#bytesOf(point);
  }

  /** Returns the position of a data point's first series reference. */
  firstOf(point: number): number {
    return this.#firsts[point]!;
  }

  /** Returns the number of the data point that a series reference belongs to. */
  ownerOf(index: number): number {
    return this.#owners[index]!;
  }

  familyOf(point: number): number {
    return this.#points.first(point);
  }

  /** Returns a view of a data point's attributes, valid until another point is added. */
  attributesOf(point: number): Uint8Array {
    return this.#attributes.key(this.#points.second(point));
  }

  /** Returns a view of a data point's bounds or quantiles, valid until another layout is added. */
  layoutOf(point: number): Uint8Array {
    return this.#layouts.key(this.#points.third(point));
  }

  /** Returns the reference of a series, or NO_SERIES if it is unknown. */
  ref(index: number): SeriesRef {
    return this.#refs[index]!;
  }

  replace(index: number, ref: SeriesRef): void {
    if (this.#refs[index] === NO_SERIES) {
      const point = this.ownerOf(index);
      if (!this.#isStored(point)) {
        this.#spareBytes -= this.#bytesOf(point);
        this.onStored(this.familyOf(point));
      }
      this.#known++;
    }
    this.#refs[index] = ref;
  }

  /** Returns whether any series of a data point is stored. */
  #isStored(point: number): boolean {
    return this.#refs.subarray(this.#firsts[point], this.#endOf(point)).some((ref) => ref !== NO_SERIES);
  }

  #bytesOf(point: number): number {
    const width = this.#endOf(point) - this.#firsts[point]!;
    return POINT_BYTES + this.#attributes.lengthOf(this.#points.second(point)) + width * REFERENCE_BYTES;
  }

  /** Returns the position after a data point's last series reference. */
  #endOf(point: number): number {
    return point + 1 === this.#pointCount ? this.#refCount : this.#firsts[point + 1]!;
  }
}

function grown(column: Uint32Array, length: number, rest: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(length).fill(rest, column.length);
  next.set(column);
  return next;
}
