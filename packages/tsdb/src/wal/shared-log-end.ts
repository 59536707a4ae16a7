import type { LogEnd } from "./writer.ts";

const OFFSET_BITS = 32n;
const OFFSET_MASK = 0xffffffffn;

/**
 * The end of a log in shared memory. The writer's thread moves the end after a complete commit is in the file, and
 * readers on any thread stop at the end. A refused commit, which is later removed, is always after the end.
 */
export class SharedLogEnd {
  readonly buffer: SharedArrayBuffer;
  readonly #word: BigUint64Array;

  /** @param buffer memory of another thread's object; by default new memory */
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
