import { join } from "node:path";
import type { Files } from "../files.ts";
import { SyncMark } from "../wal/sync-mark.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/** File in the data folder with the number of the newest head chunk file whose samples the logs may lack. */
const LOG_GAP_FILE = "log-gap";

/**
 * Records which head chunk files may contain samples that are missing in the logs (`wal`, `wbl`). Usually the logs
 * contain all of them. But systems write files to the disk in any order: a power cut can lose the end of a log and keep
 * the chunks with its samples. Damage can also destroy any record. From then on a chunk file may be the only copy,
 * until it is removed.
 *
 * The file `log-gap` contains the number of the newest such chunk file.
 */
export class LogGap {
  readonly #path: string;
  readonly #files: Files;
  /** Whether the previous process ended before it had synced its logs completely. */
  readonly endedUnsynced: boolean;
  /**
   * Number of the newest chunk file that may be the only copy. 0 if there is no gap, Infinity if the number is not
   * known.
   */
  #newest: number;

  /** Reads the file. Must be called before a log is opened for writing. Throws the system's error. */
  constructor(dir: string, files: Files) {
    this.#path = join(dir, LOG_GAP_FILE);
    this.#files = files;
    this.endedUnsynced = ["wal", "wbl"].some((log) => new SyncMark(join(dir, log), files).inherited < Infinity);
    const read = readNumber(this.#path, files);
    this.#newest = read === "missing" ? 0 : read === "damaged" ? Infinity : read;
  }

  /** Whether the logs contain the samples of all chunk files. */
  get logsHaveAll(): boolean {
    return !this.endedUnsynced && this.#newest === 0;
  }

  /** Returns whether the logs contain all samples of a chunk file. Must be called after found(). */
  haveAllOf(file: number): boolean {
    return file > this.#newest;
  }

  /**
   * Records the numbers of the oldest and the newest chunk file that exist at a start; 0 for none. Throws the system's
   * error.
   */
  found(oldest: number, newest: number): void {
    if (this.endedUnsynced || this.#newest === Infinity) this.#set(newest);
    else if (oldest === 0 || oldest > this.#newest) this.#set(0);
  }

  /** Records that the logs may lack samples of this chunk file and of all earlier ones. Throws the system's error. */
  note(file: number): void {
    this.#set(Math.max(file, this.#newest));
  }

  #set(file: number): void {
    if (file === this.#newest) return;
    if (file === 0) this.#files.remove(this.#path);
    else writeNumber(this.#path, file, this.#files);
    this.#newest = file;
  }
}
