/** Smallest memory worth sending back and forth, bytes. */
const MIN_KEPT = 64 * 1024;
/** Largest memory that is kept, bytes; larger pieces are too rare. */
const MAX_BYTES = 1024 * 1024;
/** Memory is allocated in these steps, so that pieces of similar length fit into each other's memory. */
const STEP_BYTES = 64 * 1024;
/** Largest number of pieces whose memory is kept: those on their way at the same time, of one answer or a few. */
const MAX_KEPT = 8;

/** The memory of a piece: shared if it comes back, otherwise it is transferred to the receiver. */
export type PieceBuffer = ArrayBuffer | SharedArrayBuffer;

/** Returns the memory to transfer to another thread: all that is not shared. */
export const transferable = (memory: readonly PieceBuffer[]): readonly ArrayBuffer[] =>
  memory.filter((one) => one instanceof ArrayBuffer);

/**
 * Memory of sent pieces, for later pieces. It moves from the writing thread to the sending thread and back. New memory
 * for each piece would cause constant garbage collection in both. It is shared, because V8 counts transferred memory as
 * new each time and collects garbage for it. V8 does not count shared memory at all, so its amount is limited: if all
 * of it is on its way, pieces get memory that is transferred. The code that runs a thread's jobs has one, for all of
 * them.
 */
export class PieceMemory {
  readonly #kept: SharedArrayBuffer[] = [];
  /** Number of shared buffers, kept or on their way. */
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

  /** Takes back memory that no one reads any more. */
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
