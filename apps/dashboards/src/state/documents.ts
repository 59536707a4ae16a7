import type { Collection, ConditionalStore, ConditionalWrite, Durability, Entry } from "@narthex/store";
import { StoreError } from "@narthex/store";
import { type Clock, systemClock } from "@narthex/runtime";
import { MemoryAccount, type MemoryLimit } from "./memory-limit.ts";

/** Holds the highest number that a record has had: no other record gets it. No record has this key. */
const HIGHEST = "#highest";
/** Counts the changes that take the collection as a whole. */
const REVISION = "#revision";
/** Of documents that stay. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** A change that others were faster than so often is given up. */
const MOST_TRIES = 100;
/** Tries that follow each other at once: two instances that meet by chance are done by then. */
const QUICK_TRIES = 3;
/** The longest pause between later tries; each is of another length, so that instances get out of step. */
const MOST_PAUSE_MS = 100;

/** What a change makes of documents. All of it, or nothing. */
export interface Plan<T, R> {
  readonly put?: ReadonlyMap<string, T>;
  readonly removed?: readonly string[];
  /** Unix ms until which what is put is kept. */
  readonly expiresAt?: number;
  /** Documents that have to be as they are known here. */
  readonly guards?: readonly Guard[];
  /** Further writes of the same step, in other collections. */
  readonly also?: readonly ConditionalWrite[];
  /** What becomes of the change. */
  readonly result: R;
}

/** A document of another kind that has to stay as it is for a change to be made. */
export interface Guard {
  readonly write: ConditionalWrite;
  /** Takes over what others have made of it. */
  readonly readAgain: () => Promise<void>;
}

export interface DocumentsOptions {
  readonly durability?: Durability;
  /**
   * Changes look at more documents than they write, so that two of them must not go side by side: each knows all that others
   * have done before it.
   */
  readonly oneAtATime?: boolean;
  /** Changes beyond it are refused; what the store has already is read all the same. Default: none. */
  readonly memory?: MemoryLimit;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Records of one kind, each a JSON document: all in memory, each change in the store before it is promised. What other
 * instances write to a shared store appears here too, and nobody overwrites what they do not know of: a change is planned from
 * what is known, and planned again where another instance was faster.
 */
export class Documents<T> {
  readonly #store: ConditionalStore;
  readonly #name: string;
  readonly #collection: Collection;
  readonly #isOneAtATime: boolean;
  readonly #clock: Clock;
  readonly #memory: MemoryAccount | undefined;
  readonly #documents = new Map<string, T>();
  /** Values of the keys that no record has. */
  readonly #marks = new Map<string, string>();
  /** Texts that are not what their documents are written as: somebody else has written them. */
  readonly #texts = new Map<string, string>();
  /** The last change of a key that is under way. */
  readonly #pending = new Map<string, symbol>();
  /** Keys of which others were heard while a change of them was under way: which came last is not known. */
  readonly #heard = new Set<string>();
  /** Of reads that are under way: the keys that have changed meanwhile, of which a read may tell what was before. */
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

  /** Reads all there is. Rejects with StoreError. */
  static async open<T>(store: ConditionalStore, name: string, options: DocumentsOptions = {}): Promise<Documents<T>> {
    const made = new Documents<T>(store, name, options);
    // Listening begins before the first read: no change falls between the two.
    const leave = made.#collection.watch(({ put, removed, complete }) => {
      made.#noteChanged([...removed, ...put.map(({ key }) => key), ...(complete ? made.#documents.keys() : [])]);
      if (complete) made.#forgetBut(new Set());
      for (const key of removed) made.#forget(key);
      // A part may be read after later changes: the revision counts as known with the whole alone.
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

  /** A number for a record that has one beside its key: above all there were. For plans, which put the record. */
  nextId(): number {
    return this.#highest + 1;
  }

  /** Calls back after each change, also of other instances. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** For changes of other kinds that need a document as it is; undefined where there is none. */
  guard(key: string): Guard | undefined {
    const document = this.#documents.get(key);
    if (document === undefined) return undefined;
    const text = this.#textOf(key)!;
    const entry = { value: text, expiresAt: NEVER };
    const write = { collection: this.#name, key, before: text, entry };
    return { write, readAgain: () => this.readAgain([key]) };
  }

  /**
   * Makes a change. `plan` is asked at once, and again whenever another instance has changed what it writes; readers see
   * what it puts at once, and no longer where the store refuses it. Rejects with what `plan` throws, or with StoreError.
   */
  async change<R>(plan: () => Plan<T, R>): Promise<R> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const planned = plan();
      if (await this.#tried(planned)) return planned.result;
      if (tries >= QUICK_TRIES) await this.#clock.sleep(Math.random() * Math.min(2 ** tries, MOST_PAUSE_MS));
      if (this.#isOneAtATime) await this.refresh();
      for (const { readAgain } of planned.guards ?? []) await readAgain();
    }
    throw new StoreError(`${this.#name}: other instances change the same all the time; try again`);
  }

  /** Makes something else of a document; undefined removes it, and one that is returned as it was stays. Rejects as `change`. */
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

  /** Reads all there is in the store now: what others have done may not have been heard of yet. Rejects with StoreError. */
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
   * Reads, then gives `takeOver` what was read and the keys that changed during the read, whose values may be old. Nothing is
   * awaited between the end of the read and `takeOver`, so that no change is overwritten. Returns the changed keys.
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

  /** Was a change made? Where it was not, all that it was about is known as others have made it. */
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
      // What was under way may have arrived, or not: whoever can say so is asked when it can be.
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
    // The change is made, whatever can be read now; a store that is out of reach is read as a whole when it is back.
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

  /** Shows what is written, as it will be. */
  #show(writes: readonly ConditionalWrite[], put: ReadonlyMap<string, T>): void {
    this.#noteChanged(writes.map(({ key }) => key));
    for (const { key, entry } of writes) {
      if (isMark(key)) this.#mark(key, entry!.value);
      else if (entry === undefined) this.#drop(key);
      else this.#set(key, put.get(key)!, entry.value);
    }
    this.#tell();
  }

  /** What is in the store at a key, as far as it is known here; null for nothing. */
  #textOf(key: string): string | null {
    if (isMark(key)) return this.#marks.get(key) ?? null;
    const document = this.#documents.get(key);
    return this.#texts.get(key) ?? (document === undefined ? null : JSON.stringify(document));
  }

  /** Reads some documents as they are in the store now; never the revision, which is known with the whole. Rejects with StoreError. */
  async readAgain(named: readonly string[]): Promise<void> {
    let keys = named.filter((key) => key !== REVISION);
    for (let tries = 0; keys.length > 0 && tries < MOST_TRIES; tries++) {
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
      // Readers see what this instance has under way; where it fails, the key is read again.
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
        // Written by something else: what cannot be read is not there, and gives way to what is written in its place.
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

/** The `id` of a record; 0 where it has none. */
function numberOf(document: unknown): number {
  const id = typeof document === "object" && document !== null && "id" in document ? document.id : 0;
  return typeof id === "number" && Number.isSafeInteger(id) ? id : 0;
}
