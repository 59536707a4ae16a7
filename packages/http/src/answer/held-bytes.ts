import { AnswerLimitError } from "./answer-limit.ts";

/** Maximum size in bytes of an incomplete line or array element that is kept in memory. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Collects the bytes of a value that arrives in pieces. */
export class HeldBytes {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #taken = 0;
  readonly #take: (bytes: number) => void;

  /** @param take takes memory for the largest number of bytes that are held at a time */
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

  /** Returns the held bytes followed by `last`, and clears the held bytes. */
  with(last: Uint8Array): Uint8Array {
    if (this.#size === 0) {
      this.#grow(last.length, 0);
      return last;
    }
    // Counts memory for both the pieces and the joined copy, because both exist during the copy.
    this.#grow(last.length, this.#size + last.length);
    const all = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#size = 0;
    return all;
  }

  /** Takes memory for `bytes` more bytes, and for `copied` bytes to join the pieces into one buffer. */
  #grow(bytes: number, copied: number): void {
    const size = this.#size + bytes;
    if (size > MAX_HELD_BYTES)
      throw new AnswerLimitError(`the answer contains a value of more than ${MAX_HELD_BYTES} bytes`);
    const missing = size + copied - this.#taken;
    if (missing <= 0) return;
    this.#take(missing);
    this.#taken += missing;
  }
}
