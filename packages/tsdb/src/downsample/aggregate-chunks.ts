import { SampleAggregates, SampleColumns } from "@narthex/storage";
import type { EncodedChunk } from "../block/block-source.ts";
import type { ColumnChunks, NoteChunk } from "../block/column-chunks.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { MAX_CHUNK_SAMPLES } from "../columnar/frame.ts";
import type { FrameGroup } from "../columnar/frame-group.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { WindowFold } from "./window-fold.ts";

/** Resolution and time range of the samples to downsample; `maxTime` is exclusive, ms. */
export interface Downsampling {
  readonly resolutionMs: number;
  readonly minTime: number;
  readonly maxTime: number;
}

/**
 * Makes chunks of aggregates (downsampled data) from the floats of series. Native histograms cannot be aggregated: the
 * first and the last histogram of each window are kept, in chunks of Prometheus' encoding.
 */
export class AggregateChunks implements ColumnChunks {
  readonly counts = { numFloatSamples: 0, numHistogramSamples: 0 };
  readonly #range: Downsampling;
  readonly #group: FrameGroup;
  readonly #note: NoteChunk;
  readonly #rows = new SampleAggregates();
  readonly #fold: WindowFold;
  readonly #samples = new SampleColumns();
  readonly #histograms = new SampleColumns(16);
  readonly #encoder = new ChunkEncoder();

  constructor(range: Downsampling, group: FrameGroup, note: NoteChunk) {
    this.#range = range;
    this.#group = group;
    this.#note = note;
    this.#fold = new WindowFold(range.resolutionMs, this.#rows);
  }

  take(chunk: EncodedChunk): void {
    const { minTime, maxTime } = this.#range;
    if (chunk.maxTime < minTime || chunk.minTime >= maxTime) return;
    const samples = this.#samples;
    samples.reset();
    decodeChunk({ ...chunk }, minTime, maxTime - 1, samples);
    const { histograms, count } = samples;
    for (let i = 0; i < count;) {
      let end = i + 1;
      const isFloat = histograms?.[i] === undefined;
      while (end < count && (histograms?.[end] === undefined) === isFloat) end++;
      if (isFloat) this.#takeFloats(i, end);
      else this.#takeHistograms(i, end);
      i = end;
    }
    if (this.#rows.rows >= MAX_CHUNK_SAMPLES) this.#putRows(MAX_CHUNK_SAMPLES);
  }

  endSeries(): void {
    this.#fold.finish();
    while (this.#rows.rows > 0) this.#putRows(Math.min(this.#rows.rows, MAX_CHUNK_SAMPLES));
    this.#putHistograms();
  }

  #takeFloats(from: number, to: number): void {
    this.#putHistograms();
    this.#fold.add(this.#samples, from, to);
  }

  #takeHistograms(from: number, to: number): void {
    if (this.#histograms.count === 0) this.endSeries();
    const kept = this.#histograms;
    const windowOf = (time: number): number => Math.ceil(time / this.#range.resolutionMs);
    for (let i = from; i < to; i++) {
      const window = windowOf(this.#samples.timestamps[i]!);
      const newest = kept.count - 1;
      const isSame = (slot: number): boolean => slot >= 0 && windowOf(kept.timestamps[slot]!) === window;
      // Only the first and the newest histogram of a window are kept.
      if (isSame(newest) && isSame(newest - 1)) kept.truncate(newest);
      kept.pushFrom(this.#samples, i);
    }
  }

  #putRows(count: number): void {
    const rows = this.#rows;
    this.#group.addAggregates(rows, 0, count);
    this.#note(rows.firstTime(0), rows.time[count - 1]!);
    for (let row = 0; row < count; row++) if (rows.count[row]! > 0) this.counts.numFloatSamples++;
    rows.dropFirst(count);
  }

  #putHistograms(): void {
    const histograms = this.#histograms;
    if (histograms.count === 0) return;
    const encoder = this.#encoder;
    encoder.reset();
    encoder.encode(histograms);
    for (let i = 0; i < encoder.count; i++) {
      const [minTime, maxTime] = [encoder.minTime[i]!, encoder.maxTime[i]!];
      this.#group.addEncoded(encoder.bytes, encoder.start[i]!, encoder.end[i]!, encoder.encoding[i]!, minTime);
      this.#note(minTime, maxTime);
    }
    this.counts.numHistogramSamples += histograms.count;
    histograms.reset();
  }
}
