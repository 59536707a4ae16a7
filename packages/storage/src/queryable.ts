import type { Labels, Matcher } from "@narthex/model";
import type { EncodedChunks } from "./encoded-chunks.ts";
import type { SampleAggregates } from "./sample-aggregates.ts";
import type { SampleColumns } from "./sample-columns.ts";
import type { SampleSpans } from "./sample-spans.ts";
import type { WaitRecorder } from "./wait-recorder.ts";

/**
 * Hints about the use of a selection in a query, so that less data may be read. Except for `limit`, hints never change
 * the result.
 */
export interface SelectHints {
  /** Start and end of the query's time range in ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly range?: number;
  /**
   * Length in ms of the shortest period from whose samples one value of the result is computed; 0 if each value is
   * computed from one instant.
   */
  readonly window?: number;
  /** Name of the PromQL function or aggregation that contains the selector. */
  readonly func?: string;
  readonly limit?: number;
  /** Cancels the selection. Reading then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Takes memory for data that the selection itself holds, such as samples from other servers. Throws if too little
   * memory is left.
   */
  readonly memory?: { take(bytes: number): void };
  /** Records how long the selection waits for data. */
  readonly waits?: WaitRecorder | undefined;
}

/**
 * Labels of the selected series by index. The labels are created only on request, for callers that need the labels of
 * only some series.
 */
export interface LabelSets {
  readonly count: number;
  /** Returns the labels of series `index`. With `keep`, returns only labels whose name `keep` accepts. */
  at(index: number, keep?: (name: string) => boolean): Labels;
  /** Returns the value of one label of series `index`, or "" if it is absent. */
  value(index: number, name: string): string;
  /**
   * Groups the series by the labels whose names `keep` accepts. Returns the group number for each series: 0, 1, 2 … in
   * the order of first occurrence. The array may be shared and must not be changed.
   */
  group(keep: (name: string) => boolean): Uint32Array;
}

/** Returns the number of series, without creating their labels. */
export const countOf = (set: SeriesSet): number => set.labelSets?.count ?? set.labels.length;

/**
 * The series that a selector has selected. These can be read in any order and repeatedly, until the querier is closed.
 */
export interface SeriesSet {
  /**
   * Labels of the series, in the order of compareLabels(). If the set has `labelSets`, they are created at the first
   * access.
   */
  readonly labels: readonly Labels[];
  /** Creates labels on request. Present in sets of many series. */
  readonly labelSets?: LabelSets | undefined;
  /**
   * Reads the samples of series `index` with minTime ≤ t ≤ maxTime into `into`, which grows as needed. Oldest first,
   * including stale markers.
   */
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Reads the newest sample in the time range, and possibly more samples. Missing in sets that cannot find the newest
   * sample faster than read().
   */
  readNewest?(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Returns the samples of read() in the pieces in which they are in memory, without copying. Returns false if the
   * samples cannot be returned in this way; the caller must then use read(). Missing in sets whose samples are not in
   * memory.
   */
  readSpans?(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean;
  /**
   * Returns the samples of read() as encoded chunks. Chunks that are completely in the range are not decoded. Returns
   * false if chunks overlap; the caller must then use read(). Missing in sets without encoded samples.
   */
  readChunks?(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean;
  /**
   * Set if samples before `before` (ms) are downsampled: for each period (k·resolution - resolution, k·resolution],
   * read() returns only the last sample in the range. Original samples before `samplesFrom` are deleted. Undefined if
   * all samples are available. If `of` is set, only series for which `of` returns true are downsampled.
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
   * Reads downsampled rows of series `index` for periods whose last sample is within minTime ≤ t ≤ maxTime. Returns
   * false if there are histograms; the caller must then use read().
   */
  readAggregates?(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean;
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Takes memory for the result. Throws if too little memory is left. */
  readonly memory?: { take(bytes: number): void };
}

/** A consistent view of the data in a time range. */
export interface Querier {
  select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet>;
  /**
   * Returns an upper limit of the number of series that select() finds, estimated from memory without a search.
   * Infinity if select() would read from the disk or another server. Missing in storages that cannot estimate it.
   */
  maxSeries?(matchers: readonly Matcher[], hints: Pick<SelectHints, "start" | "end">): number;
  /** Returns the label names of the matching series, sorted. If `matchers` is empty, all series match. */
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /** Returns the values of a label among the matching series, sorted. */
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /**
   * Time in ms since which this storage has all data; earlier data may be incomplete. Infinity if the storage is empty,
   * undefined if it has no such time. The value also holds for selections that were made before the field is read.
   */
  readonly completeSince?: number;
  /**
   * Warnings about incomplete results of labelNames() and labelValues(), available after these were read. Warnings of
   * select() are in its result.
   */
  readonly warnings?: readonly string[];
  /**
   * Number of bytes decoded so far for the selections: chunks, and responses of other servers. Bytes that are decoded
   * twice count twice; bytes from a cache of decoded data are not counted. Undefined if nothing is decoded.
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
   * Returns the time before which all samples are unchanged since a version, ms. Infinity if all samples are unchanged.
   */
  unchangedBefore(version: number): number;
  /**
   * Time before which data is downsampled, ms. There, results also depend on the query's step and range. Undefined if
   * nothing is downsampled.
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
