import { join } from "node:path";
import { decodeCheckedNumber, encodeCheckedNumber } from "../checked-number.ts";
import type { Files } from "../files.ts";

const NAME = "unsynced";

/**
 * The file `unsynced` in a log's folder, which the next process reads. It contains the number of the first segment that
 * may be in the page cache only. The file is written before the first sync, and removed after the last successful one.
 * After a failed sync, systems treat unwritten pages as written. Without the file, the next process would rely on such
 * pages.
 */
export class SyncMark {
  /** Number of the first segment that the previous process has not synced; Infinity if none exists. */
  readonly inherited: number;
  readonly #files: Files;
  readonly #path: string;
  #written = Infinity;

  constructor(dir: string, files: Files) {
    this.#files = files;
    this.#path = join(dir, NAME);
    this.inherited = this.#read();
  }

  /** Ensures that the file contains the number of this segment or of an earlier one. Throws the system's error. */
  set(segment: number): void {
    if (this.#written <= segment) return;
    this.#write(Math.min(segment, this.inherited));
  }

  /**
   * Records that all segments before this one are synced. If that fails, the next process writes more segments again
   * than necessary.
   */
  advance(segment: number): void {
    if (this.#written >= segment) return;
    try {
      this.#write(segment);
    } catch {
      // The file may be empty now, which means all segments.
      this.#written = 0;
    }
  }

  /** Records that all segments are synced. Throws the system's error. */
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
      // The damaged number may have been 0.
      return number === "damaged" ? 0 : number;
    } catch (cause) {
      return (cause as NodeJS.ErrnoException).code === "ENOENT" ? Infinity : 0;
    }
  }
}
