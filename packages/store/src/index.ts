export { mirrored, type MirrorOptions } from "./mirrored.ts";
export { openPostgres, type PostgresCounts, type PostgresOptions, type PostgresStore } from "./postgres.ts";
export type { Lease, LeaseCounts, Leases } from "./postgres/leases.ts";
export { openSqlite } from "./sqlite.ts";
export {
  type Change,
  type Collection,
  type Durability,
  type Entry,
  type Store,
  StoreAwayError,
  StoreError,
} from "./store.ts";
