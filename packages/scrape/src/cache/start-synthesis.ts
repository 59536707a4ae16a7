import { reorderColumn } from "@narthex/bytes";
import { detectReset, type FloatHistogram, HistogramBuilder } from "@narthex/model";

/**
 * Kind of a series that is new or whose last sample was refused. The next sample of such a series is treated as its
 * first sample.
 */
const UNKNOWN = 0;
/** Kind of a series that is not cumulative, such as a gauge. */
const PLAIN = 1;
const FLOAT = 2;
const HISTOGRAM = 3;

const INITIAL_CAPACITY = 64;
const EVERY_VERSION = 2 ** 32 - 1;
/** Family number for samples without metadata. */
const NO_FAMILY = 0;

/** First and last value of a cumulative histogram. The first value is undefined after a reset. */
interface HistogramState {
  readonly base: FloatHistogram | undefined;
  readonly last: FloatHistogram;
}

/**
 * Derives the start times of counters that a target does not expose. The first sample of a series is not stored. Later
 * samples are stored minus this base sample. If a counter falls, its new start time is one millisecond before the lower
 * sample.
 */
export class StartSynthesis {
  /**
   * The value to store, and its start time: the result of the last call of takeFloat(), takeHistogram() or takeKnown().
   */
  value = 0;
  start = 0;
  histogram: FloatHistogram | undefined;
  #kind = new Uint8Array(INITIAL_CAPACITY);
  #base = new Float64Array(INITIAL_CAPACITY);
  #last = new Float64Array(INITIAL_CAPACITY);
  #start = new Float64Array(INITIAL_CAPACITY);
  /** For each series, the number of the body that contained its base, which is the first sample. */
  #begun = new Uint32Array(INITIAL_CAPACITY);
  /** For each series that is not cumulative, the version of the metric types at the time when this was decided. */
  #judged = new Uint32Array(INITIAL_CAPACITY);
  /**
   * For each series that is not cumulative, the number of its metric family at the time when this was decided. The
   * family is that of the last metadata before the sample.
   */
  #family = new Uint32Array(INITIAL_CAPACITY);
  #histograms = new Map<number, HistogramState>();
  #reading = 0;
  /** Number of the body that is being read a second time. The effects of its first reading were undone. */
  #rolledBack = 0;
  #redoing = false;
  /** Numbers of the series that have more than one sample in the current body. */
  #repeated: number[] = [];

  /** Begins a scraped body. Must be called before the samples of the body are passed. */
  begin(): void {
    this.#rolledBack = this.#redoing ? this.#reading : 0;
    this.#redoing = false;
    this.#repeated = [];
    this.#reading++;
  }

  /**
   * Prepares to read the last body again, because the storage has forgotten a series. A series with several samples in
   * the body starts again, because its first sample would look like a counter reset.
   */
  redo(): void {
    this.#redoing = true;
    for (const index of this.#repeated) this.clear(index);
  }

  /** Records that the series has more than one sample in the current body. */
  repeat(index: number): void {
    this.#repeated.push(index);
  }

  /** Reports whether it must still be decided if the series is cumulative. */
  isUnknown(index: number): boolean {
    return this.#kind[index] === UNKNOWN;
  }

  isPlain(index: number): boolean {
    return this.#kind[index] === PLAIN;
  }

  /**
   * Returns the number of consecutive series, beginning with number `first`, of which it is known whether they are
   * cumulative. Stops at the first unknown series. A series also counts as unknown if its family or the metric types
   * have changed.
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
   * Marks a series as not cumulative as long as its family and the version of the metric types stay the same. The
   * samples of such a series are stored unchanged.
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

  /**
   * Processes a float sample of a counter. Returns false if the sample must not be stored because it is the base of
   * later samples.
   */
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

  /**
   * Processes a histogram sample. Returns false if the sample must not be stored because it is the base of later
   * samples.
   */
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
   * Processes a sample of a series of which it is known whether it is cumulative. Returns false if the series is not
   * cumulative or the sample must not be stored.
   */
  takeKnown(index: number, value: number, timestamp: number): boolean {
    return this.#kind[index] === FLOAT && this.takeFloat(index, value, timestamp);
  }

  /**
   * Processes one sample of each of several consecutive series, beginning with number `first`. The caller must already know which of these series are cumulative. Replaces `values` by the values to store.
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

  /** Reports whether the body that is being read again contained the first sample (base) of a series. */
  isRolledBack(index: number): boolean {
    return this.#rolledBack !== 0 && this.#begun[index] === this.#rolledBack;
  }

  /**
   * Memory of the columns plus the approximate memory of the histograms, in bytes. The call visits all histograms, so
   * it is slow.
   */
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

  /** Assigns the new numbers 0, 1, 2 … to the series in `order`. All other series are removed. */
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
