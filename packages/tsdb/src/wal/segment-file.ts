import { basename } from "node:path";
import type { Files, OpenMode } from "../files.ts";
import { writeAgain } from "../write-again.ts";
import type { Segment } from "./segment.ts";

/**
 * A growing segment. The bytes of a write() are in the file completely or not at all. After a failed sync, systems
 * treat pages as clean that never reached the disk. The bytes that such a sync may have lost are therefore written
 * again before the next sync.
 */
export class SegmentFile {
  readonly path: string;
  /** Size of all complete writes, bytes. */
  size: number;
  readonly #files: Files;
  readonly #file: number;
  #syncedTo = 0;
  /**
   * Number of truncations of the file, in total and at the last sync. A power cut can restore the removed bytes until a
   * sync.
   */
  #cuts = 0;
  #syncedCuts = 0;
  /** Whether the last sync failed. The bytes after #syncedTo may then be only in the page cache. */
  #suspect = false;
  /** Whether bytes of a failed write are still in the file after `size`, because they could not be cut off. */
  #torn = false;

  private constructor(files: Files, path: string, mode: OpenMode, size: number) {
    this.#files = files;
    this.path = path;
    this.size = size;
    this.#file = files.open(path, mode);
  }

  /** Creates the file, which must not exist. */
  static make(files: Files, path: string): SegmentFile {
    return new SegmentFile(files, path, "ax", 0);
  }

  /** Opens a segment of an earlier process, which may not be synced at all. */
  static existing(files: Files, { path, size }: Segment): SegmentFile {
    return new SegmentFile(files, path, "a", size);
  }

  /** Number of the segment in the log. */
  get index(): number {
    return Number(basename(this.path));
  }

  /** Whether there are changes that have not been synced to the disk. */
  get dirty(): boolean {
    return this.#suspect || this.#cuts !== this.#syncedCuts || this.#syncedTo < this.size;
  }

  /** Whether bytes of a failed write are still in the file. */
  get torn(): boolean {
    return this.#torn;
  }

  /** Cuts off the bytes of a failed write. Throws the system's error. */
  cutTail(): void {
    if (this.#torn) this.#cutTail();
  }

  /**
   * Writes bytes, or throws the system's error. An error leaves `size` unchanged; the partly written bytes are removed
   * before the next write at the latest.
   */
  write(bytes: Uint8Array): void {
    let done = 0;
    try {
      if (this.#torn) this.#cutTail();
      while (done < bytes.length) done += this.#files.write(this.#file, bytes.subarray(done));
    } catch (cause) {
      if (done > 0) this.#torn = true;
      this.tryToCutTail();
      throw cause;
    }
    this.size += done;
  }

  /** Removes all bytes after `size`. */
  cut(size: number): void {
    if (size >= this.size) return;
    this.size = size;
    this.#syncedTo = Math.min(this.#syncedTo, size);
    this.#cuts++;
    this.#torn = true;
    this.tryToCutTail();
  }

  /** Syncs all complete writes. First removes the bytes of a failed write, if possible. */
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

  /** Cuts off the bytes of a failed write if the disk permits it. */
  tryToCutTail(): void {
    if (!this.#torn) return;
    try {
      this.#cutTail();
    } catch {
      // Ignores the error, because the next write tries again to remove the bytes. Until then the bytes are an
      // incomplete record at the end of the segment, which readers ignore.
    }
  }
}
