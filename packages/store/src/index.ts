export { mirroredCollection } from "./mirrored-collection.ts";
export { openPostgres, type PostgresStore } from "./postgres.ts";
export type { Lease, Leases } from "./postgres/lease-manager.ts";
export { visitPostgres } from "./postgres-visit.ts";
export { openOwnSqlite } from "./own-sqlite.ts";
export { openSqlite } from "./sqlite.ts";
export {
  type Change,
  type Collection,
  type ConditionalStore,
  type ConditionalWrite,
  type Durability,
  type Entry,
  type Kept,
  type KeyRange,
  type Store,
  StoreUnavailableError,
  StoreError,
} from "./store.ts";
