import type { FloatHistogram } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";
import { layOut, placeHistogram } from "../chunk/histogram-order.ts";
import { type ChunkHeader, HistogramWriter, readHistograms } from "../chunk/histogram.ts";
import {
  ENCODING_FLOAT_HISTOGRAM,
  ENCODING_HISTOGRAM,
  ENCODING_XOR,
  MAX_SAMPLE_BYTES,
  XorWriter,
} from "../chunk/xor.ts";

/** Samples of a chunk that is made of others, as Prometheus cuts them. */
const MAX_SAMPLES = 120;
const MAX_FLOAT_CHUNK_BYTES = 16 + MAX_SAMPLES * MAX_SAMPLE_BYTES;

/** Encodes samples of one series into chunks, in memory that is used again for the next series. */
export class ChunkEncoder {
  bytes = new Uint8Array(64 * 1024);
  /** Number of chunks; the columns below hold one entry each. */
  count = 0;
  minTime = new Float64Array(16);
  maxTime = new Float64Array(16);
  encoding = new Uint8Array(16);
  /** Place in `bytes`. */
  start = new Uint32Array(16);
  end = new Uint32Array(16);
  #used = 0;
  readonly #floats = new XorWriter();
  #histograms: HistogramWriter | undefined;
  #last: FloatHistogram | undefined;

  reset(): void {
    this.count = 0;
    this.#used = 0;
  }

  /** Adds the chunks of these samples, which lie after those before. */
  encode(columns: SampleColumns): void {
    for (let i = 0; i < columns.count;) {
      i = columns.histograms?.[i] === undefined ? this.#floatChunk(columns, i) : this.#histogramChunk(columns, i);
    }
    this.#histograms = undefined;
    this.#last = undefined;
  }

  /** One chunk of floats from slot `from` on; returns the first slot behind it. */
  #floatChunk(columns: SampleColumns, from: number): number {
    const { timestamps, valueWords: words, histograms, count } = columns;
    this.#reserve(MAX_FLOAT_CHUNK_BYTES);
    const writer = this.#floats;
    writer.begin(this.bytes, this.#used);
    let i = from;
    const end = Math.min(count, from + MAX_SAMPLES);
    for (; i < end && histograms?.[i] === undefined; i++) {
      writer.append(timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!);
    }
    this.#add(ENCODING_XOR, timestamps[from]!, timestamps[i - 1]!, writer.byteLength);
    this.#last = undefined;
    return i;
  }

  #histogramChunk(columns: SampleColumns, from: number): number {
    const first = columns.histograms![from]!;
    const integer = first.integer === true;
    let writer = new HistogramWriter(first, this.#headerOf(first), integer);
    let i = from;
    for (; i < columns.count && writer.count < MAX_SAMPLES; i++) {
      const histogram = columns.histograms![i];
      if (histogram === undefined || (histogram.integer === true) !== integer) break;
      if (i > from) {
        const open = { shape: writer.shape, header: writer.header, integer, last: this.#last! };
        const placement = placeHistogram(open, histogram);
        if (placement.kind === "cut") break;
        if (placement.shape !== writer.shape) writer = widened(writer, placement.shape);
      }
      writer.append(columns.timestamps[i]!, layOut(histogram, writer.shape));
      this.#last = histogram;
    }
    this.#histograms = writer;
    const { buffer } = writer;
    this.#reserve(buffer.byteLength);
    this.bytes.set(buffer.bytes.subarray(0, buffer.byteLength), this.#used);
    const encoding = integer ? ENCODING_HISTOGRAM : ENCODING_FLOAT_HISTOGRAM;
    this.#add(encoding, columns.timestamps[from]!, columns.timestamps[i - 1]!, buffer.byteLength);
    return i;
  }

  /** What is known about a reset before the chunk. */
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

  #add(encoding: number, minTime: number, maxTime: number, size: number): void {
    const i = this.count++;
    if (i === this.start.length) this.#growColumns();
    this.encoding[i] = encoding;
    this.minTime[i] = minTime;
    this.maxTime[i] = maxTime;
    this.start[i] = this.#used;
    this.#used += size;
    this.end[i] = this.#used;
  }

  #reserve(size: number): void {
    if (this.#used + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#used + size, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.#used));
    this.bytes = bytes;
  }

  #growColumns(): void {
    const size = this.start.length * 2;
    const doubles = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    const words = (from: Uint32Array): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(size);
      to.set(from);
      return to;
    };
    const encoding = new Uint8Array(size);
    encoding.set(this.encoding);
    this.encoding = encoding;
    this.minTime = doubles(this.minTime);
    this.maxTime = doubles(this.maxTime);
    this.start = words(this.start);
    this.end = words(this.end);
  }
}

/** The chunk so far, written anew for a shape with more buckets. */
function widened(writer: HistogramWriter, shape: HistogramWriter["shape"]): HistogramWriter {
  const wide = new HistogramWriter(shape, writer.header, writer.integer);
  readHistograms(writer.buffer.bytes, 0, writer.count, writer.integer, (time, histogram) => {
    wide.append(time, layOut(histogram, shape));
  });
  return wide;
}
