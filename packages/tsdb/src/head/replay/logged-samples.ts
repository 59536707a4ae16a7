import { RECORD_SAMPLES } from "../../wal/record-types.ts";

/**
 * Number of 32-bit words of a sample: the reference of its series, its time minus the base time, and the low and the
 * high word of its value.
 */
export const SAMPLE_WORDS = 4;
export const SAMPLE_BYTES = SAMPLE_WORDS * 4;

/** Number of samples per series that a replay collects before it encodes all collected samples. */
const RUN_SAMPLES = 8;
/** Minimum number of samples of all series that a replay collects before it encodes them. */
const MIN_SAMPLES = 128 * 1024;
/** Maximum number of samples of all series that a replay collects before it encodes them. */
export const MAX_SAMPLES = 1024 * 1024;

/**
 * Returns the number of samples that a replay collects before it encodes them, for a number of series. Collecting fewer
 * samples takes less memory, collecting more samples takes less time.
 */
export function samplesToGather(series: number): number {
  return Math.min(MAX_SAMPLES, Math.max(MIN_SAMPLES, series * RUN_SAMPLES));
}

/**
 * Smallest number of bytes of a sample in a log record: at least one each for the reference and the time, and eight for
 * the value.
 */
const MIN_SAMPLE_BYTES = 10;
/** Number of bytes before the samples of a log record: type, first reference and first time. */
const RECORD_HEADER_BYTES = 17;

/** Result of add(): the samples were added. */
export const ADDED = 0;
/**
 * Result of add(): nothing was added, because the columns are full. The record will fit after the samples in the
 * columns have been taken out.
 */
export const NO_ROOM = 1;
/**
 * Result of add(): nothing was added, because the record is damaged or its samples cannot be represented in the
 * columns. The caller must decode the record.
 */
const UNFIT = 2;

export type Addition = typeof ADDED | typeof NO_ROOM | typeof UNFIT;

/**
 * Float samples of many log records, one after the other, 16 bytes each. A replay collects them in this form so that
 * the samples of each series can be encoded together. The memory may be shared: one thread fills it, another empties
 * it.
 */
export class LoggedSamples {
  readonly words: Int32Array;
  readonly capacity: number;
  /** Number of samples from which the columns count as full. */
  limit: number;
  /** Time that is subtracted from all times, ms. */
  baseTime = 0;
  count = 0;

  constructor(buffer: ArrayBuffer | SharedArrayBuffer) {
    this.words = new Int32Array(buffer);
    this.capacity = Math.floor(this.words.length / SAMPLE_WORDS);
    this.limit = this.capacity;
  }

  /** Returns a larger copy of the columns, with room for `samples` samples. */
  grown(samples: number): LoggedSamples {
    const larger = new LoggedSamples(new ArrayBuffer(samples * SAMPLE_BYTES));
    larger.words.set(this.words.subarray(0, this.count * SAMPLE_WORDS));
    larger.baseTime = this.baseTime;
    larger.count = this.count;
    return larger;
  }

  /** Adds the samples of a sample record. Returns ADDED, NO_ROOM or UNFIT. */
  add(record: Uint8Array): Addition {
    if (record[0] !== RECORD_SAMPLES || record.length < RECORD_HEADER_BYTES) return UNFIT;
    const most = Math.ceil((record.length - RECORD_HEADER_BYTES) / MIN_SAMPLE_BYTES);
    if (most > this.capacity) return UNFIT;
    const before = this.count;
    if (before > 0 && before + most > this.limit) return NO_ROOM;
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const firstTime = view.getInt32(9) * 2 ** 32 + view.getUint32(13);
    if (before === 0) this.baseTime = firstTime;
    const added = this.#decode(record, view, firstTime - this.baseTime);
    if (added >= 0) {
      this.count = before + added;
      return ADDED;
    }
    return before === 0 ? UNFIT : NO_ROOM;
  }

  /**
   * Decodes a log record. Returns its number of samples, or -1 if the record is invalid or its samples cannot be
   * represented in the columns.
   */
  #decode(record: Uint8Array, view: DataView, firstTime: number): number {
    const { words } = this;
    const first = this.count * SAMPLE_WORDS;
    const firstRef = view.getUint32(1) * 2 ** 32 + view.getUint32(5);
    const end = record.length;
    let to = first;
    for (let at = RECORD_HEADER_BYTES; at < end; to += SAMPLE_WORDS) {
      // Reads two zigzag varints of up to four bytes each. A record with a longer varint cannot be represented in the
      // columns.
      let bits = record[at++]!;
      if (bits > 127) {
        let byte = record[at++]!;
        bits = (bits & 127) | ((byte & 127) << 7);
        if (byte > 127) {
          byte = record[at++]!;
          bits |= (byte & 127) << 14;
          if (byte > 127) {
            byte = record[at++]!;
            if (byte > 127) return -1;
            bits |= byte << 21;
          }
        }
      }
      const ref = firstRef + ((bits >>> 1) ^ -(bits & 1));
      bits = record[at++]!;
      if (bits > 127) {
        let byte = record[at++]!;
        bits = (bits & 127) | ((byte & 127) << 7);
        if (byte > 127) {
          byte = record[at++]!;
          bits |= (byte & 127) << 14;
          if (byte > 127) {
            byte = record[at++]!;
            if (byte > 127) return -1;
            bits |= byte << 21;
          }
        }
      }
      const time = firstTime + ((bits >>> 1) ^ -(bits & 1));
      if (at + 8 > end || ref !== ref >>> 0 || time !== (time | 0)) return -1;
      words[to] = ref;
      words[to + 1] = time;
      words[to + 3] = view.getInt32(at);
      words[to + 2] = view.getInt32(at + 4);
      at += 8;
    }
    return (to - first) / SAMPLE_WORDS;
  }
}
