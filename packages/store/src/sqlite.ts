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

/** Opens (and makes, with its folder) the state file, for one process at a time; ":memory:" keeps nothing. Throws StoreError. */
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
  const commits = new CommitQueue(database, path);
  const collections = new Map<string, Collection>();
  return {
    collection(name) {
      invariant(/^[a-z_]+$/.test(name), "collection names are letters and underscores", { name });
      const known = collections.get(name) ?? tableOf(database, name, commits);
      collections.set(name, known);
      return known;
    },
    async close() {
      commits.flush();
      database.close();
    },
  };
}

interface Write {
  readonly run: () => number;
  readonly resolve: (changes: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes of one turn of the event loop go to disk in one transaction: a thousand groups that are told at once wait for
 * one sync instead of a thousand.
 */
class CommitQueue {
  readonly #database: DatabaseSync;
  readonly #path: string;
  #writes: Write[] = [];

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Resolves with the rows changed when they are on disk. */
  add(run: () => number): Promise<number> {
    if (this.#writes.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.#writes.push({ run, resolve, reject }));
  }

  /** Commits what waits. Reads flush first, so that they see what was written before them. */
  flush(): void {
    if (this.#writes.length === 0) return;
    const writes = this.#writes;
    this.#writes = [];
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const changes = writes.map(({ run }) => run());
      this.#database.exec("COMMIT");
      writes.forEach(({ resolve }, i) => resolve(changes[i]!));
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      const failure = new StoreError(
        `write to ${this.#path}: ${error instanceof Error ? error.message : String(error)}`,
      );
      for (const { reject } of writes) reject(failure);
    }
  }
}

function tableOf(database: DatabaseSync, name: string, commits: CommitQueue): Collection {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID`,
  );
  const all = database.prepare(`SELECT key, value, expires_at FROM ${name} ORDER BY key`);
  const one = database.prepare(`SELECT key, value, expires_at FROM ${name} WHERE key = ?`);
  const put = database.prepare(
    `INSERT INTO ${name} (key, value, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
  );
  const remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  const expire = database.prepare(`DELETE FROM ${name} WHERE expires_at <= ?`);
  const size = database.prepare(`SELECT COALESCE(SUM(LENGTH(key) + LENGTH(value)), 0) AS bytes FROM ${name}`);
  return {
    async entries() {
      commits.flush();
      return (all.all() as unknown as readonly Row[]).map(toEntry);
    },
    async get(key) {
      commits.flush();
      const row = one.get(key) as unknown as Row | undefined;
      return row === undefined ? undefined : toEntry(row);
    },
    async put({ key, value, expiresAt }) {
      await commits.add(() => Number(put.run(key, value, expiresAt).changes));
    },
    async remove(key) {
      await commits.add(() => Number(remove.run(key).changes));
    },
    async change(entries, keys) {
      await commits.add(() => {
        for (const key of keys) remove.run(key);
        for (const { key, value, expiresAt } of entries) put.run(key, value, expiresAt);
        return keys.length + entries.length;
      });
    },
    dropExpired: (now) => commits.add(() => Number(expire.run(now).changes)),
    async size() {
      commits.flush();
      return (size.get() as unknown as { bytes: number }).bytes;
    },
    watch: () => () => undefined,
  };
}

const toEntry = ({ key, value, expires_at }: Row): Entry => ({ key, value, expiresAt: expires_at });
