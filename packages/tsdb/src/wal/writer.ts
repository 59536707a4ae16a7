import { dirname, join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { invariant } from "@narthex/runtime";
import { diskFiles, exists, type Files } from "../files.ts";
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
  type Segment,
  logSegmentName,
} from "./segment.ts";
import { SegmentFile } from "./segment-file.ts";
import { SharedLogEnd } from "./shared-log-end.ts";

export interface WalWriterOptions {
  readonly compression?: WalCompression;
  /** Largest size of a segment, bytes; a multiple of 32 KiB. */
  readonly segmentBytes?: number;
  readonly files?: Files;
}

/**
 * A record that was prepared for the log, compressed if that makes it smaller. The writer divides it into fragments.
 */
export interface PackedRecord {
  readonly payload: Uint8Array;
  readonly flags: number;
  readonly saved: number;
}

/** Largest number of segments that the writer remembers since the newest mark. A commit takes far fewer segments. */
const MAX_SINCE_MARK = 16;

/** Position at the end of the log to which the log can be truncated. */
interface LogMark {
  readonly file: SegmentFile | undefined;
  readonly size: number;
}

/** A position at the end of a log. */
export interface LogEnd {
  readonly segment: number;
  readonly offset: number;
}

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
 * Writes records into numbered segments of 32 KiB pages, in Prometheus' WAL format. log() divides records into
 * fragments in memory, and flush() writes all fragments to the page cache in one write. A write that fails leaves the
 * log unchanged.
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
  /** The end of the log in shared memory, for threads that read the log while it is written. */
  readonly sharedEnd = new SharedLogEnd();
  readonly #compression: WalCompression;
  readonly #segmentBytes: number;
  #segment: number;
  /** The current segment; undefined while no segment can be created. */
  #file: SegmentFile | undefined;
  #buffer = new Uint8Array(4 * PAGE_BYTES);
  #buffered = 0;
  /** Segments that the writer has begun since the newest mark. */
  #sinceMark: SegmentFile[] = [];
  /** Whether atOnce() is running. Its records are hidden from readers, because they may be removed again. */
  #isTentative = false;
  /** Finished segments of this process that may not be synced. */
  readonly #finished: SegmentFile[] = [];
  /** Segments of earlier processes that may not be synced, oldest first. */
  readonly #inherited: Segment[];
  /**
   * The oldest inherited segment while it is open. After a failed sync it stays open, because the open file remembers
   * the failure.
   */
  #inheritedFile: SegmentFile | undefined;
  /** Folders whose entries may not be synced. */
  readonly #unsyncedFolders: string[];
  #syncs: Promise<unknown> = Promise.resolve();
  /** Segments that could not be truncated yet. */
  #uncut: SegmentFile[] = [];

  /** Creates the folder if it is missing, and opens a new segment after the highest one. */
  constructor(dir: string, options: WalWriterOptions = {}) {
    this.dir = dir;
    this.files = options.files ?? diskFiles;
    this.#compression = options.compression ?? "snappy";
    this.#segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    invariant(this.#segmentBytes % PAGE_BYTES === 0, "segments consist of pages", { bytes: this.#segmentBytes });
    this.files.makeFolder(dir);
    this.#inherited = listSegments(dir, this.files);
    this.#unsyncedFolders = [dir, dirname(dir)];
    this.#segment = (this.#inherited.at(-1)?.index ?? -1) + 1;
    try {
      this.#open(this.#segment);
    } catch {
      // Ignores a failure to create the segment, because the next flush() or sync() creates it or reports the error.
    }
    this.#share();
  }

  /** The current end of the log, up to which readers may read. */
  get end(): LogEnd {
    return { segment: this.#segment, offset: this.#file?.size ?? 0 };
  }

  get segment(): number {
    return this.#segment;
  }

  /** Adds a record. The record is in the file after the next flush(). */
  log(record: Uint8Array): void {
    this.logPacked(this.#pack(record));
  }

  /** Compresses a record for logPacked(). The result stays valid after later calls. */
  pack(record: Uint8Array): PackedRecord {
    const { payload, flags, saved } = this.#pack(record);
    return { payload: payload.slice(), flags, saved };
  }

  #pack(record: Uint8Array): PackedRecord {
    const packed = compressRecord(record, this.#compression);
    if (packed === undefined) return { payload: record, flags: 0, saved: 0 };
    return { payload: packed, flags: compressionFlag(this.#compression), saved: record.length - packed.length };
  }

  /** Adds an already compressed record as log() adds other records. */
  logPacked({ payload, flags, saved }: PackedRecord): void {
    this.counters.bytesSaved += saved;
    if (payload.length > this.#room() && this.#used > 0) this.nextSegment();
    let at = 0;
    for (let first = true; ; first = false) {
      const size = Math.min(PAGE_BYTES - this.#pageUsed() - FRAGMENT_HEADER_BYTES, payload.length - at);
      const last = at + size === payload.length;
      this.#fragment(fragmentKind(first, last), flags, payload, at, size);
      at += size;
      if (last) return;
    }
  }

  /**
   * Writes all logged records to the page cache. On failure, throws the system's error, drops the records and leaves
   * the log unchanged.
   */
  flush(): void {
    const bytes = this.#buffer.subarray(0, this.#buffered);
    this.#buffered = 0;
    if (bytes.length === 0) return;
    try {
      this.#cutTails();
      this.#file ??= this.#open(this.#segment);
      this.#file.write(bytes);
    } catch (cause) {
      this.counters.writesFailed++;
      throw cause;
    }
    this.counters.pageFlushes++;
    this.#share();
  }

  /**
   * Writes the records that `write` logs, either all or none. Readers see all of them at the same time. Throws the
   * error of `write` or of the system. There must be no unflushed records before the call.
   */
  atOnce(write: () => void): void {
    const before = this.#place();
    this.#isTentative = true;
    try {
      write();
      this.flush();
    } catch (cause) {
      this.#rewind(before);
      throw cause;
    } finally {
      this.#isTentative = false;
    }
    this.#share();
  }

  #share(): void {
    if (!this.#isTentative) this.sharedEnd.set(this.end);
  }

  #place(): LogMark {
    invariant(this.#buffered === 0, "all records before a mark were written to the file", { bytes: this.#buffered });
    this.#sinceMark = [];
    return { file: this.#file, size: this.#file?.size ?? 0 };
  }

  /**
   * Removes all data that was written after the mark. If the disk refuses, the data is removed before the next write.
   */
  #rewind({ file, size }: LogMark): void {
    this.#buffered = 0;
    for (const later of this.#sinceMark) later.cut(0);
    file?.cut(size);
    const shortened = [...this.#uncut, ...this.#sinceMark, ...(file === undefined ? [] : [file])];
    this.#uncut = shortened.filter(({ torn }) => torn);
  }

  /**
   * Cuts off bytes whose earlier removal failed. Otherwise new records would follow these bytes. Throws the system's
   * error.
   */
  #cutTails(): void {
    if (this.#uncut.length === 0) return;
    for (const file of this.#uncut) if (exists(this.files, file.path)) file.cutTail();
    this.#uncut = [];
  }

  /** Ends the segment and begins the next one. Returns the number of the new segment. */
  nextSegment(): number {
    this.#pad();
    this.flush();
    const file = this.#file;
    // Opens the new segment before leaving the old segment. If opening fails, the log continues in the old segment.
    this.#open(file === undefined ? this.#segment : this.#segment + 1);
    if (this.#sinceMark.length > MAX_SINCE_MARK) this.#sinceMark.shift();
    if (file !== undefined) this.#finished.push(file);
    this.#share();
    // Ignores a failure of this sync. The segment then counts as unsynced, and a later sync tries again and reports the
    // failure.
    this.sync().catch(() => {});
    return this.#segment;
  }

  /** Fills the current page of the log with zeros. Returns the new end of the log. Throws the system's error. */
  endPage(): LogEnd {
    this.#pad();
    this.flush();
    this.#file ??= this.#open(this.#segment);
    this.#share();
    return { segment: this.#segment, offset: this.#file.size };
  }

  sync(): Promise<void> {
    const run = this.#syncs.then(() => this.#sync());
    this.#syncs = run.catch(() => {});
    return run;
  }

  async close(): Promise<void> {
    try {
      this.flush();
      await this.sync();
    } finally {
      this.#inheritedFile?.close();
      this.#inheritedFile = undefined;
      for (const file of this.#finished.splice(0)) file.close();
      this.#file?.close();
      this.#file = undefined;
    }
  }

  /**
   * Syncs the log, beginning with the oldest segment, because later segments are of little use without the earlier
   * segments.
   */
  async #sync(): Promise<void> {
    await this.#syncInherited();
    for (let file = this.#finished[0]; file !== undefined; file = this.#finished[0]) {
      await this.#syncFinished(file);
      this.#finished.shift();
      file.close();
    }
    if (this.#file !== undefined) await this.#syncFile(this.#file);
    for (let dir = this.#unsyncedFolders[0]; dir !== undefined; dir = this.#unsyncedFolders[0]) {
      await this.files.syncFolder(dir);
      this.#unsyncedFolders.shift();
    }
  }

  /**
   * Syncs the segments of earlier processes. A killed process may have left records only in the page cache, and later
   * records depend on them. Only one segment is open at a time, because there may be more segments than a process can
   * have open files.
   */
  async #syncInherited(): Promise<void> {
    for (let segment = this.#inherited[0]; segment !== undefined; segment = this.#inherited[0]) {
      if (exists(this.files, segment.path)) this.#inheritedFile ??= SegmentFile.existing(this.files, segment);
      if (this.#inheritedFile !== undefined) await this.#syncFinished(this.#inheritedFile);
      this.#inheritedFile?.close();
      this.#inheritedFile = undefined;
      this.#inherited.shift();
    }
  }

  /** Syncs a finished segment. Does nothing if a checkpoint has replaced the segment and removed its file. */
  async #syncFinished(file: SegmentFile): Promise<void> {
    file.tryToCutTail();
    while (file.dirty && exists(this.files, file.path)) await this.#syncFile(file);
  }

  async #syncFile(file: SegmentFile): Promise<void> {
    file.tryToCutTail();
    if (!file.dirty) return;
    this.counters.fsyncs++;
    await file.sync();
  }

  #open(segment: number): SegmentFile {
    this.#file = SegmentFile.make(this.files, join(this.dir, logSegmentName(segment)));
    this.#segment = segment;
    this.#buffered = 0;
    this.#sinceMark.push(this.#file);
    this.#unsyncedFolders.push(this.dir);
    return this.#file;
  }

  /** Size of the current segment, including bytes that are still in memory. */
  get #used(): number {
    return (this.#file?.size ?? 0) + this.#buffered;
  }

  #pageUsed(): number {
    return this.#used % PAGE_BYTES;
  }

  /** Returns the largest size of a record that still fits into the segment, or -1 if not even an empty record fits. */
  #room(): number {
    const used = this.#used;
    const pagesAfter = this.#segmentBytes / PAGE_BYTES - Math.floor(used / PAGE_BYTES) - 1;
    if (pagesAfter < 0) return -1;
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

  /** Fills the rest of the page with zeros. */
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
}

function fragmentKind(first: boolean, last: boolean): number {
  if (first) return last ? FRAGMENT_FULL : FRAGMENT_FIRST;
  return last ? FRAGMENT_LAST : FRAGMENT_MIDDLE;
}
