export { openSqlite } from "./sqlite.ts";
export { type Collection, type Entry, type Store, StoreError } from "./store.ts";
