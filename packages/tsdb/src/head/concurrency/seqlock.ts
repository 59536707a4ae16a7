import type { SharedBuffers } from "../memory/shared-column.ts";

/** How long a reader sleeps at most before it checks again whether the writer has finished. */
const RETRY_MS = 100;

/**
 * A seqlock over something small that is replaced seldom: a hash table when it grows or an entry leaves it, a list when
 * it is written anew. What is only added to needs none. A reader repeats just the read that a change came into.
 */
export class Seqlock {
  readonly #words: Int32Array;
  /** The thread is not the one that writes: what it reads may be replaced meanwhile. */
  readonly attached: boolean;
  /** Takes views of what has grown. */
  readonly #refresh: () => void;
  #seen = 0;

  constructor(name: string, buffers: SharedBuffers, refresh: () => void) {
    this.#words = buffers.words(name, 1);
    this.attached = buffers.attached;
    this.#refresh = refresh;
  }

  /** The writer replaces something from here on. */
  begin(): void {
    Atomics.add(this.#words, 0, 1);
  }

  end(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }

  /** Runs an attached thread's `body` until nothing was replaced meanwhile; blocks while something is. */
  read<T>(body: () => T): T {
    for (;;) {
      const version = this.#evenVersion();
      if (version !== this.#seen) {
        this.#refresh();
        this.#seen = version;
      }
      const result = body();
      // To add nothing is a barrier, which a load is not: what the body read was not read below it.
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
