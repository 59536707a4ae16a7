import type { SharedBuffers } from "../memory/shared-column.ts";

/** Longest sleep of a reader before it checks again whether the writer has finished, ms. */
const RETRY_MS = 100;

/**
 * A seqlock for small data that is seldom replaced: a hash table when it grows or loses an entry, a list when it is
 * rewritten. Data that only grows needs no lock. A reader repeats only the read that a change interrupted.
 */
export class Seqlock {
  readonly #words: Int32Array;
  /** Whether this is a reading thread, whose data may be replaced during a read. */
  readonly attached: boolean;
  /** Renews the views of data that has grown. */
  readonly #refresh: () => void;
  #seen = 0;

  constructor(name: string, buffers: SharedBuffers, refresh: () => void) {
    this.#words = buffers.words(name, 1);
    this.attached = buffers.attached;
    this.#refresh = refresh;
  }

  /** Begins a replacement by the writer. */
  begin(): void {
    Atomics.add(this.#words, 0, 1);
  }

  end(): void {
    Atomics.add(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }

  /** Runs `body` of a reading thread until no replacement interrupts it; blocks during one. */
  read<T>(body: () => T): T {
    for (;;) {
      const version = this.#evenVersion();
      if (version !== this.#seen) {
        this.#refresh();
        this.#seen = version;
      }
      const result = body();
      // Atomics.add of 0 is a barrier, which a load is not: no read of the body moves below it.
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
