import type { Collection } from "@narthex/store";

/** A collection for state that is needed only during a backtest: it is empty and stores nothing. */
export const UNSAVED: Collection = {
  entries: async () => [],
  get: async () => undefined,
  put: async () => undefined,
  remove: async () => undefined,
  change: async () => undefined,
  dropExpired: async () => 0,
  latest: async () => [],
  trim: async () => 0,
  size: async () => 0,
  watch: () => () => undefined,
};
