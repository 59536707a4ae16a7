import type { Frame } from "../columnar/frame.ts";

/** The cached frames (groups of columnar chunks) of one block, by their location. */
export type CachedFrames = Map<number, Frame>;

interface Holding {
  readonly owner: CachedFrames;
  readonly place: number;
  /**
   * Memory of the frame in bytes, measured at its last use. A read can add decoded times to the frame, so the size can
   * grow.
   */
  bytes: number;
}

/**
 * Cache of decompressed frames (groups of columnar chunks) for all blocks of a thread. The least recently used frame is
 * removed first.
 */
export class FrameCache {
  readonly #maxBytes: number;
  /** Cached frames in order of use; the most recently used is the last. */
  readonly #holdings = new Map<Frame, Holding>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(owner: CachedFrames, place: number): Frame | undefined {
    const frame = owner.get(place);
    const holding = frame === undefined ? undefined : this.#holdings.get(frame);
    if (frame === undefined || holding === undefined) return undefined;
    this.#holdings.delete(frame);
    this.#hold(frame, holding);
    return frame;
  }

  add(owner: CachedFrames, place: number, frame: Frame): void {
    owner.set(place, frame);
    this.#hold(frame, { owner, place, bytes: 0 });
  }

  release(owner: CachedFrames): void {
    for (const frame of owner.values()) this.#forget(frame);
  }

  /** Makes a frame the most recently used one, and removes old frames until the cache is within its size limit. */
  #hold(frame: Frame, holding: Holding): void {
    const { byteLength } = frame;
    this.#bytes += byteLength - holding.bytes;
    holding.bytes = byteLength;
    for (const oldest of this.#holdings.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
    this.#holdings.set(frame, holding);
  }

  #forget(frame: Frame): void {
    const holding = this.#holdings.get(frame);
    if (holding === undefined) return;
    this.#holdings.delete(frame);
    holding.owner.delete(holding.place);
    this.#bytes -= holding.bytes;
  }
}
