import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { invariant } from "@narthex/runtime";
import { type Collection, type Entry, type Store, StoreError } from "./store.ts";

interface Row {
  readonly key: string;
  readonly value: string;
  readonly expires_at: number;
}

/** Opens (and makes, with its folder) the state file; ":memory:" keeps nothing. Throws StoreError. */
export function openSqlite(path: string): Store {
  let database: DatabaseSync;
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path);
    // A write-ahead log with full sync: what put() promised outlives a power cut.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000");
  } catch (cause) {
    throw new StoreError(`open ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const collections = new Map<string, Collection>();
  return {
    collection(name) {
      invariant(/^[a-z_]+$/.test(name), "collection names are letters and underscores", { name });
      const known = collections.get(name) ?? tableOf(database, name);
      collections.set(name, known);
      return known;
    },
    close: async () => database.close(),
  };
}

function tableOf(database: DatabaseSync, name: string): Collection {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID`,
  );
  const all = database.prepare(`SELECT key, value, expires_at FROM ${name} ORDER BY key`);
  const put = database.prepare(
    `INSERT INTO ${name} (key, value, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
  );
  const remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  const expire = database.prepare(`DELETE FROM ${name} WHERE expires_at <= ?`);
  const size = database.prepare(`SELECT COALESCE(SUM(LENGTH(key) + LENGTH(value)), 0) AS bytes FROM ${name}`);
  return {
    entries: async () => (all.all() as unknown as readonly Row[]).map(toEntry),
    put: async ({ key, value, expiresAt }) => void put.run(key, value, expiresAt),
    remove: async (key) => void remove.run(key),
    change: async (entries, keys) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const key of keys) remove.run(key);
        for (const { key, value, expiresAt } of entries) put.run(key, value, expiresAt);
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    dropExpired: async (now) => Number(expire.run(now).changes),
    size: async () => (size.get() as unknown as { bytes: number }).bytes,
  };
}

const toEntry = ({ key, value, expires_at }: Row): Entry => ({ key, value, expiresAt: expires_at });
