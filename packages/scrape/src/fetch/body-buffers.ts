/** Minimum length of a buffer in bytes. Lengths are powers of two. */
const MIN_BYTES = 4096;
/** Maximum length in bytes of a buffer that the pool keeps. The memory of longer buffers is freed. */
const LONGEST_KEPT = 8 * 1024 * 1024;
/** Maximum number of bytes of unused buffers in the pool. */
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * A pool of buffers for scraped bodies. A new buffer for each scrape would cause constant garbage collections, because
 * V8 counts memory outside its heap.
 */
export class BodyBuffers {
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /** Returns a buffer of at least `bytes` bytes. The content of the buffer is arbitrary. */
  take(bytes: number): Buffer {
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.#keptBytes -= size;
    return free;
  }

  /** Returns a buffer to the pool. The caller must not use the buffer after the call. */
  giveBack(buffer: Buffer): void {
    if (buffer.length > LONGEST_KEPT || this.#keptBytes + buffer.length > KEPT_BYTES) {
      // Frees the buffer's memory at once, because the garbage collector may do this much later.
      (buffer.buffer as ArrayBuffer).transfer(0);
      return;
    }
    this.#keptBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  /**
   * Returns a buffer of twice the length that begins with the first `used` bytes of the old buffer. The old buffer is
   * returned to the pool.
   */
  grown(buffer: Buffer, used: number): Buffer {
    const larger = this.take(buffer.length * 2);
    buffer.copy(larger, 0, 0, used);
    this.giveBack(buffer);
    return larger;
  }
}
