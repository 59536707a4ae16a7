import type { Frame } from "../columnar/frame.ts";

/** The frames of one block that a cache holds, by place. */
export type CachedFrames = Map<number, Frame>;

interface Holding {
  readonly owner: CachedFrames;
  readonly place: number;
  /** What the frame took when it was looked at last: reading adds decoded times to it. */
  bytes: number;
}

/** Frames that were decompressed lately, of all blocks of a thread. The one used longest ago goes first. */
export class FrameCache {
  readonly #maxBytes: number;
  /** The latest last. */
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

  /** Forgets the frames of a block. */
  release(owner: CachedFrames): void {
    for (const frame of owner.values()) this.#forget(frame);
  }

  /** Makes a frame the latest, for which others go as room is needed. */
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
