import { reorderColumn } from "@narthex/bytes";
import { detectReset, type FloatHistogram, HistogramBuilder } from "@narthex/model";

/** The series is new, or its last sample was refused: its next sample is treated as the first. */
const UNKNOWN = 0;
/** The series is not cumulative. */
const PLAIN = 1;
const FLOAT = 2;
const HISTOGRAM = 3;

const INITIAL_CAPACITY = 64;
const EVERY_VERSION = 2 ** 32 - 1;
/** In place of a family's number: there was no metadata. */
const NO_FAMILY = 0;

/** First and last value of a cumulative histogram; the first is undefined since a reset. */
interface HistogramState {
  readonly base: FloatHistogram | undefined;
  readonly last: FloatHistogram;
}

/**
 * Derives the start times of counters whose target does not expose them. The first sample of a series is held back as
 * its base, and the base is subtracted from later ones. A counter that falls was restarted one millisecond before the
 * sample with the lower value, since no later time is certain to be after the previous sample. Series are identified by
 * their numbers in a SeriesCache.
 */
export class StartSynthesis {
  /** Result of the last take…() for its sample. */
  value = 0;
  start = 0;
  histogram: FloatHistogram | undefined;
  #kind = new Uint8Array(INITIAL_CAPACITY);
  #base = new Float64Array(INITIAL_CAPACITY);
  #last = new Float64Array(INITIAL_CAPACITY);
  #start = new Float64Array(INITIAL_CAPACITY);
  /** Number of the reading that contained the series' base. */
  #begun = new Uint32Array(INITIAL_CAPACITY);
  /** Version of the types with which a series was found not to be cumulative. */
  #judged = new Uint32Array(INITIAL_CAPACITY);
  /** Number of the family with which it was found so: that of the last metadata before the sample. */
  #family = new Uint32Array(INITIAL_CAPACITY);
  #histograms = new Map<number, HistogramState>();
  #reading = 0;
  /** Number of the reading whose samples were rolled back, while the same body is read again. */
  #rolledBack = 0;
  #redoing = false;
  /** Series with more than one sample in the reading. */
  #repeated: number[] = [];

  /** Begins a body. */
  begin(): void {
    this.#rolledBack = this.#redoing ? this.#reading : 0;
    this.#redoing = false;
    this.#repeated = [];
    this.#reading++;
  }

  /**
   * Called before the last body is read again because the storage has forgotten a series. One sample of a series leads
   * to the same result again. With several samples the first would look like a reset, so those series start over.
   */
  redo(): void {
    this.#redoing = true;
    for (const index of this.#repeated) this.clear(index);
  }

  /** Marks that the reading contains another sample of the series. */
  repeat(index: number): void {
    this.#repeated.push(index);
  }

  /** Reports whether it is unknown if the series is cumulative. */
  isUnknown(index: number): boolean {
    return this.#kind[index] === UNKNOWN;
  }

  isPlain(index: number): boolean {
    return this.#kind[index] === PLAIN;
  }

  /**
   * Returns the number of series, among `count` from number `first` on, before the first one for which it is unknown if
   * it is cumulative. All their samples follow the metadata of one family. It is unknown if the family differs from
   * that of the last sample, or if the types have changed since.
   */
  countKnown(first: number, count: number, typesVersion: number, family = NO_FAMILY): number {
    for (let i = first; i < first + count; i++) {
      const kind = this.#kind[i];
      if (kind === UNKNOWN || (kind === PLAIN && this.#isOpen(i, typesVersion, family))) return i - first;
    }
    return count;
  }

  #isOpen(index: number, typesVersion: number, family: number): boolean {
    const judged = this.#judged[index]!;
    return judged < typesVersion || (judged !== EVERY_VERSION && this.#family[index] !== family);
  }

  /** Marks the series as not cumulative, with a family and a version of the types. Its samples are stored unchanged. */
  leaveAlone(index: number, typesVersion = EVERY_VERSION, family = NO_FAMILY): void {
    this.clear(index);
    this.#kind[index] = PLAIN;
    this.#judged[index] = typesVersion;
    this.#family[index] = family;
  }

  clear(index: number): void {
    if (this.#kind[index] === HISTOGRAM) this.#histograms.delete(index);
    this.#kind[index] = UNKNOWN;
  }

  /** Processes a sample of a counter. Returns false if it is held back. */
  takeFloat(index: number, value: number, timestamp: number): boolean {
    if (this.#kind[index] !== FLOAT || this.isRolledBack(index)) {
      this.#begin(index, FLOAT, timestamp);
      this.#base[index] = value;
      this.#last[index] = value;
      return false;
    }
    this.#follow(index, value, timestamp);
    this.start = this.#start[index]!;
    return true;
  }

  /** Like takeFloat(), for a histogram. */
  takeHistogram(index: number, histogram: FloatHistogram, timestamp: number): boolean {
    const before = this.#kind[index] === HISTOGRAM ? this.#histograms.get(index)! : undefined;
    if (before === undefined || this.isRolledBack(index)) {
      this.#begin(index, HISTOGRAM, timestamp);
      this.#histograms.set(index, { base: histogram, last: histogram });
      return false;
    }
    const isReset = detectReset(histogram, before.last);
    if (isReset) this.#start[index] = timestamp - 1;
    const base = isReset ? undefined : before.base;
    this.#histograms.set(index, { base, last: histogram });
    this.histogram = base === undefined ? histogram : difference(histogram, base);
    this.start = this.#start[index]!;
    return true;
  }

  /** Like takeFloat(), for a series that is not isUnknown(). Returns false if it is not cumulative. */
  takeKnown(index: number, value: number, timestamp: number): boolean {
    return this.#kind[index] === FLOAT && this.takeFloat(index, value, timestamp);
  }

  /**
   * Like takeKnown(), for `count` series from number `first` on, none of which isUnknown(). Replaces `values` by the
   * values to store.
   */
  takeRun(first: number, values: Float64Array, starts: Float64Array, timestamp: number): void {
    for (let i = 0; i < values.length; i++) {
      const index = first + i;
      if (this.#kind[index] !== FLOAT) continue;
      this.#follow(index, values[i]!, timestamp);
      values[i] = this.value;
      starts[i] = this.#start[index]!;
    }
  }

  #follow(index: number, value: number, timestamp: number): void {
    if (value < this.#last[index]!) {
      this.#base[index] = 0;
      this.#start[index] = timestamp - 1;
    }
    this.#last[index] = value;
    this.value = value - this.#base[index]!;
  }

  #begin(index: number, kind: number, timestamp: number): void {
    this.clear(index);
    this.#kind[index] = kind;
    this.#start[index] = timestamp;
    this.#begun[index] = this.#reading;
  }

  /** Reports whether the base comes from the reading that is repeated. */
  isRolledBack(index: number): boolean {
    return this.#rolledBack !== 0 && this.#begun[index] === this.#rolledBack;
  }

  /** Memory of the columns, and approximate memory of the histograms, which are all visited. */
  get byteLength(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.byteLength;
    for (const { base, last } of this.#histograms.values()) {
      bytes += memoryOf(last);
      if (base !== undefined && base !== last) bytes += memoryOf(base);
    }
    return bytes;
  }

  get #columns(): (Uint8Array | Uint32Array | Float64Array)[] {
    return [this.#kind, this.#base, this.#last, this.#start, this.#begun, this.#judged, this.#family];
  }

  resize(size: number): void {
    this.#kind = copied(new Uint8Array(size), this.#kind);
    this.#base = copied(new Float64Array(size), this.#base);
    this.#last = copied(new Float64Array(size), this.#last);
    this.#start = copied(new Float64Array(size), this.#start);
    this.#begun = copied(new Uint32Array(size), this.#begun);
    this.#judged = copied(new Uint32Array(size), this.#judged);
    this.#family = copied(new Uint32Array(size), this.#family);
  }

  /** Renumbers the series in `order` to 0, 1, 2 …; all others are removed. */
  reorder(order: Uint32Array): void {
    for (const column of this.#columns) reorderColumn(column, order);
    const histograms = this.#histograms;
    this.#histograms = new Map();
    if (histograms.size === 0) return;
    for (const [to, from] of order.entries()) {
      if (this.#kind[to] === HISTOGRAM) this.#histograms.set(to, histograms.get(from)!);
    }
  }
}

/** Approximate size of a histogram without its buckets and bounds: an object for it, its lists and each span. */
const HISTOGRAM_BYTES = 512;
const SPAN_BYTES = 32;

const memoryOf = (histogram: FloatHistogram): number =>
  HISTOGRAM_BYTES +
  (histogram.positiveSpans.length + histogram.negativeSpans.length) * SPAN_BYTES +
  histogram.positiveBuckets.byteLength +
  histogram.negativeBuckets.byteLength +
  (histogram.customBounds?.byteLength ?? 0);

function difference(histogram: FloatHistogram, base: FloatHistogram): FloatHistogram {
  const builder = new HistogramBuilder(histogram);
  builder.subtract(base);
  const { resetHint, integer } = histogram;
  return { ...builder.compact().toHistogram(), resetHint, ...(integer !== undefined && { integer }) };
}

function copied<T extends Uint8Array | Uint32Array | Float64Array>(into: T, from: T): T {
  into.set(from.subarray(0, into.length));
  return into;
}
