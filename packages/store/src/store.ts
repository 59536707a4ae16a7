/** One stored document. */
export interface Entry {
  readonly key: string;
  /** Any text; callers store JSON. */
  readonly value: string;
  /** Unix ms from which on the entry may be dropped. */
  readonly expiresAt: number;
  /**
   * Time of the change, Unix ms. In a store that several instances share, an entry never replaces one that was changed
   * later, so a write delayed by an outage undoes nothing. Entries without it are replaced by any later write.
   */
  readonly changedAt?: number;
}

/** Changes of a collection by other instances. */
export interface Change {
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
  /**
   * True if `put` contains all entries, because the database was unreachable and the single changes are unknown. Other
   * entries of the listener that were not removed were not written or were lost, and may be put again.
   */
  readonly complete: boolean;
}

/** Entries of one kind, by key. */
export interface Collection {
  entries(): Promise<readonly Entry[]>;
  /** Returns the current entry of a key. */
  get(key: string): Promise<Entry | undefined>;
  /** Adds or replaces an entry; durable when it resolves. */
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds or replaces some entries and removes others, all or none; durable when it resolves. */
  change(put: readonly Entry[], remove: readonly string[]): Promise<void>;
  /**
   * Drops entries with expiresAt ≤ now and returns their number. Watchers are not called, because each checks expiresAt
   * itself.
   */
  dropExpired(now: number): Promise<number>;
  /** Returns the number of bytes of keys and values. */
  size(): Promise<number>;
  /**
   * Calls back for changes of the collection by other instances. The returned function stops this. Never called for a
   * store that only one process uses.
   */
  watch(listener: (change: Change) => void): () => void;
}

/**
 * Failures that a resolved write survives: "power" a power failure; "process" any end of the process, at a small part of the
 * cost. A later "power" write of the same store includes the "process" writes before it.
 */
export type Durability = "power" | "process";

/** Change of one entry in a step. */
export interface ConditionalWrite {
  /** Name of a collection that was opened. */
  readonly collection: string;
  readonly key: string;
  /** The new entry; undefined removes it. */
  readonly entry: Pick<Entry, "value" | "expiresAt"> | undefined;
  /** Its value as the writer knows it, null if the writer knows none; if omitted, any value. */
  readonly before?: string | null;
}

/** Small relational state of a role: silences, notification log. Failed writes reject with StoreError. */
export interface Store {
  /**
   * Returns the collection of that name (letters and underscores), and creates it if it is new. Default durability:
   * "power".
   */
  collection(name: string, durability?: Durability): Collection;
  close(): Promise<void>;
}

/** A store whose entries can be written on the condition that they were not changed by others. */
export interface ConditionalStore extends Store {
  /**
   * Writes entries of any collections in one step, each key once. Returns true when all of them are durable. Returns
   * false, and writes nothing, if one of them differs from what its writer knows, because another instance was faster.
   */
  exchange(writes: readonly ConditionalWrite[]): Promise<boolean>;
}

/**
 * The state cannot be opened or written, or is damaged; the message names the file or the server. A refused write may
 * still have been made, if only making it durable failed; get() returns the store's content.
 */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/**
 * The database is unreachable, and the write may be lost. When it is reachable again, watchers get a complete Change
 * and can put missing entries again.
 */
export class StoreUnavailableError extends StoreError {
  override readonly name = "StoreUnavailableError";
}
