import { closeSync, fdatasyncSync, openSync, readFileSync, realpathSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";

/**
 * `NORMAL`: a commit does not wait for the disk. Another connection's transaction is waited for, up to two seconds: the writer
 * and the thread of remote write share a file.
 */
export const SQLITE_SETTINGS =
  "PRAGMA synchronous = NORMAL; PRAGMA checkpoint_fullfsync = 1; PRAGMA busy_timeout = 2000";

/** The answer of `PRAGMA wal_checkpoint`: `busy` is 1 if another connection kept it from finishing. */
interface Checkpoint {
  readonly busy: number;
}

/**
 * Brings commits to the disk. SQLite's own sync of a commit (`synchronous = FULL`) would hold up the event loop for as long as
 * the disk takes, so commits only reach the write-ahead log's file (`NORMAL`), and this class syncs that file in the thread
 * pool. SQLite itself still syncs around checkpoints, about once for each 4 MB of changes.
 */
export class SqliteLog {
  readonly #database: DatabaseSync;
  /** The log's file; undefined for a database in memory. */
  readonly #path: string | undefined;
  /** Open from the start on: a handle reports only those failures that come after it was opened. */
  #opening: Promise<FileHandle> | undefined;
  /** The sync that was asked for and has not begun: it covers all commits until it begins. */
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();
  /** The error of a failed sync, after which no one knows what the disk holds of the log. */
  #failure: Error | undefined;

  /** @param path of the database's file; ":memory:" has no log */
  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    // SQLite puts the log beside the file that a link leads to.
    this.#path = path === ":memory:" ? undefined : `${realpathSync(path)}-wal`;
    if (this.#path === undefined) return;
    // SQLite makes the log when it first reads.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    this.#opening = openLog(this.#path);
    this.#opening.catch(() => undefined); // the first sync reports it
  }

  /** Resolves when all that was committed before the call is on the disk. Rejects if the disk refuses that in every way. */
  sync(): Promise<void> {
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
    // Linux reports a failed sync once and then takes the lost pages for written: another sync would prove nothing.
    if (this.#failure !== undefined) {
      this.#empty(this.#failure);
      return;
    }
    let file: FileHandle;
    try {
      this.#opening ??= openLog(this.#path);
      file = await this.#opening;
    } catch (error) {
      // Nothing is lost: SQLite's own handle can sync what was committed.
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
   * Moves all commits from the log into the database's file, with SQLite's own syncs, and empties the log. What the log's file
   * holds is written to it again first, so that a crash in between finds it whole.
   */
  #empty(failure: Error): void {
    const path = this.#path!;
    try {
      // Another connection's transaction is not waited for: the next write tries again.
      this.#database.exec("PRAGMA busy_timeout = 0");
      rewrite(path);
      let answer = this.#checkpoint();
      // The system reports the failed sync once to SQLite's own handle of the file, too.
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

/** Writes a file's bytes to their places again and syncs them: a sync alone leaves out pages that an earlier one has lost. */
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

/** Opens a database's log, whose name is durable afterwards: SQLite syncs its folder only when it syncs the log itself. */
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

/** Codes by which a file system says that it syncs no folders, or not for this user: SQLite goes on then, too. */
const NO_FOLDER_SYNC = new Set(["EACCES", "EINVAL", "ENOSYS", "ENOTSUP", "EPERM"]);

async function syncFolder(path: string): Promise<void> {
  // Windows has no handles of folders to sync, and keeps names in a journal of its own.
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
