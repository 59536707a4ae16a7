/** One stored document. */
export interface Entry {
  readonly key: string;
  /** The content of the entry: any text, usually JSON. */
  readonly value: string;
  /** Time from which the entry may be dropped, Unix ms. */
  readonly expiresAt: number;
  /**
   * Time of the change, Unix ms. In a store that several instances share, an entry never replaces one that was changed
   * later. Thus a write that was delayed by an outage undoes nothing. Without this time, any later write replaces the
   * entry.
   */
  readonly changedAt?: number;
}

/** Changes of a collection by other instances. */
export interface Change {
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
  /**
   * True if `put` has all entries of the collection. This is so after an outage, because the single changes are
   * unknown. Entries that the listener knows and that are in neither list were lost or never written, and may be put
   * again.
   */
  readonly complete: boolean;
}

/** Entries of one kind in a store, by key. */
export interface Collection {
  entries(): Promise<readonly Entry[]>;
  /** Returns the current entry of a key. */
  get(key: string): Promise<Entry | undefined>;
  /** Adds or replaces an entry. Resolves when this is durable. */
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds or replaces some entries and removes others, all or none. Resolves when this is durable. */
  change(put: readonly Entry[], remove: readonly string[]): Promise<void>;
  /**
   * Drops entries with expiresAt ≤ now, and returns their number. Watchers are not called, because they can check
   * `expiresAt` themselves.
   */
  dropExpired(now: number): Promise<number>;
  /** Returns the total size of keys and values in bytes. */
  size(): Promise<number>;
  /**
   * Calls a listener for each change that other instances make. Returns a function that stops this. Never calls it for
   * a store that only one process uses.
   */
  watch(listener: (change: Change) => void): () => void;
}

/**
 * Failures that a finished write survives. "power": a power failure. "process": any end of the process, at a small part
 * of the cost. A later "power" write to the same store includes earlier "process" writes.
 */
export type Durability = "power" | "process";

/** A write of one entry on a condition. */
export interface ConditionalWrite {
  /** Name of a collection that was opened. */
  readonly collection: string;
  readonly key: string;
  /** The new entry; undefined removes it. */
  readonly entry: Pick<Entry, "value" | "expiresAt"> | undefined;
  /** Condition: the current value of the entry, or null if it must not exist. If omitted, any value is accepted. */
  readonly before?: string | null;
}

/** Small state of the program, such as silences and the notification log. Failed writes reject with StoreError. */
export interface Store {
  /**
   * Returns the collection with this name (letters and underscores), and creates it if necessary. Default durability:
   * "power".
   */
  collection(name: string, durability?: Durability): Collection;
  close(): Promise<void>;
}

/** A store in which entries can be written on the condition that others have not changed them. */
export interface ConditionalStore extends Store {
  /**
   * Writes entries of any collections in one step, each key once. Returns true when all are durable. Returns false, and
   * writes nothing, if any condition is not fulfilled, because another instance was faster.
   */
  exchange(writes: readonly ConditionalWrite[]): Promise<boolean>;
}

/**
 * The stored state cannot be opened or written, or is damaged. The message names the file or the server. A refused
 * write may still have been made, if only making it durable failed; get() shows this.
 */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/**
 * The database is unreachable, and the write may be lost. When it is reachable again, watchers get a complete Change,
 * and can put missing entries again.
 */
export class StoreUnavailableError extends StoreError {
  override readonly name = "StoreUnavailableError";
}
