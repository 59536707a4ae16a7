import type { FloatHistogram } from "@narthex/model";
import { EncodedChunks, type SampleColumns } from "@narthex/storage";
import type { ChunkHeader } from "./histogram-shape.ts";
import { layOut, placeHistogram } from "./histogram-order.ts";
import type { BitBuffer } from "./bit-buffer.ts";
import { histogramEncoding, HistogramWriter, recodeHistograms } from "./histogram.ts";
import { APPEND_ROOM_BYTES, ENCODING_XOR, MAX_SAMPLE_BYTES, XorWriter } from "./xor.ts";
import { ENCODING_XOR2 } from "./xor2.ts";
import { Xor2Writer } from "./xor2-writer.ts";

/** Largest number of samples of a chunk, as in Prometheus. */
const MAX_SAMPLES = 120;

/** Encodes the samples of a series into chunks. The encoder reuses its memory for the next series. */
export class ChunkEncoder extends EncodedChunks {
  readonly #maxSamples: number;
  readonly #floats = new XorWriter();
  #histograms: HistogramWriter | undefined;
  #last: FloatHistogram | undefined;

  /** @param maxSamples largest number of samples of a chunk */
  constructor(maxSamples: number = MAX_SAMPLES) {
    super();
    this.#maxSamples = maxSamples;
  }

  /** Encodes samples and adds their chunks. The samples must be later than those of earlier calls. */
  encode(columns: SampleColumns): void {
    for (let i = 0; i < columns.count;) {
      i = columns.histograms?.[i] === undefined ? this.#floatChunk(columns, i) : this.#histogramChunk(columns, i);
    }
    this.#histograms = undefined;
    this.#last = undefined;
  }

  /**
   * Encodes a chunk of floats that begins with the sample at index `from`. Returns the index after the chunk's last
   * sample.
   */
  #floatChunk(columns: SampleColumns, from: number): number {
    const { timestamps, valueWords: words, histograms, count } = columns;
    if (columns.startTimestamps !== undefined) return this.#xor2Chunk(columns, columns.startTimestamps, from);
    const end = Math.min(count, from + this.#maxSamples);
    this.reserve(16 + (end - from) * MAX_SAMPLE_BYTES + APPEND_ROOM_BYTES);
    const writer = this.#floats;
    writer.begin(this.bytes, this.used);
    let i = from;
    for (; i < end && histograms?.[i] === undefined; i++) {
      writer.append(timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!);
    }
    this.note(ENCODING_XOR, timestamps[from]!, timestamps[i - 1]!, writer.byteLength);
    this.#last = undefined;
    return i;
  }

  /** Encodes a chunk of floats with start timestamps. Returns the index after the chunk's last sample. */
  #xor2Chunk(columns: SampleColumns, starts: Float64Array, from: number): number {
    const { timestamps, valueWords: words, histograms, count } = columns;
    const writer = new Xor2Writer();
    let i = from;
    for (; i < Math.min(count, from + this.#maxSamples) && histograms?.[i] === undefined; i++) {
      writer.append(timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!, starts[i]!);
    }
    this.#take(writer.buffer, ENCODING_XOR2, timestamps[from]!, timestamps[i - 1]!);
    this.#last = undefined;
    return i;
  }

  #take(buffer: BitBuffer, encoding: number, minTime: number, maxTime: number): void {
    this.reserve(buffer.byteLength);
    this.bytes.set(buffer.bytes.subarray(0, buffer.byteLength), this.used);
    this.note(encoding, minTime, maxTime, buffer.byteLength);
  }

  #histogramChunk(columns: SampleColumns, from: number): number {
    const starts = columns.startTimestamps;
    const first = columns.histograms![from]!;
    const integer = first.integer === true;
    let writer = new HistogramWriter(first, this.#headerOf(first), integer, starts !== undefined);
    let i = from;
    for (; i < columns.count && writer.count < this.#maxSamples; i++) {
      const histogram = columns.histograms![i];
      if (histogram === undefined || (histogram.integer === true) !== integer) break;
      if (i > from) {
        const open = { shape: writer.shape, header: writer.header, integer, last: this.#last! };
        const placement = placeHistogram(open, histogram);
        if (placement.kind === "cut") break;
        if (placement.shape !== writer.shape) writer = recodeHistograms(writer, placement.shape);
      }
      writer.append(columns.timestamps[i]!, layOut(histogram, writer.shape), starts?.[i] ?? 0);
      this.#last = histogram;
    }
    this.#histograms = writer;
    const encoding = histogramEncoding(integer, starts !== undefined);
    this.#take(writer.buffer, encoding, columns.timestamps[from]!, columns.timestamps[i - 1]!);
    return i;
  }

  /** Returns the header of a new histogram chunk, which records whether a counter reset happened before the chunk. */
  #headerOf(next: FloatHistogram): ChunkHeader {
    if (next.resetHint === "gauge") return "gauge";
    const before = this.#histograms;
    if (this.#last === undefined || before === undefined || before.integer !== (next.integer === true)) {
      return next.resetHint === "reset" ? "reset" : "unknown";
    }
    const { shape, header, integer } = before;
    const placement = placeHistogram({ shape, header, integer, last: this.#last }, next);
    return placement.kind === "cut" ? placement.header : "not-reset";
  }
}
