import { crc32c } from "@narthex/bytes";
import { diskFiles, type Files } from "../files.ts";
import { readPageAgain } from "./read-segment.ts";
import { RecordJoiner } from "./record-joiner.ts";
import { isZero } from "./scanner.ts";
import { FRAGMENT_HEADER_BYTES, FRAGMENT_PAGE_END, listSegments, PAGE_BYTES, type Segment } from "./segment.ts";
import type { LogEnd } from "./writer.ts";

const BUFFER_BYTES = 8 * PAGE_BYTES;
const EVERYTHING: LogEnd = { segment: Infinity, offset: 0 };

/** Result of the search for the next fragment. */
type Look = "fragment" | "page end" | "more needed" | "damage";

export interface LogTailOptions {
  readonly files?: Files;
  /** Returns the end of the log at which the reader stops. By default the reader reads all data in the files. */
  readonly end?: () => LogEnd;
  /** Callback for a part of the log that cannot be read, or whose segments are missing. */
  readonly onGap?: (reason: string, from: LogEnd) => void;
}

/**
 * Reads the records of a log that is still being written, one record at a time. A reader with a full queue can leave
 * later records in the log.
 */
export class LogTail {
  readonly #dir: string;
  readonly #files: Files;
  readonly #end: () => LogEnd;
  readonly #onGap: (reason: string, from: LogEnd) => void;
  readonly #joiner = new RecordJoiner((reason) => this.#logGap(reason));
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #segment: number;
  #file: number | undefined;
  /** Offset in the segment of the buffer's first byte. The offset is the beginning of a page. */
  #base: number;
  #filled = 0;
  #at: number;
  /** Start of the record that the last call of next() returned. */
  #recordStart: LogEnd;

  /** Begins to read at `from`. The record at this position need not exist yet. */
  constructor(dir: string, from: LogEnd, options: LogTailOptions = {}) {
    this.#dir = dir;
    this.#files = options.files ?? diskFiles;
    this.#end = options.end ?? (() => EVERYTHING);
    this.#onGap = options.onGap ?? (() => {});
    this.#segment = from.segment;
    this.#base = from.offset - (from.offset % PAGE_BYTES);
    this.#at = from.offset % PAGE_BYTES;
    this.#recordStart = from;
  }

  /** Number of the segment that is being read. */
  get segment(): number {
    return this.#segment;
  }

  /** Start of the record that the last call of next() returned. */
  get recordStart(): LogEnd {
    return this.#recordStart;
  }

  /**
   * Returns the next record, which is valid until the next call; undefined if none exists yet. Throws the system's
   * errors.
   */
  next(): Uint8Array | undefined {
    for (;;) {
      const look = this.#look();
      if (look === "fragment") {
        if (!this.#joiner.expects(this.#buffer[this.#at]!) && this.#readPageAgain()) continue;
        const record = this.#takeFragment();
        if (record !== undefined) return record;
      } else if (look === "page end") this.#toNextPage();
      else if (look === "damage") {
        if (!this.#passDamage()) return undefined;
      } else if (!this.#fill() && !this.#toNextSegment()) return undefined;
    }
  }

  close(): void {
    if (this.#file !== undefined) this.#files.close(this.#file);
    this.#file = undefined;
  }

  #look(): Look {
    const page = this.#pageRest();
    if (page < FRAGMENT_HEADER_BYTES) return this.#filled - this.#at >= page ? "page end" : "more needed";
    const rest = this.#filled - this.#at;
    if (rest <= 0) return "more needed";
    const bytes = this.#buffer;
    const at = this.#at;
    if (bytes[at] === FRAGMENT_PAGE_END) {
      if (rest < page) return "more needed";
      return isZero(bytes, at, at + page) ? "page end" : "damage";
    }
    if (rest < FRAGMENT_HEADER_BYTES) return "more needed";
    const size = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (FRAGMENT_HEADER_BYTES + size > page) return "damage";
    if (FRAGMENT_HEADER_BYTES + size > rest) return "more needed";
    const expected = ((bytes[at + 3]! << 24) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!) >>> 0;
    const from = at + FRAGMENT_HEADER_BYTES;
    return crc32c(bytes, from, from + size) === expected ? "fragment" : "damage";
  }

  /** Returns the number of bytes from the read position to the end of the page. */
  #pageRest(): number {
    return PAGE_BYTES - (this.#at % PAGE_BYTES);
  }

  /** Reads the fragment that #look() has found. Returns the record if the fragment was its last. */
  #takeFragment(): Uint8Array | undefined {
    const [bytes, at] = [this.#buffer, this.#at];
    const size = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const from = at + FRAGMENT_HEADER_BYTES;
    this.#at = from + size;
    const record = this.#joiner.add(bytes[at]!, bytes.subarray(from, from + size), this.#base + at);
    const { recordStart } = this.#joiner;
    if (recordStart >= 0) this.#recordStart = { segment: this.#segment, offset: recordStart };
    return record;
  }

  #toNextPage(): void {
    this.#at += this.#pageRest();
  }

  /** Reads more of the segment into the buffer. Returns false if there is no more. */
  #fill(): boolean {
    const file = this.#open();
    if (file === undefined) return false;
    const done = this.#at - (this.#at % PAGE_BYTES);
    if (done > 0) {
      this.#buffer.copyWithin(0, done, Math.max(done, this.#filled));
      this.#base += done;
      this.#at -= done;
      this.#filled = Math.max(0, this.#filled - done);
    }
    const from = this.#base + this.#filled;
    const count = this.#files.read(file, this.#buffer.subarray(this.#filled, this.#filled + this.#unread(from)), from);
    this.#filled += count;
    return count > 0;
  }

  /** Returns the number of bytes after an offset of the segment that may be read and that fit into the buffer. */
  #unread(from: number): number {
    const { segment, offset } = this.#end();
    const room = this.#buffer.length - this.#filled;
    if (segment > this.#segment) return room;
    return segment < this.#segment ? 0 : Math.max(0, Math.min(room, offset - from));
  }

  /** Opens the segment's file. Returns undefined if it does not exist. */
  #open(): number | undefined {
    if (this.#file !== undefined) return this.#file;
    const segment = listSegments(this.#dir, this.#files).find(({ index }) => index === this.#segment);
    if (segment !== undefined) this.#file = this.#files.open(segment.path, "r");
    return this.#file;
  }

  /**
   * Continues with the next segment. If a next segment exists, the current segment is complete. Returns false if there
   * is no next segment.
   */
  #toNextSegment(): boolean {
    const end = this.#end().segment;
    const next = listSegments(this.#dir, this.#files).find(({ index }) => index > this.#segment && index <= end);
    if (next === undefined) {
      this.#followCut();
      return false;
    }
    // Reads once more, because bytes may have been written between the read of the file and the listing of the folder.
    if (this.#fill()) return true;
    if (this.#filled > this.#at && this.#readPageAgain()) return true;
    if (this.#joiner.start >= 0) this.#logGap("the segment ends within a record");
    if (next.index > this.#segment + 1) this.#logGap(`segments up to ${next.index - 1} are gone`);
    this.#begin(next);
    return true;
  }

  /** Handles the removal of a refused commit from the log: drops the part of the commit that was already read. */
  #followCut(): void {
    const segment = listSegments(this.#dir, this.#files).find(({ index }) => index === this.#segment);
    if (segment === undefined || segment.size >= this.#base + this.#at) return;
    this.#base = segment.size - (segment.size % PAGE_BYTES);
    this.#at = segment.size % PAGE_BYTES;
    this.#filled = 0;
    this.#joiner.forget();
  }

  #begin({ index }: Segment): void {
    this.close();
    this.#segment = index;
    this.#base = 0;
    this.#at = 0;
    this.#filled = 0;
    this.#joiner.forget();
    this.#joiner.isSkipping = false;
  }

  /**
   * Skips an unreadable part of the log if the part can no longer change. Returns false while a write may be in
   * progress.
   */
  #passDamage(): boolean {
    if (this.#readPageAgain()) return true;
    const page = this.#at - (this.#at % PAGE_BYTES);
    const isLast = listSegments(this.#dir, this.#files).every(({ index }) => index <= this.#segment);
    // Waits for the rest of the last page of the last segment, which may still change. Later records must not be
    // returned before the records of this page.
    if (isLast && this.#filled < page + PAGE_BYTES) {
      this.#filled = page;
      return false;
    }
    if (!this.#joiner.isSkipping) this.#logGap("the page cannot be read");
    this.#joiner.isSkipping = true;
    this.#joiner.forget();
    this.#toNextPage();
    return true;
  }

  /**
   * Reads the page from the disk a second time, because a disk can transfer wrong bytes once. Returns whether the bytes
   * differ.
   */
  #readPageAgain(): boolean {
    const page = this.#at - (this.#at % PAGE_BYTES);
    const file = this.#open();
    if (file === undefined) return false;
    return readPageAgain(this.#files, file, this.#buffer.subarray(page, this.#filled), this.#base + page);
  }

  #logGap(reason: string): void {
    this.#onGap(reason, {
      segment: this.#segment,
      offset: this.#joiner.start >= 0 ? this.#joiner.start : this.#base + this.#at,
    });
    this.#joiner.forget();
  }
}
