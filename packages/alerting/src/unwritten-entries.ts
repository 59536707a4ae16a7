import type { StateLog } from "@narthex/runtime";
import { type Collection, type Entry, StoreError, StoreUnavailableError } from "@narthex/store";

/**
 * Number of refused entries after which an attempt to write ends, because the store then probably refuses all entries,
 * for example because the disk is full.
 */
const MAX_REFUSED = 16;

export interface EntryWriterOptions {
  readonly collection: Collection;
  /**
   * Logs that the store refused an entry. If the store cannot be reached, this log gets no message, because the store
   * itself logs its failures.
   */
  readonly log: StateLog;
  /** Returns the current entry of a key, or undefined if the key has no entry any more. */
  readonly entryOf: (key: string) => Entry | undefined;
}

/**
 * Writes entries to a store, and remembers the entries that the store refuses. A refused entry does not prevent that
 * other entries are stored.
 */
export class UnwrittenEntries {
  readonly #options: EntryWriterOptions;
  /**
   * Keys of entries that are not stored yet. A key whose entry the store refused moves to the end, so that other
   * entries are tried first.
   */
  readonly #keys = new Set<string>();

  constructor(options: EntryWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes the current entries of the given keys. Returns false if the store does not accept all of them. Rejects only
   * because of a bug.
   */
  async write(keys: readonly string[]): Promise<boolean> {
    const failure = await this.#write(keys, { refused: 0 });
    const { log } = this.#options;
    if (this.#keys.size === 0) log.succeeded();
    else if (failure !== undefined && !(failure instanceof StoreUnavailableError)) log.failed(failure.message);
    return failure === undefined;
  }

  /** Writes the entries that the store has not accepted yet. */
  async retry(): Promise<void> {
    if (this.#keys.size > 0) await this.write([...this.#keys]);
  }

  /**
   * Writes all entries in one transaction. If the store refuses the transaction, writes each half of the entries
   * separately, down to single entries. Returns the last failure.
   */
  async #write(keys: readonly string[], attempt: { refused: number }): Promise<StoreError | undefined> {
    const { collection, entryOf } = this.#options;
    try {
      const entries = keys.flatMap((key) => entryOf(key) ?? []);
      // Removes the keys from the waiting keys before the write, so that an entry that changes during the write is
      // written again.
      for (const key of keys) this.#keys.delete(key);
      if (entries.length > 0) await collection.change(entries, []);
      return undefined;
    } catch (cause) {
      // Keeps the keys of the refused entries for a later attempt, at the end of the list, so that other entries are
      // tried first.
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
