import {
  type Change,
  type Collection,
  type ConditionalWrite,
  type Entry,
  type ConditionalStore,
  StoreError,
  StoreUnavailableError,
} from "../store.ts";

/** An instance's connection to a simulated database that several instances share. */
export interface SharedStore extends ConditionalStore {
  /**
   * Disconnects the instance from the database, or connects it again. After a new connection, its watchers get all
   * entries.
   */
  reach(isReachable: boolean): void;
  /**
   * Makes the database refuse each statement of the instance with this reason. With undefined, statements are accepted
   * again.
   */
  refuse(reason: string | undefined): void;
}

/** Watchers by collection. */
type Watchers = Map<string, Set<(change: Change) => void>>;

interface Connection {
  /** Throws while the database is unreachable or refuses statements. */
  readonly checkReachable: () => void;
  readonly watchers: Watchers;
}

/** A simulated database in memory that several instances open, like PostgreSQL but without delays. */
export class SharedMemory {
  readonly #tables = new Map<string, Map<string, Entry>>();
  readonly #watchers = new Map<SharedStore, Watchers>();

  open(): SharedStore {
    let reachable = true;
    let refusal: string | undefined;
    const watchers: Watchers = new Map();
    const checkReachable = (): void => {
      if (!reachable) throw new StoreUnavailableError("the database is out of reach");
      if (refusal !== undefined) throw new StoreError(refusal);
    };
    const store: SharedStore = {
      collection: (name) => this.#collection(name, store, { checkReachable, watchers }),
      exchange: async (writes) => {
        checkReachable();
        return this.#exchange(writes, store);
      },
      reach: (next) => {
        const isBack = next && !reachable;
        reachable = next;
        if (reachable) this.#watchers.set(store, watchers);
        else this.#watchers.delete(store);
        if (!isBack) return;
        for (const [name, listeners] of watchers) {
          const put = [...this.#table(name).values()];
          for (const listen of listeners) listen({ put, removed: [], complete: true });
        }
      },
      refuse: (reason) => void (refusal = reason),
      close: async () => void this.#watchers.delete(store),
    };
    this.#watchers.set(store, watchers);
    return store;
  }

  #exchange(writes: readonly ConditionalWrite[], store: SharedStore): boolean {
    const isAsKnown = writes.every(
      ({ collection, key, before }) =>
        before === undefined || (this.#table(collection).get(key)?.value ?? null) === before,
    );
    if (!isAsKnown) return false;
    for (const { collection, key, entry } of writes) {
      if (entry === undefined) this.#table(collection).delete(key);
      else this.#table(collection).set(key, { key, ...entry });
    }
    for (const [name, all] of Map.groupBy(writes, ({ collection }) => collection)) {
      const put = all.flatMap(({ key, entry }) => (entry === undefined ? [] : [{ key, ...entry }]));
      const removed = all.filter(({ entry }) => entry === undefined).map(({ key }) => key);
      this.#notify(store, name, { put, removed, complete: false });
    }
    return true;
  }

  #notify(store: SharedStore, name: string, change: Change): void {
    for (const [other, byName] of this.#watchers) {
      if (other === store) continue;
      for (const listen of byName.get(name) ?? []) listen(change);
    }
  }

  #table(name: string): Map<string, Entry> {
    const table = this.#tables.get(name) ?? new Map<string, Entry>();
    this.#tables.set(name, table);
    return table;
  }

  #collection(name: string, store: SharedStore, { checkReachable, watchers }: Connection): Collection {
    const table = this.#table(name);
    const listeners = watchers.get(name) ?? new Set();
    watchers.set(name, listeners);
    const change = async (put: readonly Entry[], removed: readonly string[]): Promise<void> => {
      checkReachable();
      for (const key of removed) table.delete(key);
      const written = put.filter(
        ({ key, changedAt }) => (changedAt ?? Infinity) >= (table.get(key)?.changedAt ?? -Infinity),
      );
      for (const entry of written) table.set(entry.key, entry);
      this.#notify(store, name, { put: written, removed, complete: false });
    };
    return {
      async entries() {
        checkReachable();
        return [...table.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      },
      async get(key) {
        checkReachable();
        return table.get(key);
      },
      put: (entry) => change([entry], []),
      remove: (key) => change([], [key]),
      change,
      async dropExpired(now) {
        checkReachable();
        const old = [...table.values()].filter(({ expiresAt }) => expiresAt <= now);
        for (const { key } of old) table.delete(key);
        return old.length;
      },
      async latest({ from = "", before }, limit) {
        checkReachable();
        return [...table.values()]
          .filter(({ key }) => key >= from && (before === undefined || key < before))
          .toSorted((a, b) => (a.key < b.key ? 1 : -1))
          .slice(0, limit);
      },
      async trim({ from, count }, limit) {
        checkReachable();
        const keys = [...table.keys()].toSorted((a, b) => (a < b ? -1 : 1));
        const surplus = keys.filter((key, i) => key < from || i < keys.length - count).slice(0, limit);
        for (const key of surplus) table.delete(key);
        return surplus.length;
      },
      size: async () => [...table.values()].reduce((sum, { key, value }) => sum + key.length + value.length, 0),
      watch(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  }
}
