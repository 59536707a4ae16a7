import { reorderColumn } from "@narthex/bytes";
import { detectReset, type FloatHistogram, HistogramBuilder } from "@narthex/model";

/** Nothing is known of the series, or its last sample was refused: its next one is looked at as if it were the first. */
const UNKNOWN = 0;
/** Does not count anything up. */
const PLAIN = 1;
const FLOAT = 2;
const HISTOGRAM = 3;

const INITIAL_CAPACITY = 64;
const EVERY_VERSION = 2 ** 32 - 1;
/** In place of a family's number: nothing was told of any. */
const NO_FAMILY = 0;

/** What a counter of histograms was at first, undefined since its reset, and last. */
interface HistogramState {
  readonly base: FloatHistogram | undefined;
  readonly last: FloatHistogram;
}

/**
 * Derives when counters began whose target does not say so. The first sample of a series is held back as its base, the
 * later ones count from there. A counter that falls has started again, a millisecond before the sample that shows it:
 * no later time is certain to lie behind the sample before. By the numbers that a SeriesCache gives the series.
 */
export class StartSynthesis {
  /** What the last take…() made of its sample. */
  value = 0;
  start = 0;
  histogram: FloatHistogram | undefined;
  #kind = new Uint8Array(INITIAL_CAPACITY);
  #base = new Float64Array(INITIAL_CAPACITY);
  #last = new Float64Array(INITIAL_CAPACITY);
  #start = new Float64Array(INITIAL_CAPACITY);
  /** The reading that had the series' base. */
  #begun = new Uint32Array(INITIAL_CAPACITY);
  /** The version of the types by which a series that does not count was found so. */
  #judged = new Uint32Array(INITIAL_CAPACITY);
  /** The number of the family by which it was found so: the last that was told of before the sample. */
  #family = new Uint32Array(INITIAL_CAPACITY);
  #histograms = new Map<number, HistogramState>();
  #reading = 0;
  /** The reading whose samples were rolled back, while the same body is read again. */
  #rolledBack = 0;
  #redoing = false;
  /** Series of which the reading had more than one sample. */
  #repeated: number[] = [];

  /** A body is about to be read. */
  begin(): void {
    this.#rolledBack = this.#redoing ? this.#reading : 0;
    this.#redoing = false;
    this.#repeated = [];
    this.#reading++;
  }

  /**
   * The storage has forgotten a series: the body that was read last is read again. One sample of a series leads to the same
   * result once more, of several the first would look like a reset: those series start over.
   */
  redo(): void {
    this.#redoing = true;
    for (const index of this.#repeated) this.clear(index);
  }

  /** The reading has another sample of the series. */
  repeat(index: number): void {
    this.#repeated.push(index);
  }

  /** Must the next sample be asked whether the series counts something up? */
  isUnknown(index: number): boolean {
    return this.#kind[index] === UNKNOWN;
  }

  isPlain(index: number): boolean {
    return this.#kind[index] === PLAIN;
  }

  /**
   * Of `count` series from number `first` on, whose samples come behind what was told of one family, those up to the first
   * of which it is open whether it counts something up: another family than at its last sample, or what was told of this
   * one in a version of the types since then, may say so.
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

  /** The series does not count anything up, by a family in a version of the types: its samples stay as they are. */
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

  /** Takes a sample of a counter; false: it is held back. */
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

  /** As takeFloat(), of a histogram. */
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

  /** As takeFloat(), of a series that is not isUnknown(); false: it does not count anything up. */
  takeKnown(index: number, value: number, timestamp: number): boolean {
    return this.#kind[index] === FLOAT && this.takeFloat(index, value, timestamp);
  }

  /**
   * As takeKnown() of `count` series from number `first` on, of which none isUnknown(): what is in `values` is made what is
   * stored.
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

  /** Was the base taken in the reading that is redone? */
  isRolledBack(index: number): boolean {
    return this.#rolledBack !== 0 && this.#begun[index] === this.#rolledBack;
  }

  /** Memory of the columns, and about that of the histograms, which are visited. */
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

  /** The series in `order` get the numbers 0, 1, 2 …; all others are forgotten. */
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

/** About what a histogram takes beside its buckets and bounds: an object for it, its lists and each span. */
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
