/** Smallest size of memory that is sent back for further use, bytes. */
const MIN_KEPT = 64 * 1024;
/** Largest size of memory that is kept, bytes. Larger pieces are too rare. */
const MAX_BYTES = 1024 * 1024;
/** Unit of sizes, bytes, so that pieces of similar length fit into each other's memory. */
const STEP_BYTES = 64 * 1024;
/** Largest number of pieces whose memory is kept: those of one answer or a few that are being sent at the same time. */
const MAX_KEPT = 8;

/** The memory of a piece. The memory is shared if it comes back later, otherwise it is transferred to the receiver. */
export type PieceBuffer = ArrayBuffer | SharedArrayBuffer;

/** Returns the memory that must be transferred when it is posted: all that is not shared. */
export const transferable = (memory: readonly PieceBuffer[]): readonly ArrayBuffer[] =>
  memory.filter((one) => one instanceof ArrayBuffer);

/**
 * Keeps the memory of sent pieces for later pieces. The memory moves from the writing thread to the sending thread and
 * back. With new memory for each piece, both threads would constantly collect garbage. The memory is shared, because V8
 * counts transferred memory as new each time. V8 does not count shared memory at all, so its amount is limited; if all
 * of it is being sent, pieces get memory that is transferred. All jobs of a thread use one object of this class.
 */
export class PieceMemory {
  readonly #kept: SharedArrayBuffer[] = [];
  /** Number of shared buffers, those that are kept and those that are being sent. */
  #made = 0;

  /** Returns a copy at the start of memory that contains nothing else. */
  copy(bytes: Uint8Array): Uint8Array<PieceBuffer> {
    const { length } = bytes;
    if (length < MIN_KEPT || length > MAX_BYTES) return new Uint8Array(bytes);
    const memory = this.#take(length);
    if (memory === undefined) return new Uint8Array(bytes);
    const copy = new Uint8Array(memory, 0, length);
    copy.set(bytes);
    return copy;
  }

  /** Takes back memory that is not read any more. */
  giveBack(memory: readonly SharedArrayBuffer[]): void {
    for (const one of memory) this.#kept.push(one);
  }

  #take(length: number): SharedArrayBuffer | undefined {
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= length);
    if (at >= 0) return this.#kept.splice(at, 1)[0]!;
    // Memory that is too small is dropped.
    if (this.#made === MAX_KEPT && this.#kept.shift() === undefined) return undefined;
    if (this.#made < MAX_KEPT) this.#made++;
    return new SharedArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES);
  }
}
