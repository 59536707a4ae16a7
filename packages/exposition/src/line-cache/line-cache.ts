import { ByteMap, reorderColumn } from "@narthex/bytes";
import { parseGoFloat, NORMAL_NAN } from "@narthex/model";
import { textOf } from "../byte-text.ts";
import type { KnownLines, ResumePoint, SeriesPredictor } from "../entries.ts";
import type { MetricType } from "../family.ts";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { lineMatcher, type LineMatcher, MAX_LINES } from "./line-matcher.ts";

const FIRST = -1;
const INITIAL_CAPACITY = 64;

/**
 * Minimum number of lines to compare at once with the last exposition. If all of them match, the number is doubled for
 * the next comparison.
 */
const MIN_LINES = 16;
/** Maximum number of lines to read one by one after a failed comparison with the last exposition. */
const MAX_PATIENCE = 32;

/** Minimum number of series out of numerical order for which renumbering the series is worth its cost. */
const MIN_JUMPS = 8;

/**
 * Limits of the cached preambles (metadata and comments before lines): the length of one preamble, and the number and
 * bytes of preambles beyond those of one exposition. Without limits the cache would grow, because comments may change
 * in each scrape.
 */
const MAX_PREAMBLE_BYTES = 32 * 1024;
const SPARE_PREAMBLES = 64;
const SPARE_PREAMBLE_BYTES = 64 * 1024;

/** Marks a line whose metadata and comments are not cached. Such a line is never predicted. */
const NO_PREAMBLE_KNOWN = 0xffffffff;

/** A series line that a reader has found. */
export interface SeriesLine {
  readonly predicted: boolean;
  readonly seriesBytes: Uint8Array;
  readonly seriesStart: number;
  readonly seriesEnd: number;
  readonly type?: MetricType;
  readonly preambleStart?: number | undefined;
  readonly preambleHasType?: boolean;
}

/**
 * Recognises series by their bytes and predicts the next ones from the order of the last exposition. Each series has a
 * number, by which the owner of the cache stores its own data. Metadata and comments before a series' line are its
 * preamble. A preamble has a number too, and is also recognised by its bytes.
 * ```ts
 * const cache = new LineCache();
 * const reader = new TextReader(body, cache);
 * cache.begin();
 * reader.next();
 * const series = cache.take(reader);   // a number, new when it equals the size before
 * ```
 */
export class LineCache implements SeriesPredictor {
  readonly #keys = new ByteMap();
  /** Format of the last exposition, such as text or OpenMetrics. */
  #format: BodyFormat | undefined;
  /** For each series, 1 + the number of the series that followed it in the last exposition, or 0 if unknown. */
  #successors = new Uint32Array(INITIAL_CAPACITY);
  /** For each series, 1 + the number of the preamble before its line in the last exposition, or 0 for none. */
  #preambleOf = new Uint32Array(INITIAL_CAPACITY);
  #preambles = new ByteMap();
  /** For each preamble, the metric type in its TYPE entry, if there is one. */
  #preambleTypes: (MetricType | undefined)[] = [];
  /**
   * Counts renumberings of the preambles (metadata and comments before lines), after which their earlier numbers are
   * invalid.
   */
  preambleGeneration = 0;
  /** Number of preambles (metadata and comments before lines) that the current exposition has had so far. */
  #preamblesSeen = 0;
  #preambleBytesSeen = 0;
  #first = 0;
  #previous = FIRST;
  #guess = -1;
  /** Number of the series that was expected at the last unexpected line, or -1. */
  #missed = -1;
  #expected = MAX_LINES;
  /** Number of the current exposition, by which LineMatcher recognises its bytes. */
  #exposition = 0;
  /**
   * Counts of the last exposition. Jumps are series whose number does not follow the number of the series before.
   * Surprises are series that were not expected.
   */
  #jumps = 0;
  #surprises = 0;
  /**
   * Number of jumps (series out of numerical order) in the first exposition after reorder(). Repeated lines cause jumps
   * with any numbering.
   */
  #jumpsInOrder = 0;
  #reordered = false;
  #inOrderYet = false;
  /**
   * `#wait` is the number of lines that are still read one by one before several lines are compared together.
   * `#patience` is the value that `#wait` gets after the next failed comparison.
   */
  #wait = 0;
  #patience = 0;
  readonly #matcher = lineMatcher();
  readonly #known = this.#matcher && {
    first: 0,
    count: 0,
    values: this.#matcher.values,
    times: this.#matcher.times,
    hasTimes: false,
    preambleLines: this.#matcher.preambleLines,
    preambleLineCount: 0,
  };

  get size(): number {
    return this.#keys.size;
  }

  /** Approximate memory in bytes. */
  get byteLength(): number {
    return (
      this.#keys.byteLength + this.#preambles.byteLength + this.#successors.byteLength + this.#preambleOf.byteLength
    );
  }

  begin(): void {
    if (this.#reordered) this.#inOrderYet = true;
    else if (this.#inOrderYet) {
      this.#jumpsInOrder = this.#jumps;
      this.#inOrderYet = false;
    }
    this.#reordered = false;
    this.#jumps = 0;
    this.#surprises = 0;
    this.#previous = FIRST;
    this.#missed = -1;
    this.#expected = MAX_LINES;
    this.#wait = 0;
    this.#patience = 0;
    const { size, keyBytes } = this.#preambles;
    if (this.#preamblesSeen === 0) return;
    if (
      size > this.#preamblesSeen * 2 + SPARE_PREAMBLES ||
      keyBytes > this.#preambleBytesSeen * 2 + SPARE_PREAMBLE_BYTES
    ) {
      this.#forgetPreambles();
    }
    this.#preamblesSeen = 0;
    this.#preambleBytesSeen = 0;
  }

  /**
   * Sets the format of the exposition that is read next. If it differs from the format of the last exposition, the
   * order of lines is forgotten.
   */
  readAs(format: BodyFormat): void {
    if (format === this.#format) return;
    this.#format = format;
    this.#first = 0;
    this.#successors.fill(0);
    this.#forgetPreambles();
  }

  predict(bytes: Uint8Array, at: number): number {
    const guess = this.#next();
    if (guess < 0) return -1;
    this.#guess = guess;
    return this.#keys.matchAt(guess, bytes, at);
  }

  /** Returns the number of the cached metadata and comments before a series, or -1 if they are not cached. */
  preambleOf(index: number): number {
    const preamble = this.#preambleOf[index]!;
    return preamble === NO_PREAMBLE_KNOWN ? -1 : preamble - 1;
  }

  matchLines(exposition: number, bytes: Uint8Array, at: number, withTimes: boolean): KnownLines | undefined {
    const known = this.#known;
    const matcher = this.#matcher;
    if (known === undefined || matcher === undefined) return undefined;
    this.#exposition = exposition;
    if (this.#wait > 0) {
      this.#wait--;
      return undefined;
    }
    const first = this.#next();
    if (first < 0) return undefined;
    const expected = { keys: this.#keys, preambles: this.#preambles, preambleOf: this.#preambleOf };
    const most = this.#inOrder(first);
    const found = matcher.match(exposition, bytes, at, expected, first, most, withTimes);
    known.first = first;
    known.count = readUnparsed(matcher, bytes, found);
    known.hasTimes = matcher.timedCount > 0;
    known.preambleLineCount = matcher.preambleLineCount;
    this.#learn(known.count, most);
    return known.count === 0 ? undefined : known;
  }

  passLines(count: number): ResumePoint {
    const { first, preambleLines, preambleLineCount } = this.#known!;
    let type: MetricType | undefined;
    for (let i = 0; i < preambleLineCount && preambleLines[i]! < count; i++) {
      const preamble = this.#preambleOf[first + preambleLines[i]!]! - 1;
      type = this.#preambleTypes[preamble] ?? type;
      this.#seePreamble(preamble);
    }
    this.#link(first);
    this.#previous = first + count - 1;
    this.#missed = -1;
    return { end: this.#matcher!.lineEnd(count - 1), type };
  }

  has({ predicted, seriesBytes, seriesStart, seriesEnd }: SeriesLine): boolean {
    return predicted || this.#keys.find(seriesBytes, seriesStart, seriesEnd) >= 0;
  }

  /**
   * Returns the number of the reader's series. An unknown series gets the number `size`, and `size` then grows by one.
   */
  take(series: SeriesLine): number {
    const index = series.predicted
      ? this.#guess
      : this.#keys.add(series.seriesBytes, series.seriesStart, series.seriesEnd);
    if (index >= this.#successors.length) {
      this.#successors = resized(this.#successors, index * 2);
      this.#preambleOf = resized(this.#preambleOf, index * 2);
    }
    if (!series.predicted) this.#surprises++;
    this.#missed = series.predicted ? -1 : this.#next();
    this.#link(index);
    this.#previous = index;
    this.#takePreamble(index, series);
    return index;
  }

  /**
   * Whether the last two expositions had the same order of series, and the numbers of the series have another order.
   * Renumbering with reorder() then makes reading faster.
   */
  get isScattered(): boolean {
    const jumps = this.#jumps;
    return jumps > this.#jumpsInOrder * 2 + MIN_JUMPS && jumps * 50 > this.size && this.#surprises * 4 <= jumps;
  }

  /**
   * Removes the series that `keep` refuses, and renumbers the others in the order of the last exposition. The next
   * exposition is then recognised in long runs. Returns an array that contains the previous number of each series at
   * its new number. Must not be called while an exposition is being read.
   */
  reorder(keep: (index: number) => boolean): Uint32Array {
    const { size } = this.#keys;
    const before = new Uint32Array(size);
    const numbers = new Uint32Array(size);
    let count = 0;
    const take = (index: number): void => {
      if (numbers[index] !== 0 || !keep(index)) return;
      before[count++] = index;
      numbers[index] = count;
    };
    // The number of steps is limited, because the successor of a repeated line may be an earlier line, which would give
    // an endless loop.
    for (let link = this.#first, steps = 0; link !== 0 && steps < size; link = this.#successors[link - 1]!, steps++) {
      take(link - 1);
    }
    for (let index = 0; index < size; index++) take(index);
    const order = before.subarray(0, count);
    this.#keys.reorder(order);
    reorderColumn(this.#successors, order);
    reorderColumn(this.#preambleOf, order);
    const renumbered = (link: number): number => (link === 0 ? 0 : numbers[link - 1]!);
    for (let i = 0; i < count; i++) this.#successors[i] = renumbered(this.#successors[i]!);
    const room = Math.max(INITIAL_CAPACITY, count * 2);
    if (room * 2 < this.#successors.length) {
      this.#successors = resized(this.#successors, room);
      this.#preambleOf = resized(this.#preambleOf, room);
    }
    this.#first = renumbered(this.#first);
    this.#previous = FIRST;
    this.#missed = -1;
    this.#reordered = true;
    return order;
  }

  /** Returns the number of the next expected series, or -1. An unknown line does not change the expected series. */
  #next(): number {
    const next = (this.#previous === FIRST ? this.#first : this.#successors[this.#previous]!) - 1;
    return next < 0 ? this.#missed : next;
  }

  #link(index: number): void {
    if (this.#previous === FIRST) this.#first = index + 1;
    else {
      this.#successors[this.#previous] = index + 1;
      if (index !== this.#previous + 1) this.#jumps++;
    }
  }

  /** Returns the number of expected series, starting with `first`, whose numbers are consecutive. */
  #inOrder(first: number): number {
    const successors = this.#successors;
    const end = Math.min(first + this.#expected, this.#keys.size) - 1;
    let last = first;
    while (last < end && successors[last] === last + 2) last++;
    return last - first + 1;
  }

  /** Adapts the number of lines for the next comparison to the number of lines that matched. */
  #learn(count: number, most: number): void {
    const wanted = count === most ? this.#expected : count;
    this.#expected = Math.min(MAX_LINES, Math.max(MIN_LINES, wanted * 2));
    if (count > 1 || count === most) this.#patience = 0;
    else {
      this.#wait = this.#patience;
      this.#patience = Math.min(MAX_PATIENCE, this.#patience * 2 + 1);
    }
  }

  #takePreamble(index: number, line: SeriesLine): void {
    const preamble = this.#numberPreamble(line);
    if (this.#preambleOf[index] === preamble) return;
    this.#preambleOf[index] = preamble;
    this.#matcher?.changePreamble(this.#exposition, index, preamble);
  }

  #numberPreamble({ seriesBytes, seriesStart, preambleStart, preambleHasType, type }: SeriesLine): number {
    if (preambleStart === undefined || seriesStart - preambleStart > MAX_PREAMBLE_BYTES) return NO_PREAMBLE_KNOWN;
    if (preambleStart === seriesStart) return 0;
    const preamble = this.#preambles.add(seriesBytes, preambleStart, seriesStart);
    this.#preambleTypes[preamble] = preambleHasType === true ? type : undefined;
    this.#seePreamble(preamble);
    return preamble + 1;
  }

  #seePreamble(preamble: number): void {
    this.#preamblesSeen++;
    this.#preambleBytesSeen += this.#preambles.lengthOf(preamble);
  }

  #forgetPreambles(): void {
    this.#preambles = new ByteMap();
    this.#preambleTypes = [];
    this.#preambleOf.fill(NO_PREAMBLE_KNOWN);
    this.preambleGeneration++;
  }
}

/**
 * Parses the numbers that LineMatcher could not parse. Returns the number of valid lines before the first invalid
 * number.
 */
function readUnparsed({ unparsed, unparsedCount, values }: LineMatcher, bytes: Uint8Array, found: number): number {
  for (let i = 0; i < unparsedCount; i++) {
    const value = parseGoFloat(textOf(bytes, unparsed[i * 3 + 1]!, unparsed[i * 3 + 2]!));
    if (value === undefined) return unparsed[i * 3]!;
    values[unparsed[i * 3]!] = value === value ? value : NORMAL_NAN;
  }
  return found;
}

function resized(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(length);
  next.set(column.subarray(0, length));
  return next;
}
