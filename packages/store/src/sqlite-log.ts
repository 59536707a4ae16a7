import { closeSync, fdatasyncSync, openSync, readFileSync, realpathSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/**
 * With `NORMAL` a commit does not wait for the disk. Waits up to two seconds for another connection's transaction,
 * because the writer and the thread of remote write share a file.
 */
export const SQLITE_SETTINGS =
  "PRAGMA synchronous = NORMAL; PRAGMA checkpoint_fullfsync = 1; PRAGMA busy_timeout = 2000";

/** Result of `PRAGMA wal_checkpoint`: `busy` is 1 if another connection prevented it from finishing. */
interface Checkpoint {
  readonly busy: number;
}

/**
 * Makes commits durable. SQLite's own sync of a commit (`synchronous = FULL`) would block the event loop as long as the
 * disk takes. Commits therefore only reach the write-ahead log's file (`NORMAL`), and this class syncs that file in the
 * thread pool. SQLite itself still syncs around checkpoints, about once for each 4 MB of changes.
 */
export class SqliteLog {
  readonly #database: DatabaseSync;
  /** The log's file, or undefined for a database in memory. */
  readonly #path: string | undefined;
  /** Opened at the start, because a handle reports only failures that happen after it was opened. */
  #opening: Promise<FileHandle> | undefined;
  /** The requested sync that has not begun; it includes all commits until it begins. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** Error of a failed sync, after which the disk's content of the log is unknown. */
  #failure: Error | undefined;

  /** @param path of the database's file; ":memory:" has no log */
  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    // SQLite puts the log next to the target of a link.
    this.#path = path === ":memory:" ? undefined : `${realpathSync(path)}-wal`;
    if (this.#path === undefined) return;
    // SQLite creates the log at the first read.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    this.#opening = openLog(this.#path);
    this.#opening.catch(() => undefined); // the first sync reports it
  }

  /** Resolves when everything committed before the call is on the disk. Rejects if no method of writing succeeds. */
  sync(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const running = this.#syncFile();
      this.#last = running.catch(() => undefined);
      return running;
    });
    return this.#next;
  }

  /** Repairs the log after a failed sync; called before each transaction. Throws if the disk still fails. */
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
    // Linux reports a failed sync once and then treats the lost pages as written, so another sync would prove nothing.
    if (this.#failure !== undefined) {
      this.#empty(this.#failure);
      return;
    }
    let file: FileHandle;
    try {
      this.#opening ??= openLog(this.#path);
      file = await this.#opening;
    } catch (error) {
      // Nothing is lost: SQLite's own handle can sync the commits.
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
   * Moves all commits from the log to the database's file with SQLite's own syncs, and empties the log. The log's bytes
   * are written again first, so that they are complete after a crash in between.
   */
  #empty(failure: Error): void {
    const path = this.#path!;
    try {
      // Does not wait for another connection's transaction; the next write tries again.
      this.#database.exec("PRAGMA busy_timeout = 0");
      rewrite(path);
      let answer = this.#checkpoint();
      // The system reports the failed sync once to SQLite's own handle of the file too.
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
 * Writes a file's bytes to their positions again and syncs them, because a sync alone omits pages that an earlier sync
 * has lost.
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
 * Opens a database's log and makes its name durable, because SQLite syncs its folder only when it syncs the log itself.
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

/** Error codes of file systems that cannot sync folders, or not for this user; SQLite continues in this case too. */
const NO_FOLDER_SYNC = new Set(["EACCES", "EINVAL", "ENOSYS", "ENOTSUP", "EPERM"]);

async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync handles of folders, and keeps names in its own journal.
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
