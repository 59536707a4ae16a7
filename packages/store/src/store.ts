/** One kept document. */
export interface Entry {
  readonly key: string;
  /** Any text; callers keep JSON. */
  readonly value: string;
  /** Unix ms from which on the entry may be dropped. */
  readonly expiresAt: number;
}

/** Entries of one kind, by key. */
export interface Collection {
  entries(): Promise<readonly Entry[]>;
  /** Adds or replaces; durable when it resolves. */
  put(entry: Entry): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds or replaces some entries and removes others, all or nothing; durable when it resolves. */
  change(put: readonly Entry[], remove: readonly string[]): Promise<void>;
  /** Drops entries with expiresAt ≤ now; how many. */
  dropExpired(now: number): Promise<number>;
  /** Bytes of keys and values. */
  size(): Promise<number>;
}

/** Small relational state of a role: silences, notification log. One process has it open at a time. */
export interface Store {
  /** The collection of that name (letters and underscores), made when it is new. */
  collection(name: string): Collection;
  close(): Promise<void>;
}

/** The state cannot be opened or is damaged; the message names the file. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}
