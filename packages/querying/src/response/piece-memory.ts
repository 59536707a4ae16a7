/** Less is not worth sending back and forth. */
const LEAST_KEPT = 64 * 1024;
/** Memory is made in such steps, so that pieces of about one length fit into each other's. */
const STEP_BYTES = 64 * 1024;
/** Pieces whose memory is kept: those on their way at once, of one answer or a few. */
const MOST_KEPT = 8;

/**
 * Memory of pieces of answers that have left, for pieces to come. It goes from the thread that writes to the one that
 * sends and back: memory that were made for each piece would have both collect garbage all the time.
 */
export class PieceMemory {
  readonly #kept: ArrayBuffer[] = [];

  /** A copy, at the beginning of memory that has nothing else of use and may be transferred. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const { length } = bytes;
    if (length < LEAST_KEPT) return new Uint8Array(bytes);
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= length);
    const memory =
      at >= 0 ? this.#kept.splice(at, 1)[0]! : new ArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES);
    const copy = new Uint8Array(memory, 0, length);
    copy.set(bytes);
    return copy;
  }

  /** Takes back what nobody reads any more. */
  giveBack(memory: readonly ArrayBuffer[]): void {
    for (const one of memory) if (this.#kept.length < MOST_KEPT && one.byteLength >= LEAST_KEPT) this.#kept.push(one);
  }
}

/** The thread's. */
export const pieceMemory = new PieceMemory();
