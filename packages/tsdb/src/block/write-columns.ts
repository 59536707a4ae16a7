import { join } from "node:path";
import { SampleColumns } from "@narthex/storage";
import type { Steps } from "@narthex/runtime";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import { MAX_CHUNK_SAMPLES } from "../columnar/frame.ts";
import { FrameGroup } from "../columnar/frame-group.ts";
import type { Files } from "../files.ts";
import type { BlockSeriesSource, EncodedChunk } from "./block-source.ts";
import { columnRef, COLUMNS_FOLDER, ColumnSegments } from "./column-segments.ts";
import { decodeChunk } from "./decode-chunk.ts";
import type { SampleCounts } from "./meta.ts";
import { sampleCount } from "./sample-count.ts";
import type { ChunkRef } from "./series-entry.ts";
import type { SeriesSpill } from "./series-spill.ts";

/** A chunk reaches over no border of such a time: series that came at different times then share columns of times. */
const CHUNK_WINDOW_MS = 6 * 3_600_000;
/** Samples of a series that are decoded before they go into chunks. */
const MAX_PENDING = 16 * MAX_CHUNK_SAMPLES;

/** Writes the chunks of a block's series into the columns of `dir`, the series into `spill`. */
export function* writeColumns(
  dir: string,
  source: BlockSeriesSource,
  spill: SeriesSpill,
  files: Files,
  segmentBytes: number | undefined,
): Steps<SampleCounts> {
  const segments = new ColumnSegments(join(dir, COLUMNS_FOLDER), files, segmentBytes);
  const columns = new SeriesColumns(source);
  try {
    while (source.next()) {
      columns.takeSeries();
      if (!columns.isFull) continue;
      columns.flush(segments, spill);
      yield;
    }
    columns.flush(segments, spill);
    segments.finish();
    return columns.counts;
  } finally {
    segments.close();
  }
}

/** The series of a group, which are told to the index once their chunks have a place. */
class SeriesColumns {
  readonly counts = { numFloatSamples: 0, numHistogramSamples: 0 };
  readonly #source: BlockSeriesSource;
  readonly #group = new FrameGroup();
  /** Floats of the present series that are in no chunk yet. */
  readonly #pending = new SampleColumns();
  readonly #minTimes: number[] = [];
  readonly #maxTimes: number[] = [];
  #labels = new Uint32Array(4096);
  #labelsUsed = 0;
  /** Of each series: where its labels and its chunks end. */
  readonly #labelEnds: number[] = [];
  readonly #chunkEnds: number[] = [];

  constructor(source: BlockSeriesSource) {
    this.#source = source;
  }

  get isFull(): boolean {
    return this.#group.isFull;
  }

  /** Takes the series at which the source stands. */
  takeSeries(): void {
    const { labels, labelCount } = this.#source;
    while (this.#source.nextChunk()) this.#take(this.#source.chunk);
    this.#cut(true);
    this.#keepLabels(labels, labelCount * 2);
    this.#labelEnds.push(this.#labelsUsed);
    this.#chunkEnds.push(this.#group.count);
  }

  /** Writes the chunks of all series that were taken. */
  flush(segments: ColumnSegments, spill: SeriesSpill): void {
    const refs = new Float64Array(this.#group.count);
    for (const { bytes, chunks } of this.#group.frames()) {
      const place = segments.append(bytes);
      for (const [i, chunk] of chunks.entries()) refs[chunk] = columnRef(place, i);
    }
    let chunk = 0;
    for (const [i, chunkEnd] of this.#chunkEnds.entries()) {
      for (; chunk < chunkEnd; chunk++) this.#tell(spill, chunk, refs[chunk]!);
      const labels = this.#labels.subarray(this.#labelEnds[i - 1] ?? 0, this.#labelEnds[i]);
      const { symbols, symbolsSorted } = this.#source;
      spill.endSeries({ symbols, symbolsSorted, labels, labelCount: labels.length / 2 });
    }
    this.#labelsUsed = 0;
    for (const column of [this.#minTimes, this.#maxTimes, this.#labelEnds, this.#chunkEnds]) column.length = 0;
  }

  #tell(spill: SeriesSpill, chunk: number, ref: ChunkRef): void {
    spill.addChunk(this.#minTimes[chunk]!, this.#maxTimes[chunk]!, ref);
  }

  #take(chunk: EncodedChunk): void {
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

  /** Puts pending floats into chunks; what may still grow only at the end. */
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

  #note(minTime: number, maxTime: number): void {
    this.#minTimes.push(minTime);
    this.#maxTimes.push(maxTime);
  }

  #keepLabels(labels: Uint32Array, length: number): void {
    if (this.#labelsUsed + length > this.#labels.length) {
      const room = new Uint32Array(2 * (this.#labelsUsed + length));
      room.set(this.#labels);
      this.#labels = room;
    }
    this.#labels.set(labels.subarray(0, length), this.#labelsUsed);
    this.#labelsUsed += length;
  }
}

/** Where a chunk ends that begins at slot `from`. */
function chunkEnd(timestamps: Float64Array, from: number, count: number): number {
  const most = Math.min(count, from + MAX_CHUNK_SAMPLES);
  const border = (Math.floor(timestamps[from]! / CHUNK_WINDOW_MS) + 1) * CHUNK_WINDOW_MS;
  let to = from + 1;
  while (to < most && timestamps[to]! < border) to++;
  return to;
}
