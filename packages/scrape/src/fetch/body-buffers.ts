/** Minimum length of a buffer in bytes. Lengths are powers of two. */
const MIN_BYTES = 4096;
/** Maximum length in bytes of a pooled buffer. Longer buffers are returned to the system. */
const LONGEST_KEPT = 8 * 1024 * 1024;
/** Maximum number of bytes of unused buffers in the pool. */
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * A pool of buffers for bodies. Allocating a buffer for each scrape would make V8 collect garbage constantly because of
 * memory outside its heap.
 */
export class BodyBuffers {
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /** Returns a buffer of at least `bytes` bytes, with any content. */
  take(bytes: number): Buffer {
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.#keptBytes -= size;
    return free;
  }

  /** Returns a buffer to the pool. The caller must not use it afterwards. */
  giveBack(buffer: Buffer): void {
    if (buffer.length > LONGEST_KEPT || this.#keptBytes + buffer.length > KEPT_BYTES) {
      // Frees the memory at once, because the garbage collector may take long to do so.
      (buffer.buffer as ArrayBuffer).transfer(0);
      return;
    }
    this.#keptBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  /**
   * Replaces a buffer by a buffer of twice the length that begins with the first `used` bytes. The old buffer goes back
   * to the pool.
   */
  grown(buffer: Buffer, used: number): Buffer {
    const larger = this.take(buffer.length * 2);
    buffer.copy(larger, 0, 0, used);
    this.giveBack(buffer);
    return larger;
  }
}
