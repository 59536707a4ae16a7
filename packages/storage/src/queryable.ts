import type { Labels, Matcher } from "@narthex/model";
import type { EncodedChunks } from "./encoded-chunks.ts";
import type { SampleAggregates } from "./sample-aggregates.ts";
import type { SampleColumns } from "./sample-columns.ts";
import type { SampleSpans } from "./sample-spans.ts";
import type { WaitRecorder } from "./wait-recorder.ts";

/** Hints with which a reader may read less data. Except for `limit`, they never change the result. */
export interface SelectHints {
  /** Start and end of the query's range, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly range?: number;
  /** Shortest time range from which one value of the result is computed, ms; 0 for an instant. */
  readonly window?: number;
  /** PromQL function or aggregation whose argument contains the selector. */
  readonly func?: string;
  readonly limit?: number;
  /** Cancels the selection; readers throw the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Account from which memory is taken for data that the selection itself holds, such as samples from other servers.
   * Throws if there is too little.
   */
  readonly memory?: { take(bytes: number): void };
  /** Records the times for which the selection waits. */
  readonly waits?: WaitRecorder | undefined;
}

/**
 * Label sets of selected series by index. Each label set is created only when it is requested, for callers that need
 * only some sets or some labels.
 */
export interface LabelSets {
  readonly count: number;
  /** Returns the labels of series `index`, optionally only those whose name `keep` accepts. */
  at(index: number, keep?: (name: string) => boolean): Labels;
  /** Returns the value of one of its labels, or "" if it is absent. */
  value(index: number, name: string): string;
  /**
   * Assigns a number to each series, by the labels whose names `keep` accepts. Series for which these labels are equal
   * have the same number. Numbers start at 0, in the order of the first series of each number. The result may be shared
   * and must not be changed.
   */
  group(keep: (name: string) => boolean): Uint32Array;
}

/** Returns the number of series in a set, without creating label sets. */
export const countOf = (set: SeriesSet): number => set.labelSets?.count ?? set.labels.length;

/** The selected series of one selector, which can be read in any order and repeatedly until the querier is closed. */
export interface SeriesSet {
  /** Label sets in the order of compareLabels. If the set has `labelSets`, they are created at the first access. */
  readonly labels: readonly Labels[];
  /** An object that creates label sets when they are requested. Sets of many series have it. */
  readonly labelSets?: LabelSets | undefined;
  /**
   * Reads the samples of series `index` with minTime ≤ t ≤ maxTime into `into` (from slot 0, growing it as needed),
   * oldest first, including stale markers.
   */
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Reads the newest sample that read() would return, and perhaps others. Only sets that can find it without reading
   * the others have this method.
   */
  readNewest?(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Returns the samples of read() in place, without a copy. Returns false if they cannot be represented as spans or are
   * not contiguous; the caller must then use read(). Only sets whose samples are in memory have this method.
   */
  readSpans?(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean;
  /**
   * Returns the samples of read() as encoded chunks. Chunks within the range are not decoded. Returns false if chunks
   * overlap; the caller must then use read(). Only sets with encoded samples have this method.
   */
  readChunks?(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean;
  /**
   * Set if samples before the time `before` (ms) are downsampled: only the last sample of each window (k·resolution -
   * resolution, k·resolution] is returned, within the selection's range. Before `samplesFrom` the original samples are
   * deleted, whatever range is selected. Undefined if all samples are available. With `of`, this applies only to series
   * for which `of` returns true.
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
   * Returns the samples of series `index` with minTime ≤ t ≤ maxTime. Downsampled times are returned as aggregates of
   * the windows whose last sample is within the range. Returns false if there are histograms; the caller must then use
   * read().
   */
  readAggregates?(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean;
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Account from which memory is taken: see SelectHints. */
  readonly memory?: { take(bytes: number): void };
}

/** A consistent view of the data in a time range. */
export interface Querier {
  select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet>;
  /**
   * Returns an upper limit of the number of series that select() finds, from the lengths of lists in memory, without a
   * search. Returns Infinity if select() would read more than memory. Storages that do not know it do not have this
   * method.
   */
  maxSeries?(matchers: readonly Matcher[], hints: Pick<SelectHints, "start" | "end">): number;
  /** Returns the label names of the matching series, sorted. If `matchers` is empty, all series match. */
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /** Returns the values of a label among the matching series, sorted. */
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /**
   * Time from which on all stored data is available in this storage, ms; older data may be incomplete. Infinity if the
   * storage is empty. Selections that were made before it is read are at least as complete. Undefined if there is no
   * such time.
   */
  readonly completeSince?: number;
  /**
   * Warnings about incomplete results of labelNames() and labelValues(), after they were read. The results of select()
   * contain their own warnings.
   */
  readonly warnings?: readonly string[];
  /**
   * Number of encoded bytes that were decoded until now to read the selections: of chunks, and of answers of other
   * servers. Bytes that are decoded twice are counted twice, and data from a cache of decoded data is not counted.
   * Undefined if nothing is decoded.
   */
  readonly bytesRead?: number;
  close(): void;
}

/** Version numbers with which a cache checks whether its results are still valid. */
export interface Invalidations {
  /**
   * Version of the data, which increases with each change. The version must be read before the data that will be
   * cached.
   */
  readonly version: number;
  /**
   * Returns the time before which samples have not changed since a version, ms: none was added, removed or changed.
   * Infinity if no samples have changed.
   */
  unchangedBefore(version: number): number;
  /**
   * Time before which data is aggregated, ms, so that results depend on the query's own step and range. Undefined if
   * nothing is aggregated.
   */
  readonly sampledSince?: number;
}

/** A source of selections. Times are in ms, both inclusive. */
export interface Queryable {
  querier(minTime: number, maxTime: number): Querier;
  /** The part of the data that is read without requests to other servers. Undefined if all data is. */
  readonly local?: Queryable;
  /** Versions of the data. Undefined if the source does not know when its data changes. */
  readonly invalidations?: Invalidations | undefined;
}
