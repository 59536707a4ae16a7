import type { RemoteRead, RemoteReader, RemoteSelection } from "../../remote-read/source/remote-reader.ts";
import type { LongTermStore } from "./long-term-store.ts";

/** The store of the configuration in force, where it names one. */
export class LongTermReader implements RemoteReader {
  readonly #count = new Int32Array(new SharedArrayBuffer(4));
  #store: LongTermStore | undefined;

  get endpoints(): number {
    return this.#store === undefined ? 0 : 1;
  }

  /** Memory that tells other threads whether there is one. */
  get count(): SharedArrayBuffer {
    return this.#count.buffer;
  }

  get isWell(): boolean {
    return this.#store?.isWell ?? true;
  }

  /** Takes another; what is being read of the old one is read to its end. */
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
