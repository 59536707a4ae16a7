import type { Labels, Matcher } from "@narthex/model";
import type { EncodedChunks } from "./encoded-chunks.ts";
import type { SampleAggregates } from "./sample-aggregates.ts";
import type { SampleColumns } from "./sample-columns.ts";
import type { SampleSpans } from "./sample-spans.ts";
import type { WaitRecorder } from "./wait-recorder.ts";

/** What a reader may use to read less; never changes the answer. */
export interface SelectHints {
  /** Range the query looks at, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly range?: number;
  /** The shortest stretch of time that one value of the answer is made of, ms, or 0 if that is a moment. */
  readonly window?: number;
  /** PromQL function or aggregation around the selector. */
  readonly func?: string;
  readonly limit?: number;
  /** Cancels the selection; readers throw the signal's reason. */
  readonly signal?: AbortSignal;
  /** Takes memory for what the selection itself holds, such as samples that come from afar; throws if there is none. */
  readonly memory?: { take(bytes: number): void };
  /** Is told when the selection waits. */
  readonly waits?: WaitRecorder | undefined;
}

/**
 * Label sets of the chosen series by number, for those who need few of them, or parts: what no one asks for is not
 * made.
 */
export interface LabelSets {
  readonly count: number;
  /** The labels of series `index`; those whose name `keep` accepts, if it is given. */
  at(index: number, keep?: (name: string) => boolean): Labels;
  /** The value of one of its labels, "" if it is absent. */
  value(index: number, name: string): string;
  /**
   * Numbers series by those of their labels whose name `keep` accepts: from 0, in the order of the first series of each
   * number; the same number, the same labels. No one changes what it returns: others may be given the same.
   */
  group(keep: (name: string) => boolean): Uint32Array;
}

/** How many series a set has; none is made for that. */
export const countOf = (set: SeriesSet): number => set.labelSets?.count ?? set.labels.length;

/** The chosen series of one selector, readable in any order, each any number of times, until the querier is closed. */
export interface SeriesSet {
  /** Sorted by label set (compareLabels). Where there are `labelSets`, made when first asked for. */
  readonly labels: readonly Labels[];
  /** The same label sets, in sets of many series that can do without making them. */
  readonly labelSets?: LabelSets | undefined;
  /**
   * Reads the samples of series `index` with minTime ≤ t ≤ maxTime into `into` (from slot 0, growing it as needed),
   * oldest first, stale markers included.
   */
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Reads, of the samples that read() would find, at least the newest. Sets that can find it without going through the
   * others have this.
   */
  readNewest?(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Tells the samples that read() would copy, where they lie. False if they are not such as can be told as spans, or
   * lie nowhere together: then read() has them. Sets that keep samples at hand have this.
   */
  readSpans?(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean;
  /**
   * Tells the samples that read() would copy as encoded chunks: those that lie within the range as they are kept, without
   * a look into them. False where they overlap: then read() has them. Sets that keep samples encoded have this.
   */
  readChunks?(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean;
  /**
   * Samples before a time are those that are left of others: the last of each window (k·resolution - resolution,
   * k·resolution], as far as the selection reaches. `samplesFrom` is where those that came begin, wherever it ends. Absent:
   * all are there. Where `of` is there, this holds of the series of which it says so.
   */
  readonly downsampled?:
    | {
        readonly before: number;
        readonly samplesFrom: number;
        readonly resolutionMs: number;
        readonly of?: (index: number) => boolean;
      }
    | undefined;
  /**
   * Tells the samples of series `index` with minTime ≤ t ≤ maxTime, those that are downsampled by what is known of
   * their windows, if the last sample of these is within the range. False if there are histograms: then read() has
   * them.
   */
  readAggregates?(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean;
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** As in SelectHints. */
  readonly memory?: { take(bytes: number): void };
}

/** A consistent view of a time range. */
export interface Querier {
  select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet>;
  /**
   * select() finds no more series than that: by the lengths of lists in memory, without a search. Infinity if it reads
   * more than memory. Absent: not known.
   */
  mostSeries?(matchers: readonly Matcher[], hints: Pick<SelectHints, "start" | "end">): number;
  /** Sorted names of labels of the series that match (all series when `matchers` is empty). */
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /** Sorted values of a label among the series that match. */
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /**
   * Since when all that was stored is here, ms: of what is older there may be more elsewhere, or Infinity if nothing is
   * here. What was selected before it is asked for is at least as complete. Absent: there is no such time.
   */
  readonly completeSince?: number;
  /** What the answers lack, after they came; those of select() have it, too. */
  readonly warnings?: readonly string[];
  /**
   * Bytes of encoded samples that were decoded so far to read what was selected: of chunks, and of answers of other
   * servers. What is decoded twice counts twice, what was kept decoded does not count. Absent: nothing is decoded.
   */
  readonly bytesRead?: number;
  close(): void;
}

/** Tells how long what was read stays what would be read again. */
export interface Invalidations {
  /** Rises with each change. To be asked before what is to be kept is read. */
  readonly version: number;
  /**
   * Samples before this time, ms, are the same as at that version: none has come, gone or changed, or Infinity if all
   * are.
   */
  unchangedBefore(version: number): number;
  /**
   * What is older than this time, ms, is aggregates, of which a query's own step and range decide what it is given. Absent:
   * all is samples.
   */
  readonly sampledSince?: number;
}

/** Whatever answers selections. Times in ms, both inclusive. */
export interface Queryable {
  querier(minTime: number, maxTime: number): Querier;
  /** The part of it that is read without asking other servers; all of it if there is none. */
  readonly local?: Queryable;
  /** Absent, or undefined at the moment: changes are not known. */
  readonly invalidations?: Invalidations | undefined;
}
