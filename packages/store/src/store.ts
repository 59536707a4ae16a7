/** One kept document. */
export interface Entry {
  readonly key: string;
  /** Any text; callers keep JSON. */
  readonly value: string;
  /** Unix ms from which on the entry may be dropped. */
  readonly expiresAt: number;
  /**
   * When it was changed, Unix ms. In a store that several instances share an entry never replaces one that was changed
   * later: a write that was held up by an outage undoes nothing. Entries without are replaced by whatever comes last.
   */
  readonly changedAt?: number;
}

/** What others did to a collection. */
export interface Change {
  readonly put: readonly Entry[];
  readonly removed: readonly string[];
  /**
   * `put` is all there is: the database was out of reach, and what happened meanwhile is not known step by step. What
   * the listener holds beyond it, and no one removed, was not written, or was lost: it may be put again.
   */
  readonly complete: boolean;
}

/** Entries of one kind, by key. */
export interface Collection {
  entries(): Promise<readonly Entry[]>;
  /** The entry of a key, as it is in the store now. */
  get(key: string): Promise<Entry | undefined>;
  /** Adds or replaces; durable when it resolves. */
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds or replaces some entries and removes others, all or nothing; durable when it resolves. */
  change(put: readonly Entry[], remove: readonly string[]): Promise<void>;
  /** Drops entries with expiresAt ≤ now; how many. Watchers are not told: each looks at expiresAt itself. */
  dropExpired(now: number): Promise<number>;
  /** Bytes of keys and values. */
  size(): Promise<number>;
  /**
   * Calls back for what other instances do to the collection; returns how to stop. No one else writes to a store that
   * one process has to itself: there it is never called.
   */
  watch(listener: (change: Change) => void): () => void;
}

/**
 * What a write outlives once it is promised: "power" even a power cut; "process" the end of the process, however it comes,
 * at a small part of the price. A later "power" write of the same store covers the "process" writes before it.
 */
export type Durability = "power" | "process";

/** What a step makes of one entry. */
export interface ConditionalWrite {
  /** Name of a collection that has been asked for. */
  readonly collection: string;
  readonly key: string;
  /** As it is to become; undefined: removed. */
  readonly entry: Pick<Entry, "value" | "expiresAt"> | undefined;
  /** Its value as the writer knows it, null if the writer knows of none; left out: whatever it is. */
  readonly before?: string | null;
}

/** Small relational state of a role: silences, notification log. Writes that fail reject with StoreError. */
export interface Store {
  /** The collection of that name (letters and underscores), made when it is new. Durability is "power" unless given. */
  collection(name: string, durability?: Durability): Collection;
  close(): Promise<void>;
}

/** A store whose entries can be written on the condition that no one else has changed them. */
export interface ConditionalStore extends Store {
  /**
   * Writes to entries of any collections in one step, each key once: true when all of it is durable. False, and nothing is
   * written, where one of them is not what its writer knows any more: another instance was faster.
   */
  exchange(writes: readonly ConditionalWrite[]): Promise<boolean>;
}

/**
 * The state cannot be opened or written, or is damaged; the message names the file or the server. A refused write may have been
 * made all the same, when only its way to the disk failed: get() says what the store holds.
 */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/**
 * The database is out of reach, the write may have been lost. When it is back, watchers get a complete Change and can put
 * again what is missing there.
 */
export class StoreUnavailableError extends StoreError {
  override readonly name = "StoreUnavailableError";
}
