import type { Labels, Matcher } from "@narthex/model";
import type { EncodedChunks } from "./encoded-chunks.ts";
import type { SampleAggregates } from "./sample-aggregates.ts";
import type { SampleColumns } from "./sample-columns.ts";
import type { SampleSpans } from "./sample-spans.ts";
import type { WaitRecorder } from "./wait-recorder.ts";

/**
 * Hints about how a query uses the selected series, so that the storage can read less data. Except for `limit`, hints
 * never change the result.
 */
export interface SelectHints {
  /** Start and end of the query's time range in ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly range?: number;
  /**
   * Period in ms that a value of the query's result represents: the step of the query, or the range of a range vector.
   * If several values differ, the shortest period. 0 for a value at a single time.
   */
  readonly window?: number;
  /** Name of the PromQL function or aggregation that contains the selector. */
  readonly func?: string;
  readonly limit?: number;
  /** Signal that cancels the selection. A read after the signal aborts throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Counts memory for data that the selection of series itself keeps, such as samples from other servers. Throws if the
   * query's memory limit is exceeded.
   */
  readonly memory?: { take(bytes: number): void };
  /** Records how long the selection of series waits for data. */
  readonly waits?: WaitRecorder | undefined;
}

/**
 * Labels of the selected series, by the index of the series. The labels of a series are created only when they are
 * requested, because some callers need the labels of only a few series.
 */
export interface LabelSets {
  readonly count: number;
  /** Returns the labels of series number `index`. With `keep`, returns only labels whose name `keep` accepts. */
  at(index: number, keep?: (name: string) => boolean): Labels;
  /** Returns the value of one label of series number `index`, or "" if the series does not have the label. */
  value(index: number, name: string): string;
  /**
   * Groups the series by the labels whose names `keep` accepts. Returns the group number of each series: 0, 1, 2 … in
   * the order of first occurrence. Several callers may get the same array, so it must not be changed.
   */
  group(keep: (name: string) => boolean): Uint32Array;
}

/**
 * Largest number of series in a small selection. A storage may return the same label sets for repeated small selections,
 * and queries keep objects of their labels for as long as the storage keeps the label sets.
 */
export const MAX_FEW_SERIES = 256;

/** Returns the number of selected series, without creating their labels. */
export const countOf = (set: SeriesSet): number => set.labelSets?.count ?? set.labels.length;

/**
 * The series that a selector has selected. A caller can read them in any order and repeatedly, until the querier is
 * closed.
 */
export interface SeriesSet {
  /**
   * Labels of the series, in the order of compareLabels(). If the set has `labelSets`, all labels are created at the
   * first access of this field.
   */
  readonly labels: readonly Labels[];
  /** Creates the labels of single series on request. Present if the set has many series. */
  readonly labelSets?: LabelSets | undefined;
  /**
   * Reads the samples of series `index` with minTime ≤ t ≤ maxTime into `into`, which grows as needed. The samples are
   * in order of time and include stale markers.
   */
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /** Reads at least the newest sample of series `index` in the time range. Missing if read() is equally fast. */
  readNewest?(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Returns the samples of series `index` as pieces of memory that are not copied. Returns false if the samples cannot
   * be returned in this way; the caller must then use read(). Missing if the samples are not in memory.
   */
  readSpans?(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean;
  /**
   * Returns the samples of series `index` as encoded chunks. Chunks within the time range are not decoded. Returns
   * false if chunks overlap; the caller must then use read(). Missing if the samples are not encoded.
   */
  readChunks?(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean;
  /**
   * Describes downsampled samples: those before the time `before` (ms). For each period (k·resolution - resolution,
   * k·resolution], read() returns only the last sample in the time range. Original samples before `samplesFrom` are
   * deleted. Undefined if all samples are available. If `of` is set, only series for which `of` returns true are
   * downsampled.
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
   * Reads downsampled rows of series `index`, for periods whose last sample is within minTime ≤ t ≤ maxTime. Returns
   * false if the series has histograms; the caller must then use read().
   */
  readAggregates?(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean;
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Counts memory for label names or values. Throws if the query's memory limit is exceeded. */
  readonly memory?: { take(bytes: number): void };
}

/**
 * Reads the data of a storage in a time range. Samples that are added after the querier was created are not visible to
 * it.
 */
export interface Querier {
  select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet>;
  /**
   * Estimates an upper limit of the number of series that select() finds, from memory and without a search. Infinity if
   * select() would read from disk or from another server. Storages without such an estimate do not have this method.
   */
  maxSeries?(matchers: readonly Matcher[], hints: Pick<SelectHints, "start" | "end">): number;
  /**
   * Estimates an upper limit of the number of series, label names and values that a listing visits. Such listings are
   * labelNames(), labelValues(), and select() without reading samples. `label` is the label whose values are listed.
   * The estimate may read a few entries of an index on disk, but it visits no series. Infinity if the number is not
   * known.
   */
  maxListed?(matchers: readonly Matcher[], label?: string): number;
  /** Returns the sorted label names of the matching series. If `matchers` is empty, all series match. */
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /** Returns the sorted values of a label among the matching series. */
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /**
   * Time in Unix ms since which this storage has all data; earlier data may be incomplete. Infinity if the storage is
   * empty, undefined if the storage does not know this time. The value also applies to selections that were made before
   * the field is read.
   */
  readonly completeSince?: number;
  /**
   * Warnings about incomplete results of labelNames() and labelValues(), available after the calls. Warnings of
   * select() are part of its result.
   */
  readonly warnings?: readonly string[];
  /**
   * Number of bytes that this querier has decoded: chunks, and responses of other servers. Data that is decoded twice
   * counts twice. Undefined if this querier decodes nothing.
   */
  readonly bytesRead?: number;
  close(): void;
}

/**
 * Reports which stored data has changed, so that a cache of query results can check whether its entries are still
 * valid.
 */
export interface Invalidations {
  /**
   * Version of the data, which increases with each change. A cache must read the version before it reads the data for a
   * result.
   */
  readonly version: number;
  /**
   * Returns a time in Unix ms before which all samples are unchanged since the given version of the data. Infinity if
   * all samples are unchanged.
   */
  unchangedBefore(version: number): number;
  /**
   * Time before which data is downsampled, Unix ms. Before this time, a result also depends on the query's step and
   * range. Undefined if nothing is downsampled.
   */
  readonly sampledSince?: number;
}

/** A storage that can be queried. Time ranges are in ms and include both ends. */
export interface Queryable {
  querier(minTime: number, maxTime: number): Querier;
  /**
   * The part of the storage that can be read without requests to other servers. Undefined if the whole storage is
   * local.
   */
  readonly local?: Queryable;
  /** Reports changes of the data. Undefined if the storage does not know when its data changes. */
  readonly invalidations?: Invalidations | undefined;
}
