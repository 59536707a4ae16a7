/** Smallest size in bytes of memory that is returned for reuse. */
const MIN_KEPT = 64 * 1024;
/** Largest size in bytes of memory that is kept for reuse. Larger pieces are rare. */
const MAX_BYTES = 1024 * 1024;
/**
 * Unit in bytes to which buffer sizes are rounded up, so that the memory of a piece fits other pieces of similar
 * length.
 */
const STEP_BYTES = 64 * 1024;
/**
 * Largest number of pieces whose memory is kept for reuse. The number is enough for one response, or for a few
 * responses that are sent at the same time.
 */
const MAX_KEPT = 8;

/**
 * Memory of a piece of a response. Shared memory is returned for reuse; other memory is transferred to the receiver.
 */
export type PieceBuffer = ArrayBuffer | SharedArrayBuffer;

/** Returns the buffers that are not shared. These buffers must be transferred when they are posted. */
export const transferable = (memory: readonly PieceBuffer[]): readonly ArrayBuffer[] =>
  memory.filter((one) => one instanceof ArrayBuffer);

/**
 * Reuses the memory of sent pieces for later pieces, because new memory for each piece would cause constant garbage
 * collection on both threads. The memory goes from the writing thread to the sending thread and back. The memory is shared, because V8 counts transferred memory as new each time. V8 does not count shared memory at all, so its amount is
 * limited. If all shared memory is in use, pieces get memory that is transferred. All jobs of a thread use one object
 * of this class.
 */
export class PieceMemory {
  readonly #kept: SharedArrayBuffer[] = [];
  /** Number of existing shared buffers, free or in use. */
  #made = 0;

  /** Copies bytes to the start of an unused buffer. */
  copy(bytes: Uint8Array): Uint8Array<PieceBuffer> {
    const { length } = bytes;
    if (length < MIN_KEPT || length > MAX_BYTES) return new Uint8Array(bytes);
    const memory = this.#take(length);
    if (memory === undefined) return new Uint8Array(bytes);
    const copy = new Uint8Array(memory, 0, length);
    copy.set(bytes);
    return copy;
  }

  /** Accepts buffers for reuse that are not read any more. */
  giveBack(memory: readonly SharedArrayBuffer[]): void {
    for (const one of memory) this.#kept.push(one);
  }

  #take(length: number): SharedArrayBuffer | undefined {
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= length);
    if (at >= 0) return this.#kept.splice(at, 1)[0]!;
    // Replaces a free buffer, which is too small, if the maximum number of buffers exists.
    if (this.#made === MAX_KEPT && this.#kept.shift() === undefined) return undefined;
    if (this.#made < MAX_KEPT) this.#made++;
    return new SharedArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES);
  }
}
