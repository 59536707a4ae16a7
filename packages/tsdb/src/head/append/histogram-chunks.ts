import type { FloatHistogram } from "@narthex/model";
import type { ChunkHeader } from "../../chunk/histogram-shape.ts";
import { layOut, placeHistogram } from "../../chunk/histogram-order.ts";
import type { HistogramShape } from "../../chunk/histogram-shape.ts";
import { histogramEncoding, HistogramWriter, recodeHistograms } from "../../chunk/histogram.ts";
import { copyEncoded, roomFor } from "./copy-encoded.ts";
import { CHUNK_RANGE_MS, chunkEnd, type FloatChunks, rangeEnd } from "./float-chunks.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Target size of a histogram chunk in bytes. A chunk has at least MIN_SAMPLES samples, unless its time range ends. */
const TARGET_BYTES = 1024;
const MIN_SAMPLES = 10;
const FIRST_BLOCK_BYTES = 256;

interface OpenSeries {
  writer: HistogramWriter;
  last: FloatHistogram;
  predicted: boolean;
}

/**
 * Appends native histograms to the open chunks of series. Each series has its own encoder object, because there are few
 * histogram series. The encoded bytes are in shared memory for readers on other threads.
 */
export class HistogramChunks {
  readonly #memory: HeadMemory;
  readonly #range: number;
  readonly #chunks: FloatChunks;
  readonly #open = new Map<SeriesRow, OpenSeries>();
  created = 0;
  /** Whether new chunks contain start timestamps. */
  readonly withStarts: boolean;

  constructor(memory: HeadMemory, chunks: FloatChunks, range: number = CHUNK_RANGE_MS, withStarts = false) {
    this.withStarts = withStarts;
    this.#memory = memory;
    this.#range = range;
    this.#chunks = chunks;
  }

  /** Returns the newest histogram of a series; undefined if the newest sample is a float. */
  lastOf(row: SeriesRow): FloatHistogram | undefined {
    return this.#open.get(row)?.last;
  }

  /** Number of series whose newest sample is the stale marker of a histogram. */
  get staleCount(): number {
    let count = 0;
    for (const { last } of this.#open.values()) if (last.stale === true) count++;
    return count;
  }

  /** Number of series whose newest sample is a histogram. */
  get seriesCount(): number {
    return this.#open.size;
  }

  /** Sets the newest histogram of a series whose open chunk was closed by an earlier process. */
  resume(row: SeriesRow, last: FloatHistogram): void {
    const integer = last.integer === true;
    const header = last.resetHint === "gauge" ? "gauge" : "unknown";
    const writer = new HistogramWriter(shapeOf(last), header, integer);
    writer.stale = last.stale === true;
    this.#open.set(row, { writer, last, predicted: false });
    this.#memory.series.rows.resumeHistograms(row, histogramEncoding(integer, this.withStarts));
  }

  /** Closes the open histogram chunk of a series that continues with floats or is removed. */
  end(row: SeriesRow): void {
    if (!this.#open.delete(row)) return;
    this.#chunks.close(row);
    this.#memory.series.rows.endHistograms(row);
  }

  /** Removes the encoder of a series, but not its open chunk. */
  forget(row: SeriesRow): void {
    if (this.#open.delete(row)) this.#memory.series.rows.endHistograms(row);
  }

  /** Appends a histogram, which must be newer than the series' last sample. */
  append(row: SeriesRow, time: number, histogram: FloatHistogram, start = 0): void {
    const { at } = this.#memory.series;
    const integer = histogram.integer === true;
    const encoding = histogramEncoding(integer, this.withStarts);
    if (at.openBlock[row] !== 0 && at.openEncoding[row] !== encoding) {
      this.#chunks.close(row);
      this.#open.delete(row);
    }
    if (this.#open.get(row)?.writer.integer !== integer) this.#open.delete(row);
    const open = this.#open.get(row);
    const placement =
      open === undefined ? undefined : placeHistogram({ ...writerShape(open.writer), last: open.last }, histogram);
    if (open === undefined || placement === undefined) this.#begin(row, time, histogram, firstHeader(histogram));
    else if (placement.kind === "cut") this.#begin(row, time, histogram, placement.header);
    else if (at.openBlock[row] === 0 || this.#isFull(row, time, open)) {
      this.#begin(row, time, histogram, open.writer.header === "gauge" ? "gauge" : "not-reset");
    } else if (placement.shape !== open.writer.shape) this.#recode(row, open, placement.shape);
    this.#write(row, time, histogram, start);
  }

  #begin(row: SeriesRow, time: number, histogram: FloatHistogram, header: ChunkHeader): void {
    const { series, slabs } = this.#memory;
    const { at } = series;
    if (at.openBlock[row] !== 0) this.#chunks.close(row);
    const integer = histogram.integer === true;
    this.#open.set(row, {
      writer: new HistogramWriter(shapeOf(histogram), header, integer, this.withStarts),
      last: histogram,
      predicted: false,
    });
    const encoding = histogramEncoding(integer, this.withStarts);
    const chunk = { block: slabs.allocate(FIRST_BLOCK_BYTES), size: FIRST_BLOCK_BYTES, encoding };
    series.rows.beginOpenChunk(row, chunk, time, rangeEnd(time, this.#range));
    this.created++;
  }

  #isFull(row: SeriesRow, time: number, open: OpenSeries): boolean {
    const { at, rows } = this.#memory.series;
    const size = open.writer.buffer.byteLength;
    if (!open.predicted && size > TARGET_BYTES / 4) {
      const end = chunkEnd(at.openMinTime[row]!, at.lastTime[row]!, at.nextAt[row]!, TARGET_BYTES / size);
      rows.endOpenChunkAt(row, end);
      open.predicted = true;
    }
    if (time >= rangeEnd(at.openMinTime[row]!, this.#range)) return true;
    return (size >= TARGET_BYTES * 2 || time >= at.nextAt[row]!) && open.writer.count >= MIN_SAMPLES;
  }

  /** Encodes the open chunk again for a shape with additional buckets. */
  #recode(row: SeriesRow, open: OpenSeries, shape: HistogramShape): void {
    const recoded = recodeHistograms(open.writer, shape);
    open.writer = recoded;
    const { at, rows } = this.#memory.series;
    // Other threads may still read the old bytes. The old memory block is therefore freed unchanged, and another block
    // gets the new bytes.
    this.#memory.slabs.free(at.openBlock[row]!, at.openSize[row]!);
    const room = roomFor(recoded.buffer.byteLength);
    rows.rewriteOpenChunk(row, this.#memory.slabs.allocate(room), room);
  }

  #write(row: SeriesRow, time: number, histogram: FloatHistogram, start: number): void {
    const open = this.#open.get(row)!;
    open.writer.append(time, layOut(histogram, open.writer.shape), start);
    open.last = histogram;
    copyEncoded(this.#memory, row, open.writer.buffer);
    this.#memory.series.rows.addHistogram(row, open.writer.buffer.position, open.writer.count, time);
  }
}

function firstHeader(histogram: FloatHistogram): ChunkHeader {
  if (histogram.resetHint === "gauge") return "gauge";
  return histogram.resetHint === "reset" ? "reset" : "unknown";
}

const shapeOf = (histogram: FloatHistogram): HistogramShape => ({
  schema: histogram.schema,
  zeroThreshold: histogram.zeroThreshold,
  positiveSpans: histogram.positiveSpans,
  negativeSpans: histogram.negativeSpans,
  customBounds: histogram.customBounds,
});

const writerShape = ({ shape, header, integer }: HistogramWriter) => ({ shape, header, integer });
