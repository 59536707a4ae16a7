import { getHeapStatistics } from "node:v8";
import type { Labels } from "@narthex/model";
import { type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { type ByteSlabs, MAX_SLABS, SLAB_BYTES } from "./byte-slabs.ts";
import { type ChunkTable, MAX_CHUNKS } from "./chunk-table.ts";
import { MAX_PAIRS, type Postings } from "./postings.ts";
import { MAX_NAMES } from "./label-names.ts";
import { MAX_SERIES } from "./series-rows.ts";
import { MAX_REF } from "./series-references.ts";
import type { SeriesTable } from "./series-table.ts";
import { MAX_SYMBOLS, type Symbols } from "./symbols.ts";

/** The tables of a head whose sizes are limited. */
export interface HeadTables {
  readonly series: SeriesTable;
  readonly postings: Postings;
  readonly symbols: Symbols;
  readonly chunks: ChunkTable;
  readonly slabs: ByteSlabs;
}

/** Largest numbers of items (series, chunks and others) that a head may have. */
export interface HeadLimits {
  /** Largest possible series reference. */
  readonly references: number;
  readonly series: number;
  readonly pairs: number;
  readonly symbols: number;
  readonly names: number;
  /** Largest number of closed chunks, in memory and in files. */
  readonly chunks: number;
  /** Largest number of memory slabs, half a megabyte each. */
  readonly slabs: number;
  /**
   * Largest number of series with native histograms, and of histograms in one transaction. Both need objects on the
   * JavaScript heap.
   */
  readonly histograms: number;
}

/**
 * Estimated bytes of the JavaScript heap for each series whose newest sample is a native histogram: an encoder, its
 * buffer and the last histogram.
 */
const HISTOGRAM_HEAP_BYTES = 8192;
/**
 * Fraction of the JavaScript heap that histograms may take. The limit exists because V8 ends a process whose heap is
 * full.
 */
const HISTOGRAM_HEAP_SHARE = 1 / 2;

/**
 * Default limits. They follow from the widths of ids, the address space of the head and the size of the JavaScript
 * heap.
 */
export const HEAD_LIMITS: HeadLimits = {
  references: MAX_REF,
  series: MAX_SERIES - 1,
  pairs: MAX_PAIRS - 1,
  symbols: MAX_SYMBOLS - 1,
  names: MAX_NAMES,
  chunks: MAX_CHUNKS - 1,
  slabs: MAX_SLABS,
  histograms: Math.floor((getHeapStatistics().heap_size_limit * HISTOGRAM_HEAP_SHARE) / HISTOGRAM_HEAP_BYTES),
};

/** Largest number of labels of a series, because 16 bits store the number. */
export const MAX_LABELS = 65_535;
/** Number of characters above which a label text may take more than 32 KiB in UTF-8. */
export const LONG_TEXT = 8192;
/**
 * Number of labels that certainly fit into one memory slab if their texts have at most LONG_TEXT characters. The memory
 * for their postings lists and series is included.
 */
const LABELS_PER_SLAB = 8;
/** Largest number of series and labels that tryReserveRoom() grants before it checks the tables again. */
const MAX_CERTAIN_ROOM = 1024;

/**
 * Fraction of chunks and slabs that appenders leave free for samples that are already accepted. KEPT_BY_COMMITS is the
 * fraction that commits leave free for work that frees memory, such as rewriting lists.
 */
const KEPT_BY_APPENDERS = 1 / 32;
const KEPT_BY_COMMITS = 1 / 128;
/**
 * Fraction of the limit that must become free, in addition to the reserve, before a full resource counts as available.
 * Without this margin, every removed series would cause a log message.
 */
const AGAIN_FREE = 1 / 64;

/** A limited resource of a head, such as chunks. */
class Resource {
  readonly name: keyof HeadLimits;
  readonly #capacity: HeadCapacity;
  readonly #taken: () => number;
  readonly #keptShare: number;
  readonly #sentence: (limit: number) => string;
  readonly #subject: string;
  #isFull = false;
  #log: StateLog | undefined;

  constructor(
    capacity: HeadCapacity,
    name: keyof HeadLimits,
    taken: () => number,
    sentence: (limit: number) => string,
    keptShare = 0,
  ) {
    this.#capacity = capacity;
    this.name = name;
    this.#taken = taken;
    this.#sentence = sentence;
    this.#keptShare = keptShare;
    this.#subject = keptShare > 0 ? "taking samples into the head" : "taking new series into the head";
  }

  /** Whether the resource was full at the last check. */
  get wasFull(): boolean {
    return this.#isFull;
  }

  get left(): number {
    return this.#capacity.limits[this.name] - this.#taken();
  }

  /**
   * Returns whether `count` more items would exceed the limit. Logs a message when the answer differs from the previous
   * one.
   */
  lacks(count: number): boolean {
    const limit = this.#capacity.limits[this.name];
    const kept = Math.ceil(limit * this.#keptShare);
    const isFull = this.left - count < kept + (this.#isFull ? Math.floor(limit * AGAIN_FREE) : 0);
    if (isFull || this.#isFull) this.#logState(isFull);
    this.#isFull = isFull;
    return isFull;
  }

  get sentence(): string {
    return this.#sentence(this.#capacity.limits[this.name]);
  }

  #logState(isFull: boolean): void {
    const { logger } = this.#capacity;
    if (logger === undefined) return;
    this.#log ??= logOnChange(logger, this.#subject);
    if (isFull) this.#log.failed(this.sentence);
    else this.#log.succeeded();
  }
}

/**
 * Decides whether a head has room for more data. All callers ask this class before they use the tables, so that an
 * accepted series or sample has room for all of its parts and no operation fails halfway.
 */
export class HeadCapacity {
  readonly limits: HeadLimits;
  /** Logger for two messages: that a resource is used up, and that the resource is available again. */
  logger: Logger | undefined;
  /** Reason for the last refusal, as a message for the user. */
  refusal = "";
  /** Number of refused series, by the resource that had no room. */
  readonly refusedSeries: Record<keyof HeadLimits | "labels", number> = {
    references: 0,
    series: 0,
    pairs: 0,
    symbols: 0,
    names: 0,
    chunks: 0,
    slabs: 0,
    histograms: 0,
    labels: 0,
  };
  refusedSamples = 0;
  /** Function that returns the number of series with native histograms. The head sets it. */
  openHistograms: () => number = () => 0;
  /** Remaining number of series and labels that tryReserveRoom() may grant without checking the tables. */
  #certainRoomLeft = 0;
  readonly #memory: HeadTables;
  /**
   * Number of slabs in use above which even commits are refused. `#lastChunk` is the corresponding number of chunks.
   */
  readonly #lastSlab: number;
  readonly #lastChunk: number;
  readonly #references: Resource;
  readonly #series: Resource;
  readonly #pairs: Resource;
  readonly #symbols: Resource;
  readonly #names: Resource;
  readonly #chunks: Resource;
  readonly #slabs: Resource;
  readonly #histograms: Resource;
  readonly #all: readonly Resource[];

  constructor(memory: HeadTables, limits: Partial<HeadLimits> = {}) {
    const { series, postings, symbols, chunks, slabs } = memory;
    this.#memory = memory;
    this.limits = { ...HEAD_LIMITS, ...limits };
    this.#lastSlab = Math.floor(this.limits.slabs * (1 - KEPT_BY_COMMITS));
    this.#lastChunk = Math.floor(this.limits.chunks * (1 - KEPT_BY_COMMITS));
    this.#references = new Resource(
      this,
      "references",
      () => series.spentReferences,
      (limit) => `all ${limit} references of series are used up; a restart frees those of removed series`,
    );
    const full =
      (things: string) =>
      (limit: number): string =>
        `the head has reached its limit of ${limit} ${things}; a compaction makes room`;
    this.#series = new Resource(this, "series", () => series.takenRows, full("series"));
    this.#pairs = new Resource(this, "pairs", () => postings.takenPairs, full("label pairs"));
    this.#symbols = new Resource(this, "symbols", () => symbols.taken, full("label names and values"));
    this.#names = new Resource(this, "names", () => postings.takenNames, full("label names"));
    this.#chunks = new Resource(this, "chunks", () => chunks.taken, full("chunks"), KEPT_BY_APPENDERS);
    this.#slabs = new Resource(
      this,
      "slabs",
      () => slabs.takenSlabs,
      (limit) => `the head fills its ${(limit * SLAB_BYTES) / 2 ** 20} MiB of memory; a compaction makes room`,
      KEPT_BY_APPENDERS,
    );
    this.#histograms = new Resource(
      this,
      "histograms",
      () => this.openHistograms(),
      (limit) =>
        `the head has reached its limit of ${limit} series with native histograms, which take memory of the JavaScript heap; ` +
        "a compaction makes room for series that have ended, NODE_OPTIONS=--max-old-space-size for more",
    );
    this.#all = [this.#references, this.#series, this.#pairs, this.#symbols, this.#names, this.#chunks, this.#slabs];
  }

  /**
   * Returns whether there is room for one more series with the given labels. If not, counts the series as refused.
   * `needsReference` is true if the series has no reference yet.
   */
  takesSeries(labels: Labels, needsReference = true): boolean {
    this.forgetCertainRoom();
    const { pairs } = labels;
    const count = pairs.length / 2;
    if (count > MAX_LABELS) {
      this.refusal = `a series cannot have more than ${MAX_LABELS} labels, this one has ${count}`;
      this.refusedSeries.labels++;
      return false;
    }
    const lacking = this.#lackingFor(count, needsReference) ?? (this.#fits(pairs) ? undefined : this.#slabs);
    if (lacking === undefined) return true;
    this.refusal = lacking.sentence;
    this.refusedSeries[lacking.name]++;
    return false;
  }

  /**
   * Number of series and labels together that certainly fit, if their texts have at most LONG_TEXT characters. For
   * callers that add many series. If the number is 0, there may still be room, and takesSeries() decides.
   */
  get certainRoom(): number {
    const { slabs, chunks } = this.#memory;
    if (this.#all.some((resource) => resource.wasFull)) return 0;
    if (this.#lackingFor(0, true) !== undefined || chunks.taken > this.#lastChunk) return 0;
    const slabsLeft = this.limits.slabs * (1 - KEPT_BY_APPENDERS) - slabs.takenSlabs;
    const counts = [
      this.#references.left,
      this.#series.left,
      this.#pairs.left,
      this.#symbols.left / 2,
      this.#names.left,
    ];
    return Math.max(0, Math.floor(counts.reduce((a, b) => Math.min(a, b), slabsLeft * LABELS_PER_SLAB)) - 1);
  }

  /**
   * Returns whether one more series with this number of labels certainly fits. Checks the tables only once for many
   * series, to be fast.
   */
  tryReserveRoom(labels: number): boolean {
    this.#certainRoomLeft -= labels + 1;
    if (this.#certainRoomLeft >= 0) return true;
    this.#certainRoomLeft = Math.min(MAX_CERTAIN_ROOM, this.certainRoom) - labels - 1;
    return this.#certainRoomLeft >= 0;
  }

  /** Cancels the room that tryReserveRoom() may still grant. Must be called before other data takes room. */
  forgetCertainRoom(): void {
    this.#certainRoomLeft = 0;
  }

  /** Returns whether there is room for the samples of an appender. If not, counts `count` refused samples. */
  takesSamples(count: number): boolean {
    this.forgetCertainRoom();
    const lacking = this.#slabs.lacks(0) ? this.#slabs : this.#chunks.lacks(0) ? this.#chunks : undefined;
    if (lacking === undefined) return true;
    this.refuseSamples(count, lacking.sentence);
    return false;
  }

  /**
   * Returns whether there is room for one more histogram of an appender. If not, counts a refused sample.
   * @param newSeries number of series whose first histogram is in the appender, including this one; 0 if the series
   * already has histograms
   * @param pending number of histograms that the appender has collected
   */
  takesHistogram(newSeries: number, pending: number): boolean {
    const isFull = newSeries > 0 && this.#histograms.lacks(newSeries);
    if (!isFull && pending < this.limits.histograms) return true;
    if (isFull) this.refusedSeries.histograms++;
    this.refuseSamples(1, this.#histograms.sentence);
    return false;
  }

  /** Whether there is room for samples that were already accepted, or that are in the log. */
  get hasReserve(): boolean {
    const { slabs, chunks } = this.#memory;
    return slabs.takenSlabs <= this.#lastSlab && chunks.taken <= this.#lastChunk;
  }

  /** Returns whether there is room for a memory block of `bytes` bytes, which may be large. */
  fits(bytes: number): boolean {
    return this.#memory.slabs.fits(bytes, this.#lastSlab);
  }

  refuseSamples(count: number, sentence = this.#slabs.sentence): void {
    this.refusal = sentence;
    this.refusedSamples += count;
  }

  #lackingFor(labels: number, needsReference: boolean): Resource | undefined {
    if (needsReference && this.#references.lacks(1)) return this.#references;
    if (this.#series.lacks(1)) return this.#series;
    if (this.#pairs.lacks(labels)) return this.#pairs;
    if (this.#symbols.lacks(labels * 2)) return this.#symbols;
    if (this.#names.lacks(labels)) return this.#names;
    if (this.#slabs.lacks(0)) return this.#slabs;
    return this.#chunks.lacks(0) ? this.#chunks : undefined;
  }

  /** Returns whether there is room for texts that may be larger than any free piece of memory. */
  #fits(pairs: readonly string[]): boolean {
    let bytes = 0;
    for (const text of pairs) if (text.length > LONG_TEXT) bytes += text.length * 3 + SLAB_BYTES;
    return bytes === 0 || this.fits(bytes);
  }
}
