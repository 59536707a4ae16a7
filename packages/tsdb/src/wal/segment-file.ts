import { basename } from "node:path";
import type { Files, OpenMode } from "../files.ts";
import { writeAgain } from "../write-again.ts";
import type { Segment } from "./segment.ts";

/**
 * A segment that grows. What write() takes is in the file whole or not at all. What a failed sync may have lost is
 * written again before the next: systems count pages as clean after a failure, though they never reached the disk.
 */
export class SegmentFile {
  readonly path: string;
  /** Bytes of whole writes. */
  size: number;
  readonly #files: Files;
  readonly #file: number;
  #syncedTo = 0;
  /** How often the file was shortened, and how often when it was synced: before a sync a power cut brings the tail back. */
  #cuts = 0;
  #syncedCuts = 0;
  /** The last sync failed: bytes behind #syncedTo may be in memory alone. */
  #suspect: boolean;
  /** Bytes of a write that failed lie behind `size`, and could not be cut off yet. */
  #torn = false;

  private constructor(files: Files, path: string, mode: OpenMode, size: number, suspect: boolean) {
    this.#files = files;
    this.path = path;
    this.size = size;
    this.#suspect = suspect;
    this.#file = files.open(path, mode);
  }

  /** Makes the file, which must not exist. */
  static make(files: Files, path: string): SegmentFile {
    return new SegmentFile(files, path, "ax", 0, false);
  }

  /** One of an earlier process, of which nothing is known to be on the disk; suspect when that one's sync failed. */
  static existing(files: Files, { path, size }: Segment, suspect: boolean): SegmentFile {
    return new SegmentFile(files, path, "a", size, suspect);
  }

  /** Its number in the log. */
  get index(): number {
    return Number(basename(this.path));
  }

  /** Is there something that no sync brought to the disk? */
  get dirty(): boolean {
    return this.#suspect || this.#cuts !== this.#syncedCuts || this.#syncedTo < this.size;
  }

  /** Does something lie behind the end? */
  get torn(): boolean {
    return this.#torn;
  }

  /** Cuts it off. Throws the system's error. */
  mend(): void {
    if (this.#torn) this.#cutTail();
  }

  /** Throws the system's error; the file is then as it was before. */
  write(bytes: Uint8Array): void {
    let done = 0;
    try {
      if (this.#torn) this.#cutTail();
      while (done < bytes.length) done += this.#files.write(this.#file, bytes.subarray(done));
    } catch (cause) {
      if (done > 0) this.#torn = true;
      this.tryToMend();
      throw cause;
    }
    this.size += done;
  }

  /** Takes back what was written behind `size`. */
  cut(size: number): void {
    if (size >= this.size) return;
    this.size = size;
    this.#syncedTo = Math.min(this.#syncedTo, size);
    this.#cuts++;
    this.#torn = true;
    this.tryToMend();
  }

  /** Brings all whole writes to the disk, and nothing of a write that failed, if that can be cut off. */
  async sync(): Promise<void> {
    if (this.#suspect) await writeAgain(this.path, this.#syncedTo, this.size, this.#files);
    const size = this.size;
    const cuts = this.#cuts;
    try {
      await this.#files.sync(this.#file);
    } catch (cause) {
      this.#suspect = true;
      throw cause;
    }
    this.#suspect = false;
    this.#syncedTo = Math.min(size, this.size);
    this.#syncedCuts = cuts;
  }

  close(): void {
    this.#files.close(this.#file);
  }

  #cutTail(): void {
    this.#files.truncate(this.path, this.size);
    this.#torn = false;
    this.#cuts++;
  }

  /** Cuts off what is behind the end, if the disk lets it go. */
  tryToMend(): void {
    if (!this.#torn) return;
    try {
      this.#cutTail();
    } catch {
      // The next write tries again. Nothing is written behind the tail: readers cut it off as a torn end.
    }
  }
}
