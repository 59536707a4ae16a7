import { closeSync, fdatasyncSync, openSync, readFileSync, realpathSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/**
 * Settings of each SQLite connection. With `NORMAL`, a commit does not wait for the disk. `busy_timeout` waits up to
 * two seconds for the transaction of another connection, because the main thread and the thread of remote write share a
 * file.
 */
export const SQLITE_SETTINGS =
  "PRAGMA synchronous = NORMAL; PRAGMA checkpoint_fullfsync = 1; PRAGMA busy_timeout = 2000";

/**
 * The result of SQLite's `PRAGMA wal_checkpoint`. `busy` is 1 if another connection prevented the checkpoint from
 * finishing.
 */
interface Checkpoint {
  readonly busy: number;
}

/**
 * Makes commits of SQLite durable without blocking. With `synchronous = FULL`, SQLite would wait for the disk at each
 * commit and block the event loop. So commits are only written to the file of SQLite's write-ahead log (`NORMAL`), and
 * this class syncs that file on another thread. SQLite itself still syncs at checkpoints, about once per 4 MB of
 * changes.
 */
export class SqliteLog {
  readonly #database: DatabaseSync;
  /** Path of SQLite's write-ahead log; undefined for a database in memory. */
  readonly #path: string | undefined;
  /**
   * The open file of SQLite's write-ahead log. Opened at the start, because a file handle only reports write failures
   * that happen after the file was opened.
   */
  #opening: Promise<FileHandle> | undefined;
  /** A requested sync that has not begun. The sync includes all commits up to its beginning. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Error of a failed sync, after which the content of the log on the disk is unknown. */
  #failure: Error | undefined;

  /** @param path path of the database file. ":memory:" has no log. */
  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    // If the path is a symbolic link, SQLite creates the log next to the link's target.
    this.#path = path === ":memory:" ? undefined : `${realpathSync(path)}-wal`;
    if (this.#path === undefined) return;
    // Reads from the database, so that SQLite creates the log, which happens at the first read.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    this.#opening = openLog(this.#path);
    // Prevents an unhandled rejection. The first sync awaits #opening and reports the error.
    this.#opening.catch(() => undefined);
  }

  /**
   * Resolves when everything that was committed before the call is on the disk. Rejects if the sync fails and the log
   * cannot be emptied either.
   */
  sync(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const running = this.#syncFile();
      this.#last = running.catch(() => undefined);
      return running;
    });
    return this.#next;
  }

  /** Repairs the log after a failed sync. Called before each transaction. Throws if the disk still fails. */
  ensureSound(): void {
    if (this.#failure !== undefined) this.#empty(this.#failure);
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#last;
    const file = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    await file?.close();
  }

  async #syncFile(): Promise<void> {
    if (this.#path === undefined) return;
    // After a failed sync, another sync is not enough, because Linux reports the failure once and then treats the lost
    // pages as written.
    if (this.#failure !== undefined) {
      this.#empty(this.#failure);
      return;
    }
    let file: FileHandle;
    try {
      this.#opening ??= openLog(this.#path);
      file = await this.#opening;
    } catch (error) {
      // Ignores that the log cannot be opened: no data is lost, because SQLite can sync the commits with its own
      // handle.
      this.#opening = undefined;
      this.#empty(asError(error));
      return;
    }
    try {
      await file.datasync();
    } catch (error) {
      this.#failure = asError(error);
      this.#opening = undefined;
      await file.close().catch(() => undefined);
      this.#empty(this.#failure);
    }
  }

  /**
   * Moves all commits to the database file and empties the log; SQLite syncs the database file. First writes the log
   * again, so that the log is complete if the machine crashes in between.
   */
  #empty(failure: Error): void {
    const path = this.#path!;
    try {
      // Does not wait for another connection's transaction. The next write tries the checkpoint again.
      this.#database.exec("PRAGMA busy_timeout = 0");
      rewrite(path);
      let answer = this.#checkpoint();
      // Tries the checkpoint again, because the system also reports the failed sync once to SQLite's own file handle.
      if (answer instanceof Error) answer = this.#checkpoint();
      if (answer instanceof Error) throw answer;
      if (answer.busy !== 0) throw new Error("another connection uses it");
      this.#failure = undefined;
    } catch (error) {
      const message = `${failure.message}; emptying the write-ahead log failed: ${asError(error).message}`;
      throw new Error(message, { cause: error });
    } finally {
      this.#database.exec(SQLITE_SETTINGS);
    }
  }

  #checkpoint(): Checkpoint | Error {
    try {
      return this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as unknown as Checkpoint;
    } catch (error) {
      return error as Error;
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * Writes the bytes of a file again in place, and syncs them. A sync alone would omit parts that an earlier failed sync
 * has dropped.
 */
function rewrite(path: string): void {
  const file = openSync(path, "r+");
  try {
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a database's log and makes its file name durable, because SQLite only syncs the folder when it syncs the log
 * itself.
 */
async function openLog(path: string): Promise<FileHandle> {
  const log = await open(path, "r+");
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

/**
 * Error codes with which file systems report that folders cannot be synced at all, or not by this user. These errors
 * are ignored, as in SQLite.
 */
const NO_FOLDER_SYNC = new Set(["EACCES", "EINVAL", "ENOSYS", "ENOTSUP", "EPERM"]);

async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync folders, and keeps file names in a journal of its own.
  if (process.platform === "win32") return;
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
