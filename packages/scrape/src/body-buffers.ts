import { BodySizeError } from "./scrape-error.ts";

/** No body is longer, whatever the job's limit says. */
const MAX_BODY_BYTES = 2 * 1024 ** 3;

/** Up to here a buffer that is too short is replaced by one of twice its length. */
const LARGEST_GROWN = 32 * 1024 * 1024;

/** Shortest buffer; lengths are powers of two from here on. */
const MIN_BYTES = 4096;

/** Buffers that nobody uses are kept up to so many bytes together. */
const KEPT_BYTES = 32 * 1024 * 1024;

/**
 * Memory for bodies, lent for the time of a scrape and used again. Were each body memory of its own, the engine's
 * collector would run all the time for the sake of memory that is not even on its heap.
 *
 * A buffer that outgrows LARGEST_GROWN is replaced by one of `maxBytes` at once: the system gives memory only to what is
 * written, whereas copying hundreds of megabytes would hold the event loop. It is given back to the system, never kept.
 */
export class BodyBuffers {
  /** No buffer is longer, and so no body. */
  readonly maxBytes: number;
  readonly #grownBytes: number;
  readonly #free = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /**
   * @param maxBytes a power of two
   * @param grownBytes longest buffer that is replaced by one of twice its length
   */
  constructor(maxBytes: number = MAX_BODY_BYTES, grownBytes: number = LARGEST_GROWN) {
    this.maxBytes = maxBytes;
    this.#grownBytes = grownBytes;
  }

  /** A buffer of `bytes` or more, with anything in it. Throws BodySizeError where there can be none. */
  take(bytes: number): Buffer {
    let size = MIN_BYTES;
    while (size < bytes) size *= 2;
    if (size > this.maxBytes)
      throw new BodySizeError(`body size limit exceeded: no body is longer than ${this.maxBytes} bytes`);
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return allocated(size);
    this.#keptBytes -= size;
    return free;
  }

  /** Takes back what take() gave; its borrower must have forgotten it. */
  giveBack(buffer: Buffer): void {
    if (buffer.length > this.#grownBytes) {
      // The collector would come round to it some time; until then it would be missing elsewhere.
      (buffer.buffer as ArrayBuffer).transfer(0);
      return;
    }
    if (this.#keptBytes + buffer.length > KEPT_BYTES) return;
    this.#keptBytes += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free === undefined) this.#free.set(buffer.length, [buffer]);
    else free.push(buffer);
  }

  /**
   * A longer buffer with the first `used` bytes of one that is given back. Throws BodySizeError where there can be none;
   * the buffer is still its borrower's then.
   */
  grown(buffer: Buffer, used: number): Buffer {
    const { length } = buffer;
    const larger = this.take(length >= this.#grownBytes && length < this.maxBytes ? this.maxBytes : length * 2);
    buffer.copy(larger, 0, 0, used);
    this.giveBack(buffer);
    return larger;
  }
}

function allocated(size: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(size);
  } catch (error) {
    throw error instanceof RangeError ? new BodySizeError(`no memory for a body: ${error.message}`) : error;
  }
}
