import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { invariant } from "@narthex/runtime";
import { diskFiles, type Files } from "../files.ts";
import { compressionFlag, compressRecord, type WalCompression } from "./compression.ts";
import {
  DEFAULT_SEGMENT_BYTES,
  FRAGMENT_FIRST,
  FRAGMENT_FULL,
  FRAGMENT_HEADER_BYTES,
  FRAGMENT_LAST,
  FRAGMENT_MIDDLE,
  listSegments,
  PAGE_BYTES,
  segmentName,
} from "./segment.ts";

export interface WalWriterOptions {
  readonly compression?: WalCompression;
  /** Multiple of 32 KiB. */
  readonly segmentBytes?: number;
  readonly files?: Files;
}

/** Counts for the self metrics. */
export interface WalCounters {
  pageFlushes: number;
  completedPages: number;
  writesFailed: number;
  recordParts: number;
  recordPartBytes: number;
  bytesSaved: number;
  fsyncs: number;
}

/**
 * Writes records into numbered segments of 32 KiB pages, Prometheus' WAL format. log() frames into memory, flush() hands
 * all of it to the page cache in one write; a write that fails leaves the log as it was before.
 */
export class WalWriter {
  readonly dir: string;
  readonly files: Files;
  readonly counters: WalCounters = {
    pageFlushes: 0,
    completedPages: 0,
    writesFailed: 0,
    recordParts: 0,
    recordPartBytes: 0,
    bytesSaved: 0,
    fsyncs: 0,
  };
  readonly #compression: WalCompression;
  readonly #segmentBytes: number;
  #file = -1;
  #segment: number;
  /** Bytes of the segment that are in the file. */
  #flushed = 0;
  #buffer = new Uint8Array(4 * PAGE_BYTES);
  #buffered = 0;
  /** Files of finished segments whose data is not known to be on the disk. */
  readonly #closing = new Set<Promise<void>>();
  #dirty = false;

  /** Opens a new segment after the highest one in the folder, which is made when missing. */
  constructor(dir: string, options: WalWriterOptions = {}) {
    this.dir = dir;
    this.files = options.files ?? diskFiles;
    this.#compression = options.compression ?? "snappy";
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    invariant(this.#segmentBytes % PAGE_BYTES === 0, "segments consist of pages", { bytes: this.#segmentBytes });
    this.files.makeFolder(dir);
    this.#segment = 0;
    this.#open((listSegments(dir, this.files).at(-1)?.index ?? -1) + 1);
  }

  /** Number of the segment being written. */
  get segment(): number {
    return this.#segment;
  }

  /** Adds a record; it is in the file after the next flush(). */
  log(record: Uint8Array): void {
    const packed = compressRecord(record, this.#compression);
    const payload = packed ?? record;
    this.counters.bytesSaved += record.length - payload.length;
    if (payload.length > this.#room() && this.#flushed + this.#buffered > 0) this.nextSegment();
    const flags = packed === undefined ? 0 : compressionFlag(this.#compression);
    let at = 0;
    for (let first = true; ; first = false) {
      const size = Math.min(PAGE_BYTES - this.#pageUsed() - FRAGMENT_HEADER_BYTES, payload.length - at);
      const last = at + size === payload.length;
      this.#fragment(fragmentKind(first, last), flags, payload, at, size);
      at += size;
      if (last) return;
    }
  }

  /** Hands everything logged to the page cache. Throws the system's error; the log is then as before the records. */
  flush(): void {
    let done = 0;
    try {
      while (done < this.#buffered) done += this.files.write(this.#file, this.#buffer.subarray(done, this.#buffered));
    } catch (cause) {
      this.counters.writesFailed++;
      this.#buffered = 0;
      this.#undoPartialWrite(done);
      throw cause;
    }
    if (done > 0) {
      this.counters.pageFlushes++;
      this.#dirty = true;
    }
    this.#flushed += done;
    this.#buffered = 0;
  }

  /** Ends the segment and begins the next; returns the new one's number. */
  nextSegment(): number {
    this.#pad();
    this.flush();
    const file = this.#file;
    // Opened first: where that fails the log goes on in the old segment.
    this.#open(this.#segment + 1);
    const closed = this.files.sync(file).finally(() => this.files.close(file));
    // Awaited by sync(); until then a failure must not count as unhandled.
    closed.catch(() => {});
    this.#closing.add(closed);
    return this.#segment;
  }

  /** Brings all flushed records to the disk. */
  async sync(): Promise<void> {
    const closing = [...this.#closing];
    this.#closing.clear();
    await Promise.all(closing);
    if (!this.#dirty) return;
    this.#dirty = false;
    const file = this.#file;
    this.counters.fsyncs++;
    try {
      await this.files.sync(file);
    } catch (cause) {
      // The segment may have been finished meanwhile: its own fsync then tells. Else the next sync() tries again.
      if ((cause as NodeJS.ErrnoException).code === "EBADF") return;
      this.#dirty = true;
      throw cause;
    }
  }

  async close(): Promise<void> {
    this.flush();
    await this.sync();
    this.files.close(this.#file);
    this.#file = -1;
  }

  #open(segment: number): void {
    this.#file = this.files.open(join(this.dir, segmentName(segment)), "ax");
    this.#segment = segment;
    this.#flushed = 0;
    this.#buffered = 0;
  }

  #pageUsed(): number {
    return (this.#flushed + this.#buffered) % PAGE_BYTES;
  }

  /** Bytes of one record that still fit the segment. */
  #room(): number {
    const used = this.#flushed + this.#buffered;
    const pagesAfter = this.#segmentBytes / PAGE_BYTES - Math.floor(used / PAGE_BYTES) - 1;
    if (pagesAfter < 0) return 0;
    const inPage = PAGE_BYTES - (used % PAGE_BYTES) - FRAGMENT_HEADER_BYTES;
    return inPage + pagesAfter * (PAGE_BYTES - FRAGMENT_HEADER_BYTES);
  }

  #fragment(kind: number, flags: number, payload: Uint8Array, from: number, size: number): void {
    this.#reserve(FRAGMENT_HEADER_BYTES + size + FRAGMENT_HEADER_BYTES);
    const buffer = this.#buffer;
    const at = this.#buffered;
    const crc = crc32c(payload, from, from + size);
    buffer[at] = kind | flags;
    buffer[at + 1] = size >>> 8;
    buffer[at + 2] = size;
    buffer[at + 3] = crc >>> 24;
    buffer[at + 4] = crc >>> 16;
    buffer[at + 5] = crc >>> 8;
    buffer[at + 6] = crc;
    buffer.set(payload.subarray(from, from + size), at + FRAGMENT_HEADER_BYTES);
    this.#buffered += FRAGMENT_HEADER_BYTES + size;
    this.counters.recordParts++;
    this.counters.recordPartBytes += size;
    if (PAGE_BYTES - this.#pageUsed() < FRAGMENT_HEADER_BYTES) this.#pad();
    if (this.#pageUsed() === 0) this.counters.completedPages++;
  }

  /** Fills the page with zeros. */
  #pad(): void {
    const used = this.#pageUsed();
    if (used === 0) return;
    const rest = PAGE_BYTES - used;
    this.#reserve(rest);
    this.#buffer.fill(0, this.#buffered, this.#buffered + rest);
    this.#buffered += rest;
  }

  #reserve(count: number): void {
    if (this.#buffered + count <= this.#buffer.length) return;
    const buffer = new Uint8Array(Math.max(this.#buffer.length * 2, this.#buffered + count));
    buffer.set(this.#buffer.subarray(0, this.#buffered));
    this.#buffer = buffer;
  }

  #undoPartialWrite(done: number): void {
    try {
      this.files.truncate(join(this.dir, segmentName(this.#segment)), this.#flushed);
    } catch {
      // What cannot be cut off stays behind in a segment of its own: readers skip the torn record there.
      if (done > 0) this.#open(this.#segment + 1);
    }
  }
}

function fragmentKind(first: boolean, last: boolean): number {
  if (first) return last ? FRAGMENT_FULL : FRAGMENT_FIRST;
  return last ? FRAGMENT_LAST : FRAGMENT_MIDDLE;
}
