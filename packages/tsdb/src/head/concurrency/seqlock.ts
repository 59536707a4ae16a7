import type { SharedBuffers } from "../memory/shared-column.ts";

/** Time in ms after which a reader that waits for the writer checks again whether the writer has finished. */
const RETRY_MS = 100;

/**
 * A sequence lock for small shared data that is seldom replaced: a hash table when it grows or loses an entry, a list
 * when it is rewritten. Data that only grows needs no lock. If a replacement interrupts a read, only that read is
 * repeated.
 */
export class Seqlock {
  readonly #words: Int32Array;
  /** Whether this is a reading thread, during whose reads the writer may replace the data. */
  readonly attached: boolean;
  /** Callback that recreates the reader's array views after the data has grown. */
  readonly #refresh: () => void;
  #seen = 0;

  constructor(name: string, buffers: SharedBuffers, refresh: () => void) {
    this.#words = buffers.words(name, 1);
    this.attached = buffers.attached;
    this.#refresh = refresh;
  }

  /** Begins a replacement of the data. Only the writer may call it. */
  begin(): void {
    Atomics.add(this.#words, 0, 1);
  }

  end(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }

  /** Runs `body` on a reading thread until no replacement interrupts it. Blocks while a replacement is in progress. */
  read<T>(body: () => T): T {
    for (;;) {
      const version = this.#evenVersion();
      if (version !== this.#seen) {
        this.#refresh();
        this.#seen = version;
      }
      const result = body();
      // `Atomics.add` of 0 acts as a memory barrier, unlike a load: no read of `body` can be moved after it.
      if (Atomics.add(this.#words, 0, 0) === version) return result;
    }
  }

  #evenVersion(): number {
    for (;;) {
      const version = Atomics.load(this.#words, 0);
      if (version % 2 === 0) return version;
      Atomics.wait(this.#words, 0, version, RETRY_MS);
    }
  }
}
