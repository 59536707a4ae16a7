/** Less is not worth sending back and forth. */
const LEAST_KEPT = 64 * 1024;
/** More is so rare that it would only be kept for nothing. */
const MOST_BYTES = 1024 * 1024;
/** Memory is made in such steps, so that pieces of about one length fit into each other's. */
const STEP_BYTES = 64 * 1024;
/** Pieces whose memory is kept: those on their way at once, of one answer or a few. */
const MOST_KEPT = 8;

/** What a piece lies in: shared where it comes back, else the receiver's. */
export type PieceBuffer = ArrayBuffer | SharedArrayBuffer;

/** The same on its way to another thread: memory that is not shared changes hands. */
export const transferable = (memory: readonly PieceBuffer[]): readonly ArrayBuffer[] =>
  memory.filter((one) => one instanceof ArrayBuffer);

/**
 * Memory of pieces of answers that have left, for pieces to come. It goes from the thread that writes to the one that
 * sends and back: memory that were made for each piece would have both collect garbage all the time. It is shared by
 * them, because V8 counts what changes hands as new each time, and collects garbage for it. What is shared counts for
 * nothing, so that there is only so much of it: where all is on its way, pieces have memory that changes hands. Whoever
 * runs the jobs of a thread has one, and gives it to all of them.
 */
export class PieceMemory {
  readonly #kept: SharedArrayBuffer[] = [];
  /** Those that were made and not let go of. */
  #made = 0;

  /** A copy, at the beginning of memory that has nothing else of use. */
  copy(bytes: Uint8Array): Uint8Array<PieceBuffer> {
    const { length } = bytes;
    if (length < LEAST_KEPT || length > MOST_BYTES) return new Uint8Array(bytes);
    const memory = this.#take(length);
    if (memory === undefined) return new Uint8Array(bytes);
    const copy = new Uint8Array(memory, 0, length);
    copy.set(bytes);
    return copy;
  }

  /** Takes back what nobody reads any more. */
  giveBack(memory: readonly SharedArrayBuffer[]): void {
    for (const one of memory) this.#kept.push(one);
  }

  #take(length: number): SharedArrayBuffer | undefined {
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= length);
    if (at >= 0) return this.#kept.splice(at, 1)[0]!;
    // Those that are too small give way.
    if (this.#made === MOST_KEPT && this.#kept.shift() === undefined) return undefined;
    if (this.#made < MOST_KEPT) this.#made++;
    return new SharedArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES);
  }
}
