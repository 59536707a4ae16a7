import { join } from "node:path";
import type { Files } from "../files.ts";
import { SyncMark } from "../wal/sync-mark.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/** File of the data folder with the number of a head chunk file. */
const LOG_GAP_FILE = "log-gap";

/**
 * Knows which head chunk files may contain samples that the logs (`wal`, `wbl`) lack. Usually the logs have all of
 * them. But systems bring files to the disk in any order: a power cut can lose the end of a log and leave the chunks
 * that were made of it. Damage can also destroy any record. From then on a chunk file may be the only copy, until it is
 * removed.
 *
 * The file `log-gap` contains the number of the newest such chunk file.
 */
export class LogGap {
  readonly #path: string;
  readonly #files: Files;
  /** Whether the previous process ended without bringing all of its logs to the disk. */
  readonly endedUnsynced: boolean;
  /** 0 if there is no gap, Infinity if its end is not known. */
  #newest: number;

  /** Reads the file. Must be called before a log is opened for writing. Throws the system's error. */
  constructor(dir: string, files: Files) {
    this.#path = join(dir, LOG_GAP_FILE);
    this.#files = files;
    this.endedUnsynced = ["wal", "wbl"].some((log) => new SyncMark(join(dir, log), files).inherited < Infinity);
    const read = readNumber(this.#path, files);
    this.#newest = read === "missing" ? 0 : read === "damaged" ? Infinity : read;
  }

  /** False if a chunk file may be the only copy of its samples. */
  get logsHaveAll(): boolean {
    return !this.endedUnsynced && this.#newest === 0;
  }

  /** Do the logs have all samples of a chunk file? Call it after found(). */
  haveAllOf(file: number): boolean {
    return file > this.#newest;
  }

  /** Records which chunk files a start has found, by number; 0 for none. Throws the system's error. */
  found(oldest: number, newest: number): void {
    if (this.endedUnsynced || this.#newest === Infinity) this.#set(newest);
    else if (oldest === 0 || oldest > this.#newest) this.#set(0);
  }

  /** Records that the logs may lack samples of this chunk file and of earlier ones. Throws the system's error. */
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
