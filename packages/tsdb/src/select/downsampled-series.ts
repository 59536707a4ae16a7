import type { Labels } from "@narthex/model";
import { SampleAggregates, SampleColumns, type SeriesSet } from "@narthex/storage";
import { mergeLabels } from "./merge-labels.ts";
import { appendColumns, mergeRuns } from "./merge-runs.ts";

/**
 * The series that were selected from downsampled blocks, the time range in which they are read, and the coarsest
 * resolution.
 */
export interface DownsampledSelection {
  readonly set: SeriesSet & Required<Pick<SeriesSet, "readAggregates">>;
  /** Exclusive end of the time range in which downsampled blocks are read, ms. */
  readonly before: number;
  /** Exclusive end of the time range whose original samples have been removed, ms. Does not depend on the query. */
  readonly samplesFrom: number;
  readonly resolutionMs: number;
}

/** Series set that combines original samples with rows of downsampled blocks for earlier times. */
export class DownsampledSeriesSet implements SeriesSet {
  readonly labels: readonly Labels[];
  readonly warnings: readonly string[];
  readonly downsampled: NonNullable<SeriesSet["downsampled"]>;
  readonly #raw: SeriesSet;
  readonly #sparse: DownsampledSelection["set"];
  readonly #places: readonly Uint32Array[];
  readonly #part = new SampleColumns(0);
  readonly #scratch = new SampleColumns(0);
  readonly #rows = new SampleAggregates();

  constructor(raw: SeriesSet, { set, before, samplesFrom, resolutionMs }: DownsampledSelection, limit: number) {
    const { labels, positions } = mergeLabels([raw.labels, set.labels], limit);
    this.labels = labels;
    this.warnings = [...new Set([...raw.warnings, ...set.warnings])];
    this.downsampled = { before, samplesFrom, resolutionMs };
    this.#raw = raw;
    this.#sparse = set;
    this.#places = positions;
  }

  read(index: number, minTime: number, maxTime: number, into: SampleColumns): void {
    into.reset();
    const [inRaw, inSparse] = [this.#places[0]![index]!, this.#places[1]![index]!];
    if (inSparse !== 0) this.#sparse.read(inSparse - 1, minTime, maxTime, into);
    if (inRaw === 0) return;
    const { count } = into;
    if (count === 0) {
      this.#raw.read(inRaw - 1, minTime, maxTime, into);
      return;
    }
    this.#raw.read(inRaw - 1, minTime, maxTime, this.#part);
    appendColumns(this.#part, into);
    mergeRuns(into, count, this.#scratch);
  }

  readAggregates(index: number, minTime: number, maxTime: number, into: SampleAggregates): boolean {
    const [inRaw, inSparse] = [this.#places[0]![index]!, this.#places[1]![index]!];
    const [rows, samples] = [this.#rows, this.#part];
    into.reset();
    rows.reset();
    if (inSparse !== 0 && !this.#sparse.readAggregates(inSparse - 1, minTime, maxTime, rows)) return false;
    samples.reset();
    if (inRaw !== 0) this.#raw.read(inRaw - 1, minTime, maxTime, samples);
    if (samples.histograms !== undefined) return false;
    let next = 0;
    const samplesBefore = (time: number): number => {
      let end = next;
      while (end < samples.count && samples.timestamps[end]! < time) end++;
      return end;
    };
    for (let row = 0; row < rows.rows; row++) {
      const end = samplesBefore(rows.firstTime(row));
      into.pushSamples(samples, next, end);
      next = end;
      const within = samplesBefore(rows.time[row]! + 1);
      // Returns the original samples if all samples of the row's window still exist. Otherwise returns the row, because
      // the row includes the removed samples.
      if (within - next >= rows.count[row]! && rows.count[row]! > 0) continue;
      into.pushFrom(rows, row);
      into.resolutionMs = rows.resolutionMs;
      next = within;
    }
    into.pushSamples(samples, next, samples.count);
    return true;
  }
}
