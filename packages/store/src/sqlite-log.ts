import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/**
 * `NORMAL`: a commit does not wait for the disk. Another connection's transaction is waited for, up to two seconds: the writer
 * and the thread of remote write share a file.
 */
export const SQLITE_SETTINGS = "PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000";

/** What `PRAGMA wal_checkpoint` answers: `busy` is 1 if another connection kept it from finishing. */
interface Checkpoint {
  readonly busy: number;
}

/**
 * Brings commits to the disk. SQLite's own sync of a commit (`synchronous = FULL`) would hold up the event loop for as long as
 * the disk takes, so commits only reach the write-ahead log's file (`NORMAL`), and this class syncs that file in the thread
 * pool. SQLite itself still syncs around checkpoints.
 */
export class SqliteLog {
  readonly #database: DatabaseSync;
  /** The database's file; ":memory:" has no log. */
  readonly #path: string;
  #file: FileHandle | undefined;
  /** The sync that was asked for and has not begun: it covers all commits until it begins. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** A sync has failed: what the log's file holds on the disk is not known, nor is whether a restart can read past it. */
  #isBroken = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Resolves when all that was committed before the call is on the disk. Rejects with the disk's error. */
  sync(): Promise<void> {
    if (this.#path === ":memory:") return Promise.resolve();
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const running = this.#syncFile();
      this.#last = running.catch(() => undefined);
      return running;
    });
    return this.#next;
  }

  /** Repairs the log after a failed sync; called before each transaction. Throws if the disk still refuses. */
  ensureSound(): void {
    if (this.#isBroken) this.#empty();
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#last;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #syncFile(): Promise<void> {
    try {
      this.#file ??= await openLog(this.#path);
      await this.#file.datasync();
    } catch {
      // Linux reports a failed sync once and then takes the lost pages for written: asking again would prove nothing.
      this.#isBroken = true;
      this.#empty();
    }
  }

  /** Moves all commits from the log into the database's file, with SQLite's own syncs, and empties the log. */
  #empty(): void {
    // Another connection's transaction is not waited for: the next write tries again.
    this.#database.exec("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0");
    try {
      const answer = this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as unknown as Checkpoint;
      if (answer.busy !== 0) throw new Error("the write-ahead log is in use and cannot be emptied after a failed sync");
      this.#isBroken = false;
    } finally {
      this.#database.exec(SQLITE_SETTINGS);
    }
  }
}

/** Opens a database's log, whose name is durable afterwards: SQLite syncs its folder only when it syncs the log itself. */
async function openLog(path: string): Promise<FileHandle> {
  const log = await open(`${path}-wal`, "r+");
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no handles of folders to sync, and keeps names in a journal of its own.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
