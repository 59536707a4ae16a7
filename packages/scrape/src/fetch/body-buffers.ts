/** Shortest buffer; lengths are powers of two from here on. */
const MIN_BYTES = 4096;
/** Longer buffers are given back to the system, never kept. */
const LONGEST_KEPT = 8 * 1024 * 1024;
/** Buffers that nobody uses are kept up to so many bytes together. */
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * Memory for bodies, lent for the time of a scrape and used again. Were each body memory of its own, the engine's
 * collector would run all the time for the sake of memory that is not even on its heap.
 */
export class BodyBuffers {
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /** A buffer of `bytes` or more, with anything in it. */
  take(bytes: number): Buffer {
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.#keptBytes -= size;
    return free;
  }

  /** Takes back what take() gave; its borrower must have forgotten it. */
  giveBack(buffer: Buffer): void {
    if (buffer.length > LONGEST_KEPT || this.#keptBytes + buffer.length > KEPT_BYTES) {
      // The collector would come round to it some time; until then it would be missing elsewhere.
      (buffer.buffer as ArrayBuffer).transfer(0);
      return;
    }
    this.#keptBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  /** A buffer of twice the length with the first `used` bytes of one that is given back. */
  grown(buffer: Buffer, used: number): Buffer {
    const larger = this.take(buffer.length * 2);
    buffer.copy(larger, 0, 0, used);
    this.giveBack(buffer);
    return larger;
  }
}
