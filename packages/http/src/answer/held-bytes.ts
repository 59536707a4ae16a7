import { AnswerLimitError } from "./answer-limit.ts";

/** No line, and no element of an array, is held beyond this. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Collects bytes that are not whole yet. */
export class HeldBytes {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #taken = 0;
  readonly #take: (bytes: number) => void;

  /** @param take takes memory for the most that is held at a time */
  constructor(take: (bytes: number) => void) {
    this.#take = take;
  }

  get size(): number {
    return this.#size;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#grow(bytes.length, 0);
    this.#size += bytes.length;
    this.#pieces.push(bytes);
  }

  /** All that is held, with `last` behind it; holds nothing from then on. */
  with(last: Uint8Array): Uint8Array {
    if (this.#size === 0) {
      this.#grow(last.length, 0);
      return last;
    }
    // The pieces stay until they have been copied.
    this.#grow(last.length, this.#size + last.length);
    const all = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#size = 0;
    return all;
  }

  /** Takes memory for so much more, and for a copy. */
  #grow(bytes: number, copied: number): void {
    const size = this.#size + bytes;
    if (size > MAX_HELD_BYTES) throw new AnswerLimitError(`a value of more than ${MAX_HELD_BYTES} bytes`);
    const missing = size + copied - this.#taken;
    if (missing <= 0) return;
    this.#take(missing);
    this.#taken += missing;
  }
}
