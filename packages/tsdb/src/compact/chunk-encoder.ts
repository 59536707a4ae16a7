import type { FloatHistogram } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";
import type { ChunkHeader } from "../chunk/histogram-shape.ts";
import { layOut, placeHistogram } from "../chunk/histogram-order.ts";
import type { BitBuffer } from "../chunk/bit-buffer.ts";
import { histogramEncoding, HistogramWriter, recodeHistograms } from "../chunk/histogram.ts";
import { APPEND_ROOM_BYTES, ENCODING_XOR, MAX_SAMPLE_BYTES, XorWriter } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import { Xor2Writer } from "../chunk/xor2-writer.ts";

/** Samples of a chunk that is made of others, as Prometheus cuts them. */
const MAX_SAMPLES = 120;
const MAX_FLOAT_CHUNK_BYTES = 16 + MAX_SAMPLES * MAX_SAMPLE_BYTES + APPEND_ROOM_BYTES;

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
    if (columns.startTimestamps !== undefined) return this.#xor2Chunk(columns, columns.startTimestamps, from);
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

  /** Likewise of floats whose counters' begin is known. */
  #xor2Chunk(columns: SampleColumns, starts: Float64Array, from: number): number {
    const { timestamps, valueWords: words, histograms, count } = columns;
    const writer = new Xor2Writer();
    let i = from;
    for (; i < Math.min(count, from + MAX_SAMPLES) && histograms?.[i] === undefined; i++) {
      writer.append(timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!, starts[i]!);
    }
    this.#take(writer.buffer, ENCODING_XOR2, timestamps[from]!, timestamps[i - 1]!);
    this.#last = undefined;
    return i;
  }

  #take(buffer: BitBuffer, encoding: number, minTime: number, maxTime: number): void {
    this.#reserve(buffer.byteLength);
    this.bytes.set(buffer.bytes.subarray(0, buffer.byteLength), this.#used);
    this.#add(encoding, minTime, maxTime, buffer.byteLength);
  }

  #histogramChunk(columns: SampleColumns, from: number): number {
    const starts = columns.startTimestamps;
    const first = columns.histograms![from]!;
    const integer = first.integer === true;
    let writer = new HistogramWriter(first, this.#headerOf(first), integer, starts !== undefined);
    let i = from;
    for (; i < columns.count && writer.count < MAX_SAMPLES; i++) {
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
