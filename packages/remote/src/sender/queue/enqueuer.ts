import { CUSTOM_BUCKETS_SCHEMA } from "@narthex/model";
import type { HistogramSample, SampleRecord, SeriesExemplar } from "@narthex/tsdb";
import { comparePositions, type LogPosition } from "../position/log-position.ts";
import type { QueueStats } from "./queue-stats.ts";
import type { SentSeries } from "../series/sent-series.ts";
import type { Shard } from "./shard.ts";

/** Entry number that is greater than all entry numbers. It represents the position after a record. */
const ALL_ENTRIES = 2 ** 31 - 1;
/** Entry number that is less than all entry numbers. It represents the position before a record. */
const NO_ENTRY = -1;

/** Distributes the entries of the write-ahead log to the batches of the shards, by series. */
export class Enqueuer {
  shards: readonly Shard[];
  /** Number of entries that were dropped before sending. The number of shards is computed from it. */
  droppedEntries = 0;
  /** The shard that had no room for the last entry; undefined if there was room. */
  full: Shard | undefined;
  readonly #series: SentSeries;
  readonly #stats: QueueStats;
  readonly #customBuckets: boolean;
  #segment: number;
  #offset: number;
  #entry: number;
  /** Position in the log up to which some shards had sent entries before the restart. */
  #knownUntil: LogPosition;
  #isBehindKnown: boolean;

  /** @param customBuckets whether the message format supports histograms with custom buckets */
  constructor(series: SentSeries, stats: QueueStats, customBuckets: boolean, shards: readonly Shard[]) {
    this.#series = series;
    this.#stats = stats;
    this.#customBuckets = customBuckets;
    this.shards = shards;
    const acknowledged = shards.map((shard) => shard.acknowledged).toSorted(comparePositions);
    ({ segment: this.#segment, offset: this.#offset, entry: this.#entry } = acknowledged[0]!);
    this.#knownUntil = acknowledged.at(-1)!;
    // Skips entries that shards have sent before the restart, because the record at the start position is read a second
    // time.
    this.#isBehindKnown = true;
  }

  /** Position of the last added entry. All earlier entries were added too. */
  get position(): LogPosition {
    return { segment: this.#segment, offset: this.#offset, entry: this.#entry };
  }

  /** Records that the reader has passed a record without entries to send. */
  passed(segment: number, offset: number): void {
    this.#note(segment, offset, ALL_ENTRIES);
  }

  /** Records that all earlier segments were read to their ends, including any bytes after their last records. */
  reached(segment: number): void {
    if (segment > this.#segment) this.#note(segment, 0, NO_ENTRY);
  }

  /**
   * Adds the samples of a record from number `first` on. Returns the number of the first sample for which its shard has
   * no room, or the number of all samples.
   */
  samples(record: SampleRecord, segment: number, offset: number, first: number): number {
    const { refs, timestamps, words, starts, count } = record;
    const series = this.#series;
    const { shards } = this;
    let [taken, dropped, unknown, newest] = [0, 0, 0, -Infinity];
    let i = first;
    for (; i < count; i++) {
      const ref = refs[i]!;
      const row = series.rowOf(ref);
      if (row < 0) unknown++;
      else if (series.isDropped(row)) dropped++;
      else {
        const shard = shards[ref % shards.length]!;
        if (this.#isBehindKnown && this.#isKnown(shard, segment, offset, i)) continue;
        const batch = shard.batchFor(segment, offset, i);
        if (batch === undefined) {
          this.full = shard;
          break;
        }
        const time = timestamps[i]!;
        batch.addFloat(row, time, words[i * 2 + 1]!, words[i * 2]!, starts === undefined ? 0 : starts[i]!);
        batch.endsAt(segment, offset, i);
        shard.added();
        taken++;
        if (time > newest) newest = time;
      }
    }
    this.#note(segment, offset, i === count ? ALL_ENTRIES : i - 1);
    this.#stats.add("samplesPending", taken);
    this.#stats.add("samplesOfDroppedSeries", dropped);
    this.#stats.add("samplesOfUnknownSeries", unknown);
    this.droppedEntries += dropped + unknown;
    this.#noteNewest(newest);
    return i;
  }

  /**
   * Adds histograms to the shards of their series. The other parameters and the result are the same as in samples().
   */
  histograms(samples: readonly HistogramSample[], segment: number, offset: number, first: number): number {
    return this.#others(samples.length, segment, offset, first, (i) => {
      const { ref, timestamp, histogram, start = 0 } = samples[i]!;
      const row = this.#series.rowOf(ref);
      if (row < 0) return this.#drop("histogramsOfUnknownSeries");
      if (this.#series.isDropped(row)) return this.#drop("histogramsOfDroppedSeries");
      if (!this.#customBuckets && histogram.schema === CUSTOM_BUCKETS_SCHEMA) {
        return this.#drop("histogramsOfCustomBuckets");
      }
      const shard = this.shards[ref % this.shards.length]!;
      if (this.#isBehindKnown && this.#isKnown(shard, segment, offset, i)) return true;
      const batch = shard.batchFor(segment, offset, i);
      if (batch === undefined) {
        this.full = shard;
        return false;
      }
      batch.addHistogram(row, timestamp, histogram, start);
      batch.endsAt(segment, offset, i);
      shard.added();
      this.#stats.add("histogramsPending", 1);
      this.#noteNewest(timestamp);
      return true;
    });
  }

  /** Adds exemplars to the shards of their series. The other parameters and the result are the same as in samples(). */
  exemplars(exemplars: readonly SeriesExemplar[], segment: number, offset: number, first: number): number {
    return this.#others(exemplars.length, segment, offset, first, (i) => {
      const { ref, exemplar } = exemplars[i]!;
      const row = this.#series.rowOf(ref);
      if (row < 0) return this.#drop("exemplarsOfUnknownSeries");
      if (this.#series.isDropped(row)) return this.#drop("exemplarsOfDroppedSeries");
      const shard = this.shards[ref % this.shards.length]!;
      if (this.#isBehindKnown && this.#isKnown(shard, segment, offset, i)) return true;
      const batch = shard.batchFor(segment, offset, i);
      if (batch === undefined) {
        this.full = shard;
        return false;
      }
      batch.addExemplar(row, exemplar);
      batch.endsAt(segment, offset, i);
      shard.added();
      this.#stats.add("exemplarsPending", 1);
      return true;
    });
  }

  #others(count: number, segment: number, offset: number, first: number, take: (i: number) => boolean): number {
    let i = first;
    while (i < count && take(i)) i++;
    this.#note(segment, offset, i === count ? ALL_ENTRIES : i - 1);
    return i;
  }

  #drop(
    what:
      | "histogramsOfUnknownSeries"
      | "histogramsOfDroppedSeries"
      | "histogramsOfCustomBuckets"
      | "exemplarsOfUnknownSeries"
      | "exemplarsOfDroppedSeries",
  ): true {
    this.#stats.add(what, 1);
    this.droppedEntries++;
    return true;
  }

  /** Returns whether a shard had already sent an entry before the restart. */
  #isKnown({ acknowledged }: Shard, segment: number, offset: number, entry: number): boolean {
    return comparePositions({ segment, offset, entry }, acknowledged) <= 0;
  }

  #note(segment: number, offset: number, entry: number): void {
    this.#segment = segment;
    this.#offset = offset;
    this.#entry = entry;
    if (this.#isBehindKnown) this.#isBehindKnown = comparePositions(this.position, this.#knownUntil) < 0;
  }

  #noteNewest(time: number): void {
    const seconds = Math.floor(time / 1000);
    if (seconds > this.#stats.get("highestQueuedSeconds")) this.#stats.set("highestQueuedSeconds", seconds);
  }
}
