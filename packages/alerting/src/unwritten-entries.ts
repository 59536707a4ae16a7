import type { StateLog } from "@narthex/runtime";
import { type Collection, type Entry, StoreError, StoreUnavailableError } from "@narthex/store";

/** Refused entries after which an attempt ends: the store refuses everything, for example because the disk is full. */
const MAX_REFUSED = 16;

export interface EntryWriterOptions {
  readonly collection: Collection;
  /** Reports refusals. The store itself logs that it cannot be reached. */
  readonly log: StateLog;
  /** The entry of a key as it is now; undefined if it is no longer kept. */
  readonly entryOf: (key: string) => Entry | undefined;
}

/**
 * Writes entries to a store, and remembers those that the store does not take. An entry that the store refuses does not keep
 * others from being stored.
 */
export class UnwrittenEntries {
  readonly #options: EntryWriterOptions;
  /** The keys that were refused last are at the end. */
  readonly #keys = new Set<string>();

  constructor(options: EntryWriterOptions) {
    this.#options = options;
  }

  /** Writes entries as they are now. Returns false if the store does not take all of them. Rejects only with program faults. */
  async write(keys: readonly string[]): Promise<boolean> {
    for (const key of keys) this.#keys.add(key);
    const failure = await this.#write(keys, { refused: 0 });
    const { log } = this.#options;
    if (this.#keys.size === 0) log.succeeded();
    else if (failure !== undefined && !(failure instanceof StoreUnavailableError)) log.failed(failure.message);
    return failure === undefined;
  }

  /** Writes the entries that the store has not taken yet. */
  async retry(): Promise<void> {
    if (this.#keys.size > 0) await this.write([...this.#keys]);
  }

  /** Writes all entries together; if the store refuses them, one half after the other. Returns the last failure. */
  async #write(keys: readonly string[], attempt: { refused: number }): Promise<StoreError | undefined> {
    const { collection, entryOf } = this.#options;
    try {
      const entries = keys.flatMap((key) => entryOf(key) ?? []);
      // A later change of the same entry is written again.
      for (const key of keys) this.#keys.delete(key);
      if (entries.length > 0) await collection.change(entries, []);
      return undefined;
    } catch (cause) {
      // A key that is tried alone follows those that have not been tried.
      for (const key of keys) this.#keys.add(key);
      if (!(cause instanceof StoreError)) throw cause;
      if (keys.length === 1) attempt.refused++;
      if (keys.length === 1 || cause instanceof StoreUnavailableError) return cause;
    }
    const middle = keys.length >>> 1;
    const first = await this.#write(keys.slice(0, middle), attempt);
    if (first instanceof StoreUnavailableError || attempt.refused >= MAX_REFUSED) return first;
    return (await this.#write(keys.slice(middle), attempt)) ?? first;
  }
}
