import type { LogEnd } from "./writer.ts";

const OFFSET_BITS = 32n;
const OFFSET_MASK = 0xffffffffn;

/**
 * The end of a log in shared memory: the writer's thread sets it after a commit is in the file as a whole, readers of
 * any thread read no further. A refused commit, which is cut off again, is always behind it.
 */
export class SharedLogEnd {
  readonly buffer: SharedArrayBuffer;
  readonly #word: BigUint64Array;

  /** A new one, or that of another thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#word = new BigUint64Array(buffer);
  }

  get(): LogEnd {
    const word = Atomics.load(this.#word, 0);
    return { segment: Number(word >> OFFSET_BITS), offset: Number(word & OFFSET_MASK) };
  }

  set({ segment, offset }: LogEnd): void {
    Atomics.store(this.#word, 0, (BigInt(segment) << OFFSET_BITS) | BigInt(offset));
  }
}
