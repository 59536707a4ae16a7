import type { RemoteRead, RemoteReader, RemoteSelection } from "../../remote-read/source/remote-reader.ts";
import type { LongTermStore } from "./long-term-store.ts";

/** Reads from the long-term store of the current configuration, if there is one. */
export class LongTermReader implements RemoteReader {
  readonly #count = new Int32Array(new SharedArrayBuffer(4));
  #store: LongTermStore | undefined;

  get endpoints(): number {
    return this.#store === undefined ? 0 : 1;
  }

  /** Shared memory that shows other threads whether there is a long-term store. */
  get count(): SharedArrayBuffer {
    return this.#count.buffer;
  }

  get isWell(): boolean {
    return this.#store?.isWell ?? true;
  }

  /** Replaces the long-term store. Requests in progress to the old store continue to their end. */
  replace(store: LongTermStore | undefined): void {
    this.#store?.retire();
    this.#store = store;
    Atomics.store(this.#count, 0, this.endpoints);
  }

  concerns(): Promise<boolean> {
    return Promise.resolve(this.endpoints > 0);
  }

  async read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead> {
    return this.#store?.read(selection, signal) ?? { answers: [], problems: [], close: () => {} };
  }
}
