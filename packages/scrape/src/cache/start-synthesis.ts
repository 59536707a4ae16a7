import { reorderColumn } from "@narthex/bytes";
import { detectReset, type FloatHistogram, HistogramBuilder } from "@narthex/model";

/** The series is new, or its last sample was refused. Its next sample is treated as its first sample. */
const UNKNOWN = 0;
/** The series is not cumulative. */
const PLAIN = 1;
const FLOAT = 2;
const HISTOGRAM = 3;

const INITIAL_CAPACITY = 64;
const EVERY_VERSION = 2 ** 32 - 1;
/** Used as the number of the family for samples without metadata. */
const NO_FAMILY = 0;

/** First and last value of a cumulative histogram. The first value is undefined after a reset. */
interface HistogramState {
  readonly base: FloatHistogram | undefined;
  readonly last: FloatHistogram;
}

/**
 * Derives the start times of counters that a target does not expose. The first sample of a series is held back as its
 * base and subtracted from later samples; if a counter falls, its start is one millisecond before the lower sample.
 */
export class StartSynthesis {
  /** Result of the last call of takeFloat(), takeHistogram() or takeKnown(): the value to store, and its start time. */
  value = 0;
  start = 0;
  histogram: FloatHistogram | undefined;
  #kind = new Uint8Array(INITIAL_CAPACITY);
  #base = new Float64Array(INITIAL_CAPACITY);
  #last = new Float64Array(INITIAL_CAPACITY);
  #start = new Float64Array(INITIAL_CAPACITY);
  /** For each series, the number of the body that contained its first sample (base). */
  #begun = new Uint32Array(INITIAL_CAPACITY);
  /**
   * For each series that is not cumulative, the version of the metric types when the series was classified as not
   * cumulative.
   */
  #judged = new Uint32Array(INITIAL_CAPACITY);
  /**
   * For each series that is not cumulative, the number of its family when the series was classified. The family is that
   * of the last metadata before the sample.
   */
  #family = new Uint32Array(INITIAL_CAPACITY);
  #histograms = new Map<number, HistogramState>();
  #reading = 0;
  /** Number of the body whose samples were rolled back, while this body is read again. */
  #rolledBack = 0;
  #redoing = false;
  /** Numbers of series that have more than one sample in the current body. */
  #repeated: number[] = [];

  /** Must be called before the samples of a body. */
  begin(): void {
    this.#rolledBack = this.#redoing ? this.#reading : 0;
    this.#redoing = false;
    this.#repeated = [];
    this.#reading++;
  }

  /**
   * Prepares to read the last body again, because the storage has forgotten a series. Series with several samples in
   * the body start again, because their first sample would look like a counter reset.
   */
  redo(): void {
    this.#redoing = true;
    for (const index of this.#repeated) this.clear(index);
  }

  /** Records that the series has more than one sample in the current body. */
  repeat(index: number): void {
    this.#repeated.push(index);
  }

  /** Reports whether the series must still be checked for being cumulative. */
  isUnknown(index: number): boolean {
    return this.#kind[index] === UNKNOWN;
  }

  isPlain(index: number): boolean {
    return this.#kind[index] === PLAIN;
  }

  /**
   * Returns how many series, beginning with number `first`, are known to be cumulative or not. Stops at the first
   * unknown series; a series also counts as unknown if its family or the metric types have changed.
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

  /**
   * Marks a series as not cumulative, as long as its family and the version of the types are unchanged. Samples of the
   * series are stored unchanged.
   */
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

  /** Processes a sample of a counter. Returns false if the sample is held back. */
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

  /** Processes a sample of a histogram. Returns false if the sample is held back. */
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

  /**
   * Processes a sample of a series whose kind is known. Returns false if the series is not cumulative or the sample is
   * held back.
   */
  takeKnown(index: number, value: number, timestamp: number): boolean {
    return this.#kind[index] === FLOAT && this.takeFloat(index, value, timestamp);
  }

  /**
   * Processes one sample of each of several series, beginning with number `first`, whose kinds are known. Replaces
   * `values` by the values to store.
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

  /** Reports whether the first sample (base) of a series was in the body that is being read again. */
  isRolledBack(index: number): boolean {
    return this.#rolledBack !== 0 && this.#begun[index] === this.#rolledBack;
  }

  /** Memory of the columns, and approximate memory of the histograms. All histograms are visited. */
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

  /** Assigns the numbers 0, 1, 2 … to the series in `order`. All other series are removed. */
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

/**
 * Estimated memory in bytes of a histogram without its buckets and bounds: the objects of the histogram and its lists,
 * and one object for each span.
 */
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
