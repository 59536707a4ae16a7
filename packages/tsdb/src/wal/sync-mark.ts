import { join } from "node:path";
import { decodeCheckedNumber, encodeCheckedNumber } from "../checked-number.ts";
import type { Files } from "../files.ts";

const NAME = "unsynced";

/**
 * The file `unsynced` of a log's folder, for the process after this one: it holds the number of the first segment that
 * may be in the page cache alone. It is there before the first sync, and goes with the last one that succeeded: after a
 * sync that failed, systems take pages for written that are not, and a process that could not say so any more would
 * leave its successor to build on them.
 */
export class SyncMark {
  /** The first segment that the process before has not brought to the disk; Infinity when it left none. */
  readonly inherited: number;
  readonly #files: Files;
  readonly #path: string;
  #written = Infinity;

  constructor(dir: string, files: Files) {
    this.#files = files;
    this.#path = join(dir, NAME);
    this.inherited = this.#read();
  }

  /** Sees to it that the file names this segment or an earlier one. Throws the system's error. */
  set(segment: number): void {
    if (this.#written <= segment) return;
    this.#write(Math.min(segment, this.inherited));
  }

  /** All before this segment are on the disk. Where that cannot be noted, more is written again than need be. */
  advance(segment: number): void {
    if (this.#written >= segment) return;
    try {
      this.#write(segment);
    } catch {
      // An empty file stands for all segments.
      this.#written = 0;
    }
  }

  /** All segments are on the disk. Throws the system's error. */
  clear(): void {
    this.#files.remove(this.#path);
    this.#written = Infinity;
  }

  #write(segment: number): void {
    const file = this.#files.open(this.#path, "w");
    try {
      const bytes = encodeCheckedNumber(segment);
      for (let done = 0; done < bytes.length;) done += this.#files.write(file, bytes.subarray(done));
    } finally {
      this.#files.close(file);
    }
    this.#written = segment;
  }

  #read(): number {
    try {
      const number = decodeCheckedNumber(this.#files.readWhole(this.#path));
      // The damaged number may have been the lowest.
      return number === "damaged" ? 0 : number;
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === "ENOENT" ? Infinity : 0;
    }
  }
}
