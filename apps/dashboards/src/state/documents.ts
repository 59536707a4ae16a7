import type { Collection, ConditionalStore, ConditionalWrite, Durability, Entry } from "@narthex/store";
import { StoreError } from "@narthex/store";
import { type Clock, systemClock } from "@narthex/runtime";
import { MemoryAccount, type MemoryLimit } from "./memory-limit.ts";

/** Key of the highest number that a record has had; no other record gets it. No record has this key. */
const HIGHEST = "#highest";
/** Counts the changes that depend on the whole collection. */
const REVISION = "#revision";
/** Expiry of documents that do not expire. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** A change is given up after this number of conflicts. */
const MAX_TRIES = 100;
/** Number of tries without a pause: two instances with a chance conflict are done by then. */
const QUICK_TRIES = 3;
/** Longest pause between later tries. The pauses are random, so that instances do not stay in step. */
const MAX_PAUSE_MS = 100;

/** A planned change of documents. The store makes either the whole change or no part of it. */
export interface Plan<T, R> {
  readonly put?: ReadonlyMap<string, T>;
  readonly removed?: readonly string[];
  /** Expiry of the written documents, Unix ms. */
  readonly expiresAt?: number;
  /** Documents that must be unchanged. */
  readonly guards?: readonly Guard[];
  /** Further writes of the same step, in other collections. */
  readonly also?: readonly ConditionalWrite[];
  /** The result of the change. */
  readonly result: R;
}

/** A document of another kind that must be unchanged for a change to be made. */
export interface Guard {
  readonly write: ConditionalWrite;
  /** Reads the changes of other instances. */
  readonly readAgain: () => Promise<void>;
}

export interface DocumentsOptions {
  readonly durability?: Durability;
  /**
   * Set it if changes depend on more documents than they write. Two of them then cannot be made concurrently: each
   * knows all earlier ones.
   */
  readonly oneAtATime?: boolean;
  /** Limit beyond which changes are refused. Data that is already in the store is read anyway. Default: none. */
  readonly memory?: MemoryLimit;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Records of one kind, each a JSON document. All documents are in memory, and each change is in the store before it is
 * confirmed. Changes of other instances in a shared store appear here too. No instance overwrites changes that it does
 * not know: a change is planned from the known data, and planned again if another instance changed it first.
 */
export class Documents<T> {
  readonly #store: ConditionalStore;
  readonly #name: string;
  readonly #collection: Collection;
  readonly #isOneAtATime: boolean;
  readonly #clock: Clock;
  readonly #memory: MemoryAccount | undefined;
  readonly #documents = new Map<string, T>();
  /** Values of the reserved keys. */
  readonly #marks = new Map<string, string>();
  /** Stored texts that differ from how this program writes their documents; another program wrote them. */
  readonly #texts = new Map<string, string>();
  /** The last running change of each key. */
  readonly #pending = new Map<string, symbol>();
  /** Keys for which changes of other instances arrived during a running change: the order is unknown. */
  readonly #heard = new Set<string>();
  /** For each running read, the keys that have changed meanwhile. The read may return their old values. */
  readonly #reads = new Set<Set<string>>();
  readonly #listeners = new Set<() => void>();
  /** The highest `id` that a record has had. */
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

  /** Reads all documents. Rejects with StoreError. */
  static async open<T>(store: ConditionalStore, name: string, options: DocumentsOptions = {}): Promise<Documents<T>> {
    const made = new Documents<T>(store, name, options);
    // Watching begins before the first read. Otherwise a change in between could be missed.
    const leave = made.#collection.watch(({ put, removed, complete }) => {
      made.#noteChanged([...removed, ...put.map(({ key }) => key), ...(complete ? made.#documents.keys() : [])]);
      if (complete) made.#forgetBut(new Set());
      for (const key of removed) made.#forget(key);
      // A part may be read after later changes, so the revision is only known after a complete read.
      made.#take(complete ? put : put.filter(({ key }) => key !== REVISION));
      made.#tell();
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
   * Returns a new number for a record that has one in addition to its key: above all previous ones. For plans that
   * write the record.
   */
  nextId(): number {
    return this.#highest + 1;
  }

  /** Calls back after each change, also of other instances. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Returns a guard for changes of other kinds that depend on a document; undefined if it does not exist. */
  guard(key: string): Guard | undefined {
    const document = this.#documents.get(key);
    if (document === undefined) return undefined;
    const text = this.#textOf(key)!;
    const entry = { value: text, expiresAt: NEVER };
    const write = { collection: this.#name, key, before: text, entry };
    return { write, readAgain: () => this.readAgain([key]) };
  }

  /**
   * Makes a change. Calls `plan` immediately, and again whenever another instance has changed what it writes. Readers
   * see the new values immediately; the old ones come back if the store refuses the change. Rejects with what `plan`
   * throws, or with StoreError, also after 100 conflicts.
   */
  async change<R>(plan: () => Plan<T, R>): Promise<R> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const planned = plan();
      if (await this.#tried(planned)) return planned.result;
      if (tries >= QUICK_TRIES) await this.#clock.sleep(Math.random() * Math.min(2 ** tries, MAX_PAUSE_MS));
      if (this.#isOneAtATime) await this.refresh();
      for (const { readAgain } of planned.guards ?? []) await readAgain();
    }
    throw new StoreError(`${this.#name}: other instances change the same all the time; try again`);
  }

  /** Changes a document; undefined removes it, and an unchanged one is not written. Rejects like `change`. */
  update(key: string, next: (before: T | undefined) => T | undefined, expiresAt?: number): Promise<T | undefined> {
    return this.change(() => {
      const before = this.#documents.get(key);
      const result = next(before);
      if (result === before) return { result };
      if (result === undefined) return { removed: [key], result };
      return { put: new Map([[key, result]]), ...(expiresAt === undefined ? {} : { expiresAt }), result };
    });
  }

  /** Rejects with StoreError. */
  async remove(key: string): Promise<void> {
    await this.update(key, () => undefined);
  }

  /**
   * Reads all documents in the store now, since changes of other instances may not have arrived yet. Rejects with
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
    this.#tell();
    await this.readAgain([...changed]);
  }

  /**
   * Reads, then passes the result to `takeOver`, with the keys that changed during the read, whose values may be old.
   * Nothing is awaited between the end of the read and `takeOver`, so no change is overwritten. Returns the changed
   * keys.
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

  /** Returns whether a change was made. If not, the present values of all its keys have been read. */
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
      if (document === undefined) this.#documents.delete(key);
      else this.#set(key, document, JSON.stringify(document));
    };
    let isDone: boolean;
    try {
      isDone = await this.#store.exchange([...writes, ...further]);
    } catch (error) {
      for (const key of keys.filter(isLast)) {
        takeBack(key);
        this.#heard.delete(key);
      }
      this.#tell();
      // The change may have reached the store or not. The store is asked when it is reachable again.
      void this.readAgain(keys).catch(() => undefined);
      throw error;
    }
    const own = writes.filter(({ key }) => isLast(key));
    const doubtful = own.map(({ key }) => key).filter((key) => this.#heard.delete(key));
    if (!isDone) {
      for (const { key } of own) takeBack(key);
      this.#tell();
      await this.readAgain(keys);
      return false;
    }
    for (const { key } of own) this.#pending.delete(key);
    this.#show(own, put);
    // The change is made, even if the store cannot be read now. When an unreachable store is back, it is read
    // completely.
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

  /** Shows the planned values to readers. */
  #show(writes: readonly ConditionalWrite[], put: ReadonlyMap<string, T>): void {
    this.#noteChanged(writes.map(({ key }) => key));
    for (const { key, entry } of writes) {
      if (isMark(key)) this.#mark(key, entry!.value);
      else if (entry === undefined) this.#drop(key);
      else this.#set(key, put.get(key)!, entry.value);
    }
    this.#tell();
  }

  /** Returns the known text in the store under a key; null if the key is missing. */
  #textOf(key: string): string | null {
    if (isMark(key)) return this.#marks.get(key) ?? null;
    const document = this.#documents.get(key);
    return this.#texts.get(key) ?? (document === undefined ? null : JSON.stringify(document));
  }

  /**
   * Reads some documents in the store now, but never the revision, which is only known after a complete read. Rejects
   * with StoreError.
   */
  async readAgain(named: readonly string[]): Promise<void> {
    let keys = named.filter((key) => key !== REVISION);
    for (let tries = 0; keys.length > 0 && tries < MAX_TRIES; tries++) {
      const asked = keys;
      const changed = await this.#reading(
        () => Promise.all(asked.map((key) => this.#collection.get(key))),
        (entries, changedMeanwhile) =>
          asked.forEach((key, i) => {
            const entry = entries[i];
            if (changedMeanwhile.has(key)) return;
            if (entry === undefined) this.#forget(key);
            else this.#take([entry]);
          }),
      );
      this.#tell();
      keys = asked.filter((key) => changed.has(key));
    }
  }

  #take(entries: readonly Entry[]): void {
    for (const { key, value } of entries) {
      // Readers see the running change of this instance. If it fails, the key is read again.
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
        // Another program wrote it. A document that cannot be parsed counts as missing, and may be overwritten.
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
    if (isPending) this.#heard.add(key);
    return isPending;
  }

  #drop(key: string): void {
    this.#documents.delete(key);
    this.#memory?.delete(key);
    this.#texts.delete(key);
    this.#marks.delete(key);
  }

  #set(key: string, document: T, text: string): void {
    this.#documents.set(key, document);
    this.#memory?.set(key, text);
    this.#texts.delete(key);
    this.#highest = Math.max(this.#highest, numberOf(document));
  }

  #mark(key: string, value: string): void {
    this.#marks.set(key, value);
    if (key === HIGHEST) this.#highest = Math.max(this.#highest, Number(value) || 0);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const isMark = (key: string): boolean => key === HIGHEST || key === REVISION;

/** Returns the `id` of a record; 0 if it has none. */
function numberOf(document: unknown): number {
  const id = typeof document === "object" && document !== null && "id" in document ? document.id : 0;
  return typeof id === "number" && Number.isSafeInteger(id) ? id : 0;
}
