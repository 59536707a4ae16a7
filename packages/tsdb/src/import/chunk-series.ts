import type { Labels } from "@narthex/model";
import { APPEND_ROOM_BYTES, FULL_CHUNK_BYTES, XorWriter } from "../chunk/xor.ts";
import { chunkEnd, rangeEnd } from "../head/append/float-chunks.ts";

const TARGET_SAMPLES = 120;
const FIRST_BYTES = 64;

/** A finished chunk. */
export interface FinishedChunk {
  readonly minTime: number;
  readonly maxTime: number;
  readonly bytes: Uint8Array;
}

/**
 * Float samples of one imported series. Each sample is encoded on arrival, into chunks with the same limits as in the
 * head.
 */
export class ChunkSeries {
  readonly labels: Labels;
  readonly chunks: FinishedChunk[] = [];
  readonly #rangeMs: number;
  readonly #writer = new XorWriter();
  #minTime = 0;
  #nextAt = 0;

  constructor(labels: Labels, rangeMs: number) {
    this.labels = labels;
    this.#rangeMs = rangeMs;
  }

  /** Appends a sample. Returns false and changes nothing if the sample is not later than the last one. */
  append(time: number, high: number, low: number): boolean {
    const writer = this.#writer;
    if (writer.count > 0 && time <= writer.time) return false;
    if (writer.count > 0 && this.#isFull(time)) this.finish();
    if (writer.count === 0) {
      writer.begin(new Uint8Array(FIRST_BYTES), 0);
      this.#minTime = time;
      this.#nextAt = rangeEnd(time, this.#rangeMs);
    } else if (writer.byteLength + 1 + APPEND_ROOM_BYTES > writer.bytes.length) {
      const bytes = new Uint8Array(writer.bytes.length * 2);
      bytes.set(writer.bytes);
      writer.moveTo(bytes);
    }
    writer.append(time, high, low);
    if (writer.count === TARGET_SAMPLES / 4) this.#nextAt = chunkEnd(this.#minTime, time, this.#nextAt, 4);
    return true;
  }

  /** Closes the open chunk. */
  finish(): void {
    const writer = this.#writer;
    if (writer.count === 0) return;
    const bytes = writer.bytes.slice(0, writer.byteLength);
    this.chunks.push({ minTime: this.#minTime, maxTime: writer.time, bytes });
    writer.count = 0;
  }

  #isFull(time: number): boolean {
    const { byteLength, count } = this.#writer;
    return time >= this.#nextAt || byteLength > FULL_CHUNK_BYTES || count >= TARGET_SAMPLES * 2;
  }
}
