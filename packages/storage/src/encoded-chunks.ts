const FIRST_BYTES = 64 * 1024;
const FIRST_CHUNKS = 16;
/** Marks a chunk whose checksum was not computed. */
export const NO_CHECKSUM = -1;
/** Maximum number of adjacent chunks of samples that are copied in one operation. */
const RUN_CHUNKS = 64;

/** Several adjacent chunks of samples in one byte array. The owner reuses the object. */
export class ChunkRun {
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly start = new Uint32Array(RUN_CHUNKS);
  readonly end = new Uint32Array(RUN_CHUNKS);
  readonly encoding = new Uint8Array(RUN_CHUNKS);
  readonly checksum = new Float64Array(RUN_CHUNKS);
}

/** Samples of one series as encoded chunks, oldest first. The owner reuses the object for the next series. */
export class EncodedChunks {
  /** Number of chunks. The arrays of this object have one element for each chunk. */
  count = 0;
  /** Times of the first and the last sample of each chunk, ms. */
  minTime = new Float64Array(FIRST_CHUNKS);
  maxTime = new Float64Array(FIRST_CHUNKS);
  /** Encoding of each chunk, as in Prometheus' chunk format. */
  encoding = new Uint8Array(FIRST_CHUNKS);
  /** Start of each chunk in `bytes`. The chunks are in order, but there may be unused bytes between them. */
  start = new Uint32Array(FIRST_CHUNKS);
  end = new Uint32Array(FIRST_CHUNKS);
  /**
   * CRC-32C checksum of each chunk's encoding and data. NO_CHECKSUM if the checksum was not known when the chunk was
   * added.
   */
  checksum = new Float64Array(FIRST_CHUNKS);
  bytes: Uint8Array<ArrayBuffer>;
  protected used = 0;

  constructor(capacity: number = FIRST_BYTES) {
    this.bytes = new Uint8Array(capacity);
  }

  reset(): void {
    this.count = 0;
    this.used = 0;
  }

  /** Adds a chunk whose data is in the bytes source[start, end). */
  add(
    source: Uint8Array,
    start: number,
    end: number,
    encoding: number,
    minTime: number,
    maxTime: number,
    checksum = NO_CHECKSUM,
  ): void {
    this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.used);
    this.note(encoding, minTime, maxTime, end - start, checksum);
  }

  /**
   * Adds several adjacent chunks with one copy. Element `from` of `minTime` and `maxTime` belongs to the first chunk.
   */
  addRun(run: ChunkRun, minTime: ArrayLike<number>, maxTime: ArrayLike<number>, from: number): void {
    const begin = run.start[0]!;
    const size = run.end[run.count - 1]! - begin;
    this.reserve(size);
    this.bytes.set(run.bytes.subarray(begin, begin + size), this.used);
    const moved = this.used - begin;
    for (let k = 0; k < run.count; k++) {
      const i = this.count++;
      if (i === this.start.length) this.#growColumns();
      this.encoding[i] = run.encoding[k]!;
      this.minTime[i] = minTime[from + k]!;
      this.maxTime[i] = maxTime[from + k]!;
      this.checksum[i] = run.checksum[k]!;
      this.start[i] = run.start[k]! + moved;
      this.end[i] = run.end[k]! + moved;
    }
    this.used += size;
  }

  addAll(chunks: EncodedChunks): void {
    for (let i = 0; i < chunks.count; i++) {
      const { bytes, start, end, encoding, minTime, maxTime, checksum } = chunks;
      this.add(bytes, start[i]!, end[i]!, encoding[i]!, minTime[i]!, maxTime[i]!, checksum[i]);
    }
  }

  /** True if the chunks do not overlap in time, so that each chunk begins after the end of the previous chunk. */
  get rises(): boolean {
    for (let i = 1; i < this.count; i++) if (this.minTime[i]! <= this.maxTime[i - 1]!) return false;
    return true;
  }

  /** Registers a chunk of `size` bytes that the caller has written after the used bytes. */
  protected note(encoding: number, minTime: number, maxTime: number, size: number, checksum = NO_CHECKSUM): void {
    const i = this.count++;
    if (i === this.start.length) this.#growColumns();
    this.encoding[i] = encoding;
    this.minTime[i] = minTime;
    this.maxTime[i] = maxTime;
    this.checksum[i] = checksum;
    this.start[i] = this.used;
    this.used += size;
    this.end[i] = this.used;
  }

  /** Extends the byte array so that `size` more bytes fit. */
  protected reserve(size: number): void {
    if (this.used + size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.used + size, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.used));
    this.bytes = bytes;
  }

  #growColumns(): void {
    const size = this.start.length * 2;
    for (const name of ["minTime", "maxTime", "checksum"] as const) {
      const grown = new Float64Array(size);
      grown.set(this[name]);
      this[name] = grown;
    }
    for (const name of ["start", "end"] as const) {
      const grown = new Uint32Array(size);
      grown.set(this[name]);
      this[name] = grown;
    }
    const encoding = new Uint8Array(size);
    encoding.set(this.encoding);
    this.encoding = encoding;
  }
}
