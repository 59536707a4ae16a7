import type { Frame } from "../columnar/frame.ts";

/** The frames of one block that a cache holds, by place. */
export type CachedFrames = Map<number, Frame>;

/** Frames that were decompressed lately, of all blocks of a thread. The one used longest ago goes first. */
export class FrameCache {
  readonly #maxBytes: number;
  /** The latest last. */
  readonly #owners = new Map<Frame, { readonly owner: CachedFrames; readonly place: number }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(owner: CachedFrames, place: number): Frame | undefined {
    const frame = owner.get(place);
    const known = frame === undefined ? undefined : this.#owners.get(frame);
    if (frame === undefined || known === undefined) return undefined;
    this.#owners.delete(frame);
    this.#owners.set(frame, known);
    return frame;
  }

  add(owner: CachedFrames, place: number, frame: Frame): void {
    this.#bytes += frame.bytes.length;
    for (const oldest of this.#owners.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#forget(oldest);
    }
    owner.set(place, frame);
    this.#owners.set(frame, { owner, place });
  }

  /** Forgets the frames of a block. */
  release(owner: CachedFrames): void {
    for (const frame of owner.values()) this.#forget(frame);
  }

  #forget(frame: Frame): void {
    const known = this.#owners.get(frame);
    if (known === undefined) return;
    this.#owners.delete(frame);
    known.owner.delete(known.place);
    this.#bytes -= frame.bytes.length;
  }
}
