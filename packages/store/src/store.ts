/** One stored document. */
export interface Entry {
  readonly key: string;
  /** The content of the entry: any text, usually JSON. */
  readonly value: string;
  /** Time from which the entry may be dropped, Unix ms. */
  readonly expiresAt: number;
  /**
   * Time of the change, Unix ms. In a shared store, a write is ignored if the stored entry has a later time, so a
   * delayed write does no harm. Without a time, the entry always replaces the stored one.
   */
  readonly changedAt?: number;
}

/** Changes of a collection by other instances. */
export interface Change {
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
  /**
   * True if `put` has all entries of the collection, as after an outage. Entries that the listener knows, but that are
   * neither in `put` nor in `removed`, were lost or never written; the listener may put them again.
   */
  readonly complete: boolean;
}

/** Keys from `from` up to, but without, `before`. A missing limit means no limit. */
export interface KeyRange {
  readonly from?: string;
  readonly before?: string;
}

/** The entries that stay in a collection when it is trimmed. */
export interface Kept {
  /** Lowest key that stays. */
  readonly from: string;
  /** Maximum number of entries that stay when a collection is trimmed. The entries with the highest keys stay. */
  readonly count: number;
}

/** Entries of one kind in a store, by key. */
export interface Collection {
  entries(): Promise<readonly Entry[]>;
  get(key: string): Promise<Entry | undefined>;
  /** Adds or replaces an entry. Resolves when the entry is durable. */
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  /**
   * Adds or replaces some entries and removes others, either all of them or none. Resolves when the changes are
   * durable.
   */
  change(put: readonly Entry[], remove: readonly string[]): Promise<void>;
  /**
   * Drops entries with expiresAt ≤ now, and returns their number. Watchers are not called, because they can check
   * `expiresAt` themselves.
   */
  dropExpired(now: number): Promise<number>;
  /**
   * Returns the entries with the highest keys of a range, at most `limit`, the highest key first. Reads only these
   * entries. All keys of the collection must consist of at most 1000 ASCII characters.
   */
  latest(range: KeyRange, limit: number): Promise<readonly Entry[]>;
  /**
   * Removes at most `limit` of the entries that `kept` excludes, those with the lowest keys first. Returns the number
   * of removed entries. Watchers are not called. The condition of latest() for keys applies.
   */
  trim(kept: Kept, limit: number): Promise<number>;
  /** Returns the total size of keys and values in bytes. */
  size(): Promise<number>;
  /**
   * Calls a listener for each change that another instance makes. Returns a function that stops the calls. A store that
   * only one process uses never calls listeners.
   */
  watch(listener: (change: Change) => void): () => void;
}

/**
 * Failures that a finished write survives. "power": a power failure. "process": any end of the process; such a write
 * costs much less. A later "power" write to the store also makes earlier "process" writes durable.
 */
export type Durability = "power" | "process";

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
 * The stored state cannot be opened or written, or is damaged; the message names the file or the server. A failed write
 * may still be visible, if only making it durable failed.
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
