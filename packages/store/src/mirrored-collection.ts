import type { Collection, Entry } from "./store.ts";
import { StoreError } from "./store.ts";

export interface MirrorOptions {
  /** Reports whether the shared database was reached since the start of the process. */
  readonly wasReached: () => boolean;
  /**
   * True if writes that fail in the shared database are still written to the local copy. The watcher of the collection
   * must then write them to the database later.
   */
  readonly keepUnwritten: boolean;
}

/**
 * Returns a collection in a shared database with a local copy. An instance that starts while the database is
 * unreachable uses the copy of its last run. Errors in writing the copy are ignored.
 */
export function mirroredCollection(shared: Collection, copy: Collection, options: MirrorOptions): Collection {
  const keep = (put: readonly Entry[], removed: readonly string[]): void => {
    if (put.length + removed.length > 0) copy.change(put, removed).catch(() => undefined);
  };
  const change = async (put: readonly Entry[], removed: readonly string[]): Promise<void> => {
    try {
      await shared.change(put, removed);
    } catch (error) {
      if (options.keepUnwritten && error instanceof StoreError) keep(put, removed);
      throw error;
    }
    keep(put, removed);
  };
  shared.watch(({ put, removed }) => keep(put, removed));
  return {
    async entries() {
      if (!options.wasReached()) return copy.entries();
      const all = await shared.entries();
      const there = new Set(all.map(({ key }) => key));
      const gone = (await copy.entries()).map(({ key }) => key).filter((key) => !there.has(key));
      keep(all, options.keepUnwritten ? [] : gone);
      return all;
    },
    get: (key) => shared.get(key),
    put: (entry) => change([entry], []),
    remove: (key) => change([], [key]),
    change,
    async dropExpired(now) {
      await copy.dropExpired(now);
      return shared.dropExpired(now);
    },
    latest: (range, limit) => shared.latest(range, limit),
    async trim(kept, limit) {
      await copy.trim(kept, limit);
      return shared.trim(kept, limit);
    },
    size: () => shared.size(),
    watch: (listener) => shared.watch(listener),
  };
}
