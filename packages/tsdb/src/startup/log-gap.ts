import { join } from "node:path";
import type { Logger } from "@narthex/runtime";
import { exists, type Files } from "../files.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/** File in the data folder with the number of the newest head chunk file whose samples may be missing in the logs. */
const LOG_GAP_FILE = "log-gap";
/** Marker files of earlier versions, which existed from a start to its clean end. */
const EARLIER_FILES = [join("wal", "unsynced"), join("wbl", "unsynced")];

/**
 * Records which head chunk files may contain samples that are missing in the logs (`wal`, `wbl`). Usually the logs
 * contain all of these samples. But a power cut can lose the end of a log and keep the chunks with its samples, because
 * systems write files to the disk in any order. Damage can also destroy any log record. The chunk file may then be the
 * only copy, until it is removed.
 *
 * The file `log-gap` contains the number of the newest such chunk file. The number is in the file only between a clean
 * end and the next start; while a process runs, the file is empty. Without a number, each chunk file that a start finds
 * may be the only copy.
 */
export class LogGap {
  readonly #dir: string;
  readonly #path: string;
  readonly #files: Files;
  /**
   * Number of the newest chunk file that may be the only copy. 0 if there is no gap, Infinity if the number is not
   * known.
   */
  #newest: number;

  /** Reads the file `log-gap`. Must be called before a log is opened for writing. Throws the system's error. */
  constructor(dir: string, files: Files) {
    this.#dir = dir;
    this.#path = join(dir, LOG_GAP_FILE);
    this.#files = files;
    const read = readNumber(this.#path, files);
    const isUnclean = EARLIER_FILES.some((name) => exists(files, join(dir, name)));
    this.#newest = typeof read === "string" || isUnclean ? Infinity : read;
  }

  /** Whether the logs contain the samples of all chunk files. */
  get logsHaveAll(): boolean {
    return this.#newest === 0;
  }

  /** Returns whether the logs contain all samples of a chunk file. Must be called after begin(). */
  haveAllOf(file: number): boolean {
    return file > this.#newest;
  }

  /**
   * Removes the number from the file `log-gap`, before a log is written. `oldest` and `newest` are the numbers of the
   * chunk files that exist at the start; 0 for none. Throws the system's error.
   */
  begin(oldest: number, newest: number): void {
    if (this.#newest === Infinity) this.#newest = newest;
    else if (oldest === 0 || oldest > this.#newest) this.#newest = 0;
    this.#removeNumber();
    for (const name of EARLIER_FILES) this.#files.remove(join(this.#dir, name));
    this.#files.syncFolderNow(this.#dir);
  }

  /** Records that the samples of a chunk file, and of all earlier chunk files, may be missing in the logs. */
  note(file: number): void {
    this.#newest = Math.max(file, this.#newest);
  }

  /** Writes the number to the file `log-gap` at a clean end, after the logs were synced. */
  end(logger: Logger): void {
    try {
      writeNumber(this.#path, this.#newest, this.#files);
    } catch (cause) {
      const effect = "the next start treats each head chunk file as the only copy of its samples";
      logger.warn(`the end of the logs could not be recorded: ${effect}`, { file: this.#path, err: cause });
    }
  }

  /**
   * Empties the file `log-gap`, because earlier versions interpret a missing file as a complete log. On a full disk
   * without room for a new file, removes the file instead.
   */
  #removeNumber(): void {
    try {
      const file = this.#files.open(this.#path, "w");
      try {
        this.#files.syncNow(file);
      } finally {
        this.#files.close(file);
      }
    } catch {
      this.#files.remove(this.#path);
    }
  }
}
