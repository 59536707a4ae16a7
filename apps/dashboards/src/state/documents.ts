import type { Collection, ConditionalStore, ConditionalWrite, Durability, Entry } from "@narthex/store";
import { StoreError } from "@narthex/store";
import { type Clock, systemClock } from "@narthex/runtime";
import { MemoryAccount, type MemoryLimit } from "./memory-limit.ts";

/** Reserved key for the highest `id` used so far, so that the id of a removed record is never used again. */
const HIGHEST = "#highest";
/** Reserved key for a revision counter. Every change that depends on the whole collection increments the counter. */
const REVISION = "#revision";
/** Expiry time of documents that do not expire. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** Maximum number of attempts of a change that conflicts with changes of other instances. */
const MAX_TRIES = 100;
/**
 * Number of attempts without a pause. These attempts are usually enough for an accidental conflict between two
 * instances.
 */
const QUICK_TRIES = 3;
/** Maximum pause in ms before later attempts. Pauses are random, so that the instances do not try at the same times. */
const MAX_PAUSE_MS = 100;

/** A planned change of documents. The store makes either the whole change or none of it. */
export interface Plan<T, R> {
  readonly put?: ReadonlyMap<string, T>;
  readonly removed?: readonly string[];
  /** Expiry of the written documents, Unix ms. */
  readonly expiresAt?: number;
  /** Documents of other collections that must be unchanged; otherwise the change is planned again. */
  readonly guards?: readonly Guard[];
  /** Writes in other collections that are part of the same change. */
  readonly also?: readonly ConditionalWrite[];
  readonly result: R;
}

/** Receives a document before and after a change: undefined if it did not exist before, or does not exist any more. */
export type Follower<T> = (before: T | undefined, after: T | undefined) => void;

/** A condition for a change: a document of another collection must not have changed since it was read. */
export interface Guard {
  readonly write: ConditionalWrite;
  /** Reads the guarded document from the store again, because another instance has changed it. */
  readonly readAgain: () => Promise<void>;
}

export interface DocumentsOptions {
  readonly durability?: Durability;
  /**
   * Must be set if a change depends on documents that it does not write, for example if names must be unique. Such
   * changes are made one after the other, each based on all earlier ones.
   */
  readonly oneAtATime?: boolean;
  /**
   * Memory limit above which changes are refused. Documents that are already in the store are always read. Default: no
   * limit.
   */
  readonly memory?: MemoryLimit;
  /** Clock for pauses. Default: the machine's clock. */
  readonly clock?: Clock;
  /** The current time, Unix ms. If set, expired documents are removed from the store before all documents are read. */
  readonly dropExpiredAt?: number;
}

/**
 * Records of one kind, stored as JSON documents. All documents are kept in memory, and a change is stored before it is
 * confirmed. If several instances share the store, each receives the changes of the others. An instance never
 * overwrites a change that it does not know: if another instance has changed the documents in the meantime, the change
 * is planned again.
 */
export class Documents<T> {
  readonly #store: ConditionalStore;
  readonly #name: string;
  readonly #collection: Collection;
  readonly #isOneAtATime: boolean;
  readonly #clock: Clock;
  readonly #memory: MemoryAccount | undefined;
  readonly #documents = new Map<string, T>();
  readonly #marks = new Map<string, string>();
  /**
   * Stored texts of documents that another program has formatted differently. A conditional write must name the exact
   * stored text.
   */
  readonly #texts = new Map<string, string>();
  /** The newest running change of each key. */
  readonly #pending = new Map<string, symbol>();
  /** Keys that another instance changed while a local change was running. The order of the two changes is unknown. */
  readonly #changedKeys = new Set<string>();
  /**
   * For each running read of the store, the keys that have changed since its start. The read may return outdated values
   * for them.
   */
  readonly #reads = new Set<Set<string>>();
  readonly #listeners = new Set<() => void>();
  readonly #followers: Follower<T>[] = [];
  #highest = 0;

  private constructor(
    store: ConditionalStore,
    name: string,
    { durability, oneAtATime = false, clock = systemClock, memory }: DocumentsOptions,
  ) {
    this.#store = store;
    this.#name = name;
    this.#collection = store.collection(name, durability);
    this.#isOneAtATime = oneAtATime;
    this.#clock = clock;
    this.#memory = memory && new MemoryAccount(memory);
  }

  /** Opens a collection and reads all documents. Rejects with StoreError. */
  static async open<T>(store: ConditionalStore, name: string, options: DocumentsOptions = {}): Promise<Documents<T>> {
    const made = new Documents<T>(store, name, options);
    if (options.dropExpiredAt !== undefined) await made.#collection.dropExpired(options.dropExpiredAt);
    // Watches the collection before the first read, because a change between the read and the watch would be missed
    // otherwise.
    const leave = made.#collection.watch(({ put, removed, complete }) => {
      made.#noteChanged([...removed, ...put.map(({ key }) => key), ...(complete ? made.#documents.keys() : [])]);
      if (complete) made.#forgetBut(new Set());
      for (const key of removed) made.#forget(key);
      // The revision counter is taken only from a complete read, because notifications of single changes may arrive in
      // another order than the changes.
      made.#take(complete ? put : put.filter(({ key }) => key !== REVISION));
      made.#notify();
    });
    try {
      await made.refresh();
    } catch (error) {
      leave();
      throw error;
    }
    return made;
  }

  get size(): number {
    return this.#documents.size;
  }

  get(key: string): T | undefined {
    return this.#documents.get(key);
  }

  values(): MapIterator<T> {
    return this.#documents.values();
  }

  entries(): MapIterator<[string, T]> {
    return this.#documents.entries();
  }

  /**
   * Returns a new number for a record's `id`, which is never used again. Must be called within a plan that writes the
   * record.
   */
  nextId(): number {
    return this.#highest + 1;
  }

  /** Calls the listener after each change, including changes of other instances. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Calls the follower now for each document, and later for each changed document, including changes of other
   * instances. Unlike a listener of `onChange`, a follower need not read unchanged documents.
   */
  follow(follower: Follower<T>): void {
    for (const document of this.#documents.values()) follower(undefined, document);
    this.#followers.push(follower);
  }

  /**
   * Returns a condition that this document is unchanged, for a change of another collection. Returns undefined if the
   * document does not exist.
   */
  guard(key: string): Guard | undefined {
    const document = this.#documents.get(key);
    if (document === undefined) return undefined;
    const text = this.#textOf(key)!;
    const entry = { value: text, expiresAt: NEVER };
    const write = { collection: this.#name, key, before: text, entry };
    return { write, readAgain: () => this.readAgain([key]) };
  }

  /**
   * Makes a change. Calls `plan` immediately, and again each time another instance has changed the planned documents.
   * Readers see the new values immediately; if the store refuses the change, the old values come back. Rejects with the
   * error that `plan` throws, or with StoreError if the store fails or after 100 conflicts.
   */
  async change<R>(plan: () => Plan<T, R>): Promise<R> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const planned = plan();
      if (await this.#tried(planned)) return planned.result;
      if (tries >= QUICK_TRIES) await this.#clock.sleep(Math.random() * Math.min(2 ** tries, MAX_PAUSE_MS));
      if (this.#isOneAtATime) await this.refresh();
      for (const { readAgain } of planned.guards ?? []) await readAgain();
    }
    throw new StoreError(`${this.#name}: other instances keep changing the same data; try again`);
  }

  /**
   * Changes a document. If `next` returns undefined, the document is removed; if it returns the same value, nothing is
   * written. Rejects like `change`.
   */
  update(key: string, next: (before: T | undefined) => T | undefined, expiresAt?: number): Promise<T | undefined> {
    return this.change(() => {
      const before = this.#documents.get(key);
      const result = next(before);
      if (result === before) return { result };
      if (result === undefined) return { removed: [key], result };
      return { put: new Map([[key, result]]), ...(expiresAt === undefined ? {} : { expiresAt }), result };
    });
  }

  async remove(key: string): Promise<void> {
    await this.update(key, () => undefined);
  }

  /**
   * Reads all documents from the store, because notifications of other instances' changes may be delayed. Rejects with
   * StoreError.
   */
  async refresh(): Promise<void> {
    const changed = await this.#reading(
      () => this.#collection.entries(),
      (entries, changedMeanwhile) => {
        this.#forgetBut(new Set([...entries.map(({ key }) => key), ...changedMeanwhile]));
        this.#take(entries.filter(({ key }) => !changedMeanwhile.has(key)));
      },
    );
    this.#notify();
    await this.readAgain([...changed]);
  }

  /**
   * Reads from the store, and passes the result to `takeOver` in the same event loop turn, together with the keys that
   * were changed during the read. Returns these keys too. The read may have returned outdated values for them.
   */
  async #reading<R>(
    read: () => Promise<R>,
    takeOver: (read: R, changed: ReadonlySet<string>) => void,
  ): Promise<ReadonlySet<string>> {
    const changed = new Set<string>();
    this.#reads.add(changed);
    try {
      takeOver(await read(), changed);
      return changed;
    } finally {
      this.#reads.delete(changed);
    }
  }

  #noteChanged(keys: readonly string[]): void {
    for (const changed of this.#reads) for (const key of keys) changed.add(key);
  }

  /** Tries to make a change. If another change conflicts, reads the current values of the keys and returns false. */
  async #tried({
    put = new Map(),
    removed = [],
    expiresAt = NEVER,
    guards = [],
    also = [],
  }: Plan<T, unknown>): Promise<boolean> {
    const gone = removed.filter((key) => this.#documents.has(key));
    const writes = this.#writesOf(put, gone, Math.min(expiresAt, NEVER));
    const further = [...guards.map(({ write }) => write), ...also];
    if (writes.length === 0) return further.length === 0 || this.#store.exchange(further);
    const keys = writes.map(({ key }) => key);
    const change = Symbol(this.#name);
    const before = new Map(keys.map((key) => [key, this.#documents.get(key)]));
    for (const key of keys) this.#pending.set(key, change);
    this.#show(writes, put);
    const isLast = (key: string): boolean => this.#pending.get(key) === change;
    const takeBack = (key: string): void => {
      this.#pending.delete(key);
      const document = before.get(key);
      this.#memory?.delete(key);
      if (document === undefined) this.#replace(key, undefined);
      else this.#set(key, document, JSON.stringify(document));
    };
    let isDone: boolean;
    try {
      isDone = await this.#store.exchange([...writes, ...further]);
    } catch (error) {
      for (const key of keys.filter(isLast)) {
        takeBack(key);
        this.#changedKeys.delete(key);
      }
      this.#notify();
      // Reads the keys again as soon as the store can be reached, because the store may or may not have made the
      // change.
      void this.readAgain(keys).catch(() => undefined);
      throw error;
    }
    const own = writes.filter(({ key }) => isLast(key));
    const doubtful = own.map(({ key }) => key).filter((key) => this.#changedKeys.delete(key));
    if (!isDone) {
      for (const { key } of own) takeBack(key);
      this.#notify();
      await this.readAgain(keys);
      return false;
    }
    for (const { key } of own) this.#pending.delete(key);
    this.#show(own, put);
    // A failure of this read is ignored, because the change is already stored. All documents are read again when the
    // store reconnects.
    await this.readAgain(doubtful).catch(() => undefined);
    return true;
  }

  #writesOf(
    put: ReadonlyMap<string, T>,
    removed: readonly string[],
    expiresAt: number,
  ): readonly Required<ConditionalWrite>[] {
    const write = (key: string, value: string | undefined, until = NEVER): Required<ConditionalWrite> => ({
      collection: this.#name,
      key,
      before: this.#textOf(key),
      entry: value === undefined ? undefined : { value, expiresAt: until },
    });
    const writes = [...put].map(([key, document]) => write(key, JSON.stringify(document), expiresAt));
    this.#memory?.check(writes.map(({ key, entry }) => [key, entry!.value]));
    for (const key of removed) writes.push(write(key, undefined));
    if (writes.length === 0) return [];
    const ids = [...put.values(), ...removed.map((key) => this.#documents.get(key))].map(numberOf);
    const highest = ids.reduce((most, id) => Math.max(most, id), 0);
    if (highest > (Number(this.#marks.get(HIGHEST)) || 0)) writes.push(write(HIGHEST, String(highest)));
    if (this.#isOneAtATime) writes.push(write(REVISION, String((Number(this.#marks.get(REVISION)) || 0) + 1)));
    return writes;
  }

  /** Makes the planned values visible to readers. */
  #show(writes: readonly ConditionalWrite[], put: ReadonlyMap<string, T>): void {
    this.#noteChanged(writes.map(({ key }) => key));
    for (const { key, entry } of writes) {
      if (isMark(key)) this.#mark(key, entry!.value);
      else if (entry === undefined) this.#drop(key);
      else this.#set(key, put.get(key)!, entry.value);
    }
    this.#notify();
  }

  /** Returns the last known text of a key in the store, or null if the key does not exist. */
  #textOf(key: string): string | null {
    if (isMark(key)) return this.#marks.get(key) ?? null;
    const document = this.#documents.get(key);
    return this.#texts.get(key) ?? (document === undefined ? null : JSON.stringify(document));
  }

  /**
   * Reads some documents from the store again. Does not read the revision counter, which is taken only from a complete
   * read. Rejects with StoreError.
   */
  async readAgain(named: readonly string[]): Promise<void> {
    let keys = named.filter((key) => key !== REVISION);
    for (let tries = 0; keys.length > 0 && tries < MAX_TRIES; tries++) {
      const requested = keys;
      const changed = await this.#reading(
        () => Promise.all(requested.map((key) => this.#collection.get(key))),
        (entries, changedMeanwhile) =>
          requested.forEach((key, i) => {
            const entry = entries[i];
            if (changedMeanwhile.has(key)) return;
            if (entry === undefined) this.#forget(key);
            else this.#take([entry]);
          }),
      );
      this.#notify();
      keys = requested.filter((key) => changed.has(key));
    }
  }

  #take(entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      // While a change of this key is running, readers see the new value. If the change fails, the key is read again.
      if (this.#isPending(key)) continue;
      if (isMark(key)) {
        this.#mark(key, value);
        continue;
      }
      try {
        const document = JSON.parse(value) as T;
        this.#set(key, document, value);
        if (JSON.stringify(document) !== value) this.#texts.set(key, value);
      } catch {
        // A document that cannot be parsed was written by another program. It counts as missing and may be overwritten.
        this.#drop(key);
        this.#texts.set(key, value);
      }
    }
  }

  #forgetBut(known: ReadonlySet<string>): void {
    for (const key of [...this.#documents.keys(), ...this.#marks.keys()]) if (!known.has(key)) this.#forget(key);
  }

  #forget(key: string): void {
    if (!this.#isPending(key)) this.#drop(key);
  }

  #isPending(key: string): boolean {
    const isPending = this.#pending.has(key);
    if (isPending) this.#changedKeys.add(key);
    return isPending;
  }

  #drop(key: string): void {
    this.#replace(key, undefined);
    this.#memory?.delete(key);
    this.#texts.delete(key);
    this.#marks.delete(key);
  }

  #set(key: string, document: T, text: string): void {
    this.#replace(key, document);
    this.#memory?.set(key, text);
    this.#texts.delete(key);
    this.#highest = Math.max(this.#highest, numberOf(document));
  }

  #replace(key: string, after: T | undefined): void {
    const before = this.#documents.get(key);
    if (before === after) return;
    if (after === undefined) this.#documents.delete(key);
    else this.#documents.set(key, after);
    for (const follower of this.#followers) follower(before, after);
  }

  #mark(key: string, value: string): void {
    this.#marks.set(key, value);
    if (key === HIGHEST) this.#highest = Math.max(this.#highest, Number(value) || 0);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

const isMark = (key: string): boolean => key === HIGHEST || key === REVISION;

/** Returns the `id` of a record; 0 if it has no valid id. */
function numberOf(document: unknown): number {
  const id = typeof document === "object" && document !== null && "id" in document ? document.id : 0;
  return typeof id === "number" && Number.isSafeInteger(id) ? id : 0;
}
