import { join } from "node:path";
import type { Steps } from "@narthex/runtime";
import { FrameGroup } from "../columnar/frame-group.ts";
import type { Files } from "../files.ts";
import type { BlockSeriesSource } from "./block-source.ts";
import type { ColumnChunks, MakeColumnChunks } from "./column-chunks.ts";
import { columnRef, COLUMNS_FOLDER, ColumnSegments } from "./column-segments.ts";
import type { SampleCounts } from "./meta.ts";
import { SampleChunks } from "./sample-chunks.ts";
import type { ChunkRef } from "./series-entry.ts";
import type { SeriesSpill } from "./series-spill.ts";

interface ColumnOptions {
  readonly segmentBytes?: number | undefined;
  readonly makeChunks?: MakeColumnChunks | undefined;
}

/** Writes the chunks of the source's series as columns into `dir`, and the series into `spill`. */
export function* writeColumns(
  dir: string,
  source: BlockSeriesSource,
  spill: SeriesSpill,
  files: Files,
  { segmentBytes, makeChunks = (group, note) => new SampleChunks(group, note) }: ColumnOptions,
): Steps<SampleCounts> {
  const segments = new ColumnSegments(join(dir, COLUMNS_FOLDER), files, segmentBytes);
  const columns = new SeriesColumns(source, makeChunks);
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

/**
 * Collects the series of one group of chunks. A series is added to the index only after the frames (compressed chunks)
 * of its group have been written.
 */
class SeriesColumns {
  readonly #source: BlockSeriesSource;
  readonly #group = new FrameGroup();
  readonly #chunks: ColumnChunks;
  readonly #minTimes: number[] = [];
  readonly #maxTimes: number[] = [];
  #labels = new Uint32Array(4096);
  #labelsUsed = 0;
  /** End of each series' labels in #labels. `#chunkEnds` has the ends of the series' chunks. */
  readonly #labelEnds: number[] = [];
  readonly #chunkEnds: number[] = [];

  constructor(source: BlockSeriesSource, makeChunks: MakeColumnChunks) {
    this.#source = source;
    this.#chunks = makeChunks(this.#group, (minTime, maxTime) => {
      this.#minTimes.push(minTime);
      this.#maxTimes.push(maxTime);
    });
  }

  get counts(): SampleCounts {
    return this.#chunks.counts;
  }

  get isFull(): boolean {
    return this.#group.isFull;
  }

  /** Adds the series at which the source currently is, with its labels and chunks. */
  takeSeries(): void {
    const { labels, labelCount } = this.#source;
    while (this.#source.nextChunk()) this.#chunks.take(this.#source.chunk);
    this.#chunks.endSeries();
    this.#keepLabels(labels, labelCount * 2);
    this.#labelEnds.push(this.#labelsUsed);
    this.#chunkEnds.push(this.#group.count);
  }

  /** Writes the chunks of all series that were added, then passes the series to `spill`. */
  flush(segments: ColumnSegments, spill: SeriesSpill): void {
    const refs = new Float64Array(this.#group.count);
    for (const { bytes, chunks } of this.#group.frames()) {
      const place = segments.append(bytes);
      for (const [i, chunk] of chunks.entries()) refs[chunk] = columnRef(place, i);
    }
    let chunk = 0;
    for (const [i, chunkEnd] of this.#chunkEnds.entries()) {
      for (; chunk < chunkEnd; chunk++) this.#report(spill, chunk, refs[chunk]!);
      const labels = this.#labels.subarray(this.#labelEnds[i - 1] ?? 0, this.#labelEnds[i]);
      const { symbols, symbolsSorted } = this.#source;
      spill.endSeries({ symbols, symbolsSorted, labels, labelCount: labels.length / 2 });
    }
    this.#labelsUsed = 0;
    for (const column of [this.#minTimes, this.#maxTimes, this.#labelEnds, this.#chunkEnds]) column.length = 0;
  }

  #report(spill: SeriesSpill, chunk: number, ref: ChunkRef): void {
    spill.addChunk(this.#minTimes[chunk]!, this.#maxTimes[chunk]!, ref);
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
