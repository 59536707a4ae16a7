import type { BodyAccount } from "./body-account.ts";
import type { BodyBuffers } from "./body-buffers.ts";
import type { BodySource } from "./body-source.ts";

/** What bodies are kept in. */
export interface BodyStore {
  readonly buffers: BodyBuffers;
  readonly account: BodyAccount;
}

/** A body uncompressed: in one piece, or to be read window by window. */
export interface BodyContent {
  readonly size: number;
  /** Reads it from the start; one reading at a time. */
  open(): BodyWindow;
  /**
   * The same in one piece, for those that need it all; to be released for itself where it is another. Rejects with
   * BodySizeError where there is no room.
   */
  inOnePiece(pause: () => Promise<void>): Promise<BodyContent>;
  /** Its memory is another body's from now on. */
  release(): void;
}

/** What a reader has before it of a body. */
export interface BodyWindow {
  readonly bytes: Uint8Array;
  /** Nothing follows. */
  readonly last: boolean;
  /** Drops the first `from` bytes and takes in what follows, where there is room: what it held before is overwritten. */
  advance(from: number): void;
  close(): void;
}

/** A body in one piece. */
export class WholeContent implements BodyContent {
  readonly #bytes: Uint8Array;
  readonly release: () => void;

  constructor(bytes: Uint8Array, release: () => void = () => undefined) {
    this.#bytes = bytes;
    this.release = release;
  }

  get size(): number {
    return this.#bytes.length;
  }

  open(): BodyWindow {
    return { bytes: this.#bytes, last: true, advance: () => undefined, close: () => undefined };
  }

  inOnePiece(): Promise<BodyContent> {
    return Promise.resolve(this);
  }
}

/** First length of a window, and how much comes into it at once: a millisecond's work or two. */
const STEP_BYTES = 1024 * 1024;
/** A line twice as long as any may be fits in. */
const MOST_BYTES = 32 * 1024 * 1024;

/** A body that is read through a window, because as a whole it would take too much memory. */
export class LongContent implements BodyContent {
  readonly size: number;
  readonly release: () => void;
  readonly #store: BodyStore;
  readonly #source: () => BodySource;

  /**
   * @param size of the content
   * @param source reads the content from its start
   */
  constructor(size: number, source: () => BodySource, store: BodyStore, release: () => void) {
    this.size = size;
    this.#source = source;
    this.#store = store;
    this.release = release;
  }

  open(): BodyWindow {
    return new SlidingWindow(this.#source(), this.size, this.#store.buffers);
  }

  async inOnePiece(pause: () => Promise<void>): Promise<BodyContent> {
    const { size } = this;
    const { buffers, account } = this.#store;
    const piece = { charged: 0, breakOff: () => undefined };
    account.charge(piece, size);
    account.arrived(piece);
    const buffer = buffers.take(size);
    const source = this.#source();
    for (let at = 0; at < size; at += source.read(buffer, at, Math.min(size, at + STEP_BYTES))) await pause();
    source.close();
    return new WholeContent(buffer.subarray(0, size), () => {
      buffers.giveBack(buffer);
      account.release(piece, size);
    });
  }
}

class SlidingWindow implements BodyWindow {
  bytes: Uint8Array;
  readonly #source: BodySource;
  readonly #buffers: BodyBuffers;
  #buffer: Buffer;
  #used = 0;
  /** What has not come into the window yet. */
  #missing: number;

  constructor(source: BodySource, size: number, buffers: BodyBuffers) {
    this.#source = source;
    this.#buffers = buffers;
    this.#missing = size;
    this.#buffer = buffers.take(STEP_BYTES);
    this.bytes = this.#filled();
  }

  get last(): boolean {
    return this.#missing === 0;
  }

  advance(from: number): void {
    this.#buffer.copyWithin(0, from, this.#used);
    this.#used -= from;
    const { length } = this.#buffer;
    if (this.#used > length / 2 && length < MOST_BYTES) this.#buffer = this.#buffers.grown(this.#buffer, this.#used);
    this.bytes = this.#filled();
  }

  close(): void {
    this.#source.close();
    this.#buffers.giveBack(this.#buffer);
  }

  #filled(): Uint8Array {
    const room = Math.min(this.#buffer.length, this.#used + STEP_BYTES);
    const count = this.#source.read(this.#buffer, this.#used, room);
    this.#used += count;
    this.#missing -= count;
    return this.#buffer.subarray(0, this.#used);
  }
}
