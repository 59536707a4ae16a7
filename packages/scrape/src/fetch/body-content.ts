import type { BodyMemoryBudget } from "./body-memory-budget.ts";
import type { BodyBuffers } from "./body-buffers.ts";
import type { BodySource } from "./body-source.ts";

/** Provides memory for scraped bodies: a pool of buffers, and a memory budget for long bodies. */
export interface BodyStore {
  readonly buffers: BodyBuffers;
  readonly budget: BodyMemoryBudget;
}

/** An uncompressed body, which is either in one buffer or read through a window. */
export interface BodyContent {
  readonly size: number;
  /** Returns a window at the first byte of the body. Only one window may be open at a time. */
  open(): BodyWindow;
  /**
   * Returns the whole body in one buffer, for formats that cannot be read through a window. If the result is not this
   * object, the caller must release it too. Rejects with BodySizeError if the memory budget is exhausted.
   */
  inOnePiece(pause: () => Promise<void>): Promise<BodyContent>;
  release(): void;
}

/** The part of a scraped body that is in memory and that a reader can read. */
export interface BodyWindow {
  readonly bytes: Uint8Array;
  /** True if the window ends at the end of the body. */
  readonly last: boolean;
  /**
   * Discards the first `from` bytes of the window and appends as many following bytes of the body as fit. Overwrites
   * the earlier content of the window.
   */
  advance(from: number): void;
  close(): void;
}

export class BufferedContent implements BodyContent {
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

/**
 * Initial length in bytes of a window, and number of bytes that are appended at a time. Appending this number of bytes
 * takes a millisecond or two.
 */
const STEP_BYTES = 1024 * 1024;
/** Maximum length in bytes of a window: twice the maximum length of a line. */
const MAX_WINDOW_BYTES = 32 * 1024 * 1024;

/** A scraped body that is read through a window, because the whole body would need too much memory. */
export class WindowedContent implements BodyContent {
  readonly size: number;
  readonly release: () => void;
  readonly #store: BodyStore;
  readonly #source: () => BodySource;

  /**
   * @param size length of the body in bytes
   * @param source returns a function that reads the body from its start
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
    const { buffers, budget } = this.#store;
    const piece = { charged: 0, abort: () => undefined };
    budget.charge(piece, size);
    budget.complete(piece);
    const buffer = buffers.take(size);
    const source = this.#source();
    for (let at = 0; at < size; at += source.read(buffer, at, Math.min(size, at + STEP_BYTES))) await pause();
    source.close();
    return new BufferedContent(buffer.subarray(0, size), () => {
      buffers.giveBack(buffer);
      budget.release(piece, size);
    });
  }
}

class SlidingWindow implements BodyWindow {
  bytes: Uint8Array;
  readonly #source: BodySource;
  readonly #buffers: BodyBuffers;
  #buffer: Buffer;
  #used = 0;
  /** Number of bytes of the body that have not been in the window yet. */
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
    if (this.#used > length / 2 && length < MAX_WINDOW_BYTES)
      this.#buffer = this.#buffers.grown(this.#buffer, this.#used);
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
