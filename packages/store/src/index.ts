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
