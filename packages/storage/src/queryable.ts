import type { Labels, Matcher } from "@narthex/model";
import type { EncodedChunks } from "./encoded-chunks.ts";
import type { SampleAggregates } from "./sample-aggregates.ts";
import type { SampleColumns } from "./sample-columns.ts";
import type { SampleSpans } from "./sample-spans.ts";
import type { WaitRecorder } from "./wait-recorder.ts";

/** Hints that let a reader read less data. Except for `limit`, they never change the result. */
export interface SelectHints {
  /** Range of the query, ms, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly step?: number;
  readonly range?: number;
  /** Minimum range of time from which one value of the result is computed, ms, or 0 for an instant. */
  readonly window?: number;
  /** PromQL function or aggregation around the selector. */
  readonly func?: string;
  readonly limit?: number;
  /** Cancels the selection; readers throw the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Requests memory for data that the selection itself holds, such as samples from other servers. Throws if there is
   * not enough.
   */
  readonly memory?: { take(bytes: number): void };
  /** Notified when the selection waits. */
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

/** Returns the number of series in a set without creating label sets. */
export const countOf = (set: SeriesSet): number => set.labelSets?.count ?? set.labels.length;

/** The selected series of one selector, which can be read in any order and repeatedly until the querier is closed. */
export interface SeriesSet {
  /** Label sets in order (compareLabels). If there are `labelSets`, created at the first access. */
  readonly labels: readonly Labels[];
  /** The label sets as an object that creates them on request. Present in sets of many series. */
  readonly labelSets?: LabelSets | undefined;
  /**
   * Reads the samples of series `index` with minTime ≤ t ≤ maxTime into `into` (from slot 0, growing it as needed),
   * oldest first, including stale markers.
   */
  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /** Reads at least the newest of the samples of read(). Only in sets that can find it without reading the others. */
  readNewest?(index: number, minTime: number, maxTime: number, into: SampleColumns): void;
  /**
   * Returns the samples of read() in place, without a copy. Returns false if they cannot be represented as spans or are
   * not contiguous; use read() then. Only in sets that have samples in memory.
   */
  readSpans?(index: number, minTime: number, maxTime: number, into: SampleSpans): boolean;
  /**
   * Returns the samples of read() as encoded chunks without decoding those within the range. Returns false if chunks
   * overlap; use read() then. Only in sets that have encoded samples.
   */
  readChunks?(index: number, minTime: number, maxTime: number, into: EncodedChunks): boolean;
  /**
   * Set if samples before the time `before` (ms) are downsampled: the last of each window (k·resolution - resolution,
   * k·resolution], within the selection's range. Before `samplesFrom` the original samples are deleted, whatever range
   * is selected. Absent if all samples are available. With `of`, this applies only to the series for which it returns
   * true.
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
   * Returns the samples of series `index` with minTime ≤ t ≤ maxTime, with aggregates of the windows for downsampled
   * ones whose last sample is within the range. Returns false if there are histograms; use read() then.
   */
  readAggregates?(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean;
  readonly warnings: readonly string[];
}

export interface LabelHints {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** Requests memory: see SelectHints. */
  readonly memory?: { take(bytes: number): void };
}

/** A consistent view of a time range. */
export interface Querier {
  select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet>;
  /**
   * Returns an upper limit of the number of series that select() finds, from the lengths of lists in memory, without a
   * search. Infinity if it reads more than memory. Absent if it is not known.
   */
  maxSeries?(matchers: readonly Matcher[], hints: Pick<SelectHints, "start" | "end">): number;
  /** Returns the sorted names of labels of the matching series (all series if `matchers` is empty). */
  labelNames(matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /** Returns the sorted values of a label among the matching series. */
  labelValues(name: string, matchers: readonly Matcher[], hints?: LabelHints): Promise<readonly string[]>;
  /**
   * Time, ms, from which on all stored data is available here; older data may be incomplete. Infinity if nothing is
   * here. Selections made before reading it are at least as complete. Absent if there is no such time.
   */
  readonly completeSince?: number;
  /** Warnings about incomplete results, after they were read; those of select() contain them too. */
  readonly warnings?: readonly string[];
  /**
   * Number of encoded bytes that were decoded so far to read the selection: of chunks, and of answers of other servers.
   * Bytes decoded twice count twice; data that was cached decoded does not count. Absent if nothing is decoded.
   */
  readonly bytesRead?: number;
  close(): void;
}

/** Version numbers by which a cache finds out whether its results are still valid. */
export interface Invalidations {
  /** Increases with each change. Read it before reading the data to be cached. */
  readonly version: number;
  /**
   * Returns the time, ms, before which samples are unchanged since that version: none was added, removed or changed.
   * Infinity if all are unchanged.
   */
  unchangedBefore(version: number): number;
  /**
   * Time, ms, before which data is aggregated, so that results depend on a query's own step and range. Absent if
   * nothing is aggregated.
   */
  readonly sampledSince?: number;
}

/** A source of selections. Times in ms, both inclusive. */
export interface Queryable {
  querier(minTime: number, maxTime: number): Querier;
  /** The part of the data that is read without requests to other servers. Absent if all data is local. */
  readonly local?: Queryable;
  /** Absent or undefined if the source does not know when its data changes. */
  readonly invalidations?: Invalidations | undefined;
}
