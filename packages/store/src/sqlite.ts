import { closeSync, existsSync, fchmodSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { invariant } from "@narthex/runtime";
import { SQLITE_SETTINGS, SqliteLog } from "./sqlite-log.ts";
import {
  type Collection,
  type ConditionalStore,
  type Durability,
  type Entry,
  type Kept,
  type KeyRange,
  StoreError,
} from "./store.ts";

interface Row {
  readonly key: string;
  readonly value: string;
  readonly expires_at: number;
}

/**
 * Number of the file format, stored as SQLite's `user_version`. Increased by a release that changes the tables or their
 * values in a way that earlier releases would misread.
 */
const FORMAT = 0;

/** Number of rows in one INSERT statement. Many writes take half the time compared with one row per statement. */
const ROWS_AT_ONCE = 32;

/**
 * Opens the state file, or creates it with its folder. Only one process can open a state file at a time. ":memory:"
 * stores nothing. Throws StoreError.
 */
export function openSqlite(path: string): ConditionalStore {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") makeFile(path);
    database = new DatabaseSync(path);
    checkFormat(database);
    database.exec(`PRAGMA journal_mode = WAL; ${SQLITE_SETTINGS}`);
  } catch (cause) {
    database?.close();
    throw new StoreError(`open ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const commits = new CommitQueue(database, path);
  const tables = new Map<string, Table>();
  return {
    collection(name, durability = "power") {
      invariant(/^[a-z_]+$/.test(name), "collection names are letters and underscores", { name });
      const known = tables.get(name) ?? tableOf(database, name, commits, durability);
      tables.set(name, known);
      return known.collection;
    },
    async exchange(writes) {
      const steps = writes.map((write) => ({ ...write, table: tables.get(write.collection)! }));
      for (const { table, collection } of steps)
        invariant(table !== undefined, "the collection is open", { collection });
      const isPower = steps.some(({ table }) => table.durability === "power");
      const changed = await commits.add(
        () => {
          const isAsKnown = steps.every(
            ({ table, key, before }) => before === undefined || (table.read(key)?.value ?? null) === before,
          );
          if (!isAsKnown) return 0;
          for (const { table, key, entry } of steps) {
            if (entry === undefined) table.remove(key);
            else table.put([{ key, ...entry }]);
          }
          return 1;
        },
        isPower ? "power" : "process",
      );
      return changed === 1;
    },
    async close() {
      try {
        await commits.close();
      } finally {
        database.close();
      }
    },
  };
}

/** Throws if a newer release has changed the format of the file, because this release would misread the file. */
function checkFormat(database: DatabaseSync): void {
  const { user_version: format } = database.prepare("PRAGMA user_version").get() as { readonly user_version: number };
  if (format <= FORMAT) return;
  throw new Error(
    `a newer version has changed the file (its format is ${format}, this version reads ${FORMAT}): ` +
      "start that version again, or restore the backup of before the upgrade",
  );
}

/**
 * Creates the file with access for this user only, because it may contain password hashes. SQLite gives its log the
 * same permissions. An existing file of this user is restricted too.
 */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a", 0o600));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) closeToOthers(file);
}

function closeToOthers(file: string): void {
  const handle = openSync(file, "r");
  try {
    const { uid, mode } = fstatSync(handle);
    if (uid === process.geteuid?.() && (mode & 0o077) !== 0) fchmodSync(handle, 0o600);
  } finally {
    closeSync(handle);
  }
}

interface Write {
  readonly run: () => number;
  readonly durability: Durability;
  readonly resolve: (changes: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits all writes of one turn of the event loop in one transaction. If a thousand alert groups notify at once, there
 * is one disk sync instead of a thousand.
 */
class CommitQueue {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #log: SqliteLog;
  #writes: Write[] = [];
  #isClosing = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#log = new SqliteLog(database, path);
  }

  /** Adds a write. Resolves with the number of changed rows when they are as durable as requested. */
  add(run: () => number, durability: Durability): Promise<number> {
    // Waits one more turn of the event loop, so that network output of this turn is sent first.
    if (this.#writes.length === 0) setImmediate(() => setImmediate(() => this.flush()));
    return new Promise((resolve, reject) => this.#writes.push({ run, durability, resolve, reject }));
  }

  /**
   * Commits the waiting writes. Called before reads, so that reads see earlier writes. Writes with durability "process"
   * resolve at once, unless the transaction also has a write with durability "power": then all writes wait for the
   * disk.
   */
  flush(): void {
    if (this.#writes.length === 0) return;
    const writes = this.#writes;
    this.#writes = [];
    const refuse = (error: unknown): void => {
      const cause = error instanceof Error ? error.message : String(error);
      const failure = new StoreError(`write to ${this.#path}: ${cause}`, { cause: error });
      for (const { reject } of writes) reject(failure);
    };
    let changes: readonly number[];
    try {
      changes = this.#commit(writes);
    } catch (error) {
      refuse(error);
      return;
    }
    const promise = (): void => writes.forEach(({ resolve }, i) => resolve(changes[i]!));
    if (writes.some(({ durability }) => durability === "power")) void this.#log.sync().then(promise, refuse);
    else promise();
  }

  async close(): Promise<void> {
    this.flush();
    this.#isClosing = true;
    await this.#log.close();
  }

  #commit(writes: readonly Write[]): readonly number[] {
    if (this.#isClosing) throw new Error("database is not open");
    try {
      this.#log.ensureSound();
      this.#database.exec("BEGIN IMMEDIATE");
      const changes = writes.map(({ run }) => run());
      this.#database.exec("COMMIT");
      return changes;
    } catch (error) {
      // Checks isOpen first, because isTransaction throws for a closed database.
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

/** A collection in a SQLite table, and the writes to it within a transaction. */
interface Table {
  readonly collection: Collection;
  readonly durability: Durability;
  readonly read: (key: string) => Entry | undefined;
  readonly put: (entries: readonly Entry[]) => number;
  readonly remove: (key: string) => number;
}

function tableOf(database: DatabaseSync, name: string, commits: CommitQueue, durability: Durability): Table {
  // Creates a table with a rowid: keys have no order, so only the small index of keys is updated at random positions.
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at REAL NOT NULL)`,
  );
  const all = database.prepare(`SELECT key, value, expires_at FROM ${name} ORDER BY key`);
  const one = database.prepare(`SELECT key, value, expires_at FROM ${name} WHERE key = ?`);
  const put = putOf(database, name);
  const removal = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  const remove = (key: string): number => Number(removal.run(key).changes);
  const read = (key: string): Entry | undefined => {
    const row = one.get(key) as unknown as Row | undefined;
    return row === undefined ? undefined : toEntry(row);
  };
  const expire = database.prepare(`DELETE FROM ${name} WHERE expires_at <= ?`);
  const ordered = orderedReads(database, name);
  const size = database.prepare(`SELECT COALESCE(SUM(LENGTH(key) + LENGTH(value)), 0) AS bytes FROM ${name}`);
  const add = (run: () => number): Promise<number> => commits.add(run, durability);
  const collection: Collection = {
    async entries() {
      commits.flush();
      return (all.all() as unknown as readonly Row[]).map(toEntry);
    },
    async get(key) {
      commits.flush();
      return read(key);
    },
    async put(entry) {
      await add(() => put([entry]));
    },
    async remove(key) {
      await add(() => remove(key));
    },
    async change(entries, keys) {
      await add(() => {
        for (const key of keys) remove(key);
        return keys.length + put(entries);
      });
    },
    dropExpired: (now) => add(() => Number(expire.run(now).changes)),
    async latest(range, limit) {
      commits.flush();
      return ordered.latest(range, limit);
    },
    trim: (kept, limit) => add(() => ordered.trim(kept, limit)),
    async size() {
      commits.flush();
      return (size.get() as unknown as { bytes: number }).bytes;
    },
    watch: () => () => undefined,
  };
  return { collection, durability, read, put, remove };
}

/**
 * Prepares the statements that read and remove entries in the order of their keys. They use an index, so their cost
 * does not grow with the table.
 */
function orderedReads(database: DatabaseSync, name: string) {
  const below = database.prepare(
    `SELECT key, value, expires_at FROM ${name} WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT ?`,
  );
  const all = database.prepare(`SELECT key, value, expires_at FROM ${name} WHERE key >= ? ORDER BY key DESC LIMIT ?`);
  const trim = database.prepare(
    `DELETE FROM ${name} WHERE key IN (
       SELECT key FROM ${name}
       WHERE key < max(?, coalesce((SELECT key FROM ${name} ORDER BY key DESC LIMIT 1 OFFSET ?), ''))
       ORDER BY key LIMIT ?
     )`,
  );
  return {
    latest({ from = "", before }: KeyRange, limit: number): readonly Entry[] {
      const rows = before === undefined ? all.all(from, limit) : below.all(from, before, limit);
      return (rows as unknown as readonly Row[]).map(toEntry);
    },
    trim: ({ from, count }: Kept, limit: number): number =>
      Number(trim.run(from, Math.max(0, count - 1), limit).changes),
  };
}

/** Returns a function that adds or replaces rows, many with one statement, and returns their number. */
function putOf(database: DatabaseSync, name: string): (entries: readonly Entry[]) => number {
  const statement = (rows: number) =>
    database.prepare(
      `INSERT INTO ${name} (key, value, expires_at) VALUES ${Array<string>(rows).fill("(?, ?, ?)").join(", ")}
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
    );
  const [one, many] = [statement(1), statement(ROWS_AT_ONCE)];
  return (entries) => {
    let i = 0;
    for (; i + ROWS_AT_ONCE <= entries.length; i += ROWS_AT_ONCE) {
      const rows = entries.slice(i, i + ROWS_AT_ONCE);
      many.run(...rows.flatMap(({ key, value, expiresAt }) => [key, value, expiresAt]));
    }
    for (; i < entries.length; i++) {
      const { key, value, expiresAt } = entries[i]!;
      one.run(key, value, expiresAt);
    }
    return entries.length;
  };
}

const toEntry = ({ key, value, expires_at }: Row): Entry => ({ key, value, expiresAt: expires_at });
