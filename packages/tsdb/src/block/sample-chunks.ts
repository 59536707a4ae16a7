import { SampleColumns } from "@narthex/storage";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import { MAX_CHUNK_SAMPLES } from "../columnar/frame.ts";
import type { FrameGroup } from "../columnar/frame-group.ts";
import type { EncodedChunk } from "./block-source.ts";
import type { ColumnChunks, NoteChunk } from "./column-chunks.ts";
import { decodeChunk } from "./decode-chunk.ts";
import { sampleCount } from "./sample-count.ts";

/**
 * Length of a time window in ms. Columnar chunks end at window ends, so that series that began at different times share
 * columns of times.
 */
const CHUNK_WINDOW_MS = 6 * 3_600_000;
/** Number of decoded samples of a series that are collected before they are cut into chunks. */
const MAX_PENDING = 16 * MAX_CHUNK_SAMPLES;

/**
 * Makes the chunks of a columnar block from the original samples: floats become columns, histograms keep Prometheus'
 * encoding.
 */
export class SampleChunks implements ColumnChunks {
  readonly counts = { numFloatSamples: 0, numHistogramSamples: 0 };
  readonly #group: FrameGroup;
  readonly #note: NoteChunk;
  /** Floats of the current series that are not in a chunk yet. */
  readonly #pending = new SampleColumns();

  constructor(group: FrameGroup, note: NoteChunk) {
    this.#group = group;
    this.#note = note;
  }

  take(chunk: EncodedChunk): void {
    const { bytes, start, end, encoding, minTime, maxTime } = chunk;
    const count = sampleCount(chunk);
    if (encoding === ENCODING_XOR || encoding === ENCODING_XOR2) this.counts.numFloatSamples += count;
    else this.counts.numHistogramSamples += count;
    if (encoding === ENCODING_XOR) {
      decodeChunk({ bytes, start, end, encoding }, -Infinity, Infinity, this.#pending);
      if (this.#pending.count >= MAX_PENDING) this.#cut(false);
      return;
    }
    this.#cut(true);
    this.#group.addEncoded(bytes, start, end, encoding, minTime);
    this.#note(minTime, maxTime);
  }

  endSeries(): void {
    this.#cut(true);
  }

  /** Cuts pending floats into chunks. If `atEnd` is false, a last chunk that may still grow stays pending. */
  #cut(atEnd: boolean): void {
    const pending = this.#pending;
    const { timestamps, count } = pending;
    let from = 0;
    while (from < count) {
      const to = chunkEnd(timestamps, from, count);
      if (to === count && to - from < MAX_CHUNK_SAMPLES && !atEnd) break;
      this.#group.addFloats(pending, from, to);
      this.#note(timestamps[from]!, timestamps[to - 1]!);
      from = to;
    }
    timestamps.copyWithin(0, from, count);
    pending.valueWords.copyWithin(0, 2 * from, 2 * count);
    pending.count -= from;
  }
}

/** Returns the index after the last sample of the chunk that begins at index `from`. */
function chunkEnd(timestamps: Float64Array, from: number, count: number): number {
  const most = Math.min(count, from + MAX_CHUNK_SAMPLES);
  const border = (Math.floor(timestamps[from]! / CHUNK_WINDOW_MS) + 1) * CHUNK_WINDOW_MS;
  let to = from + 1;
  while (to < most && timestamps[to]! < border) to++;
  return to;
}
