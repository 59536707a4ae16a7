import { crc32c, SnappyReader } from "@narthex/bytes";
import { diskFiles, type Files } from "../files.ts";
import { expandRecord } from "./compression.ts";
import {
  FRAGMENT_FIRST,
  FRAGMENT_FULL,
  FRAGMENT_HEADER_BYTES,
  FRAGMENT_LAST,
  FRAGMENT_MIDDLE,
  FRAGMENT_PAGE_END,
  listSegments,
  PAGE_BYTES,
  type Segment,
} from "./segment.ts";
import type { LogEnd } from "./writer.ts";

const KIND_BITS = 7;
const COMPRESSION_BITS = 0x18;
const BUFFER_BYTES = 8 * PAGE_BYTES;

/** What a look at the next fragment found. */
type Look = "fragment" | "page end" | "more needed" | "damage";

export interface LogTailOptions {
  readonly files?: Files;
  /** Told of a stretch that cannot be read, or whose segments are gone. */
  readonly onGap?: (reason: string, from: LogEnd) => void;
}

/**
 * Reads a log's records while it is being written, segment after segment. Records are taken one at a time, so that a
 * reader whose own queue is full leaves the rest where it is.
 */
export class LogTail {
  readonly #dir: string;
  readonly #files: Files;
  readonly #onGap: (reason: string, from: LogEnd) => void;
  readonly #snappy = new SnappyReader();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #segment: number;
  #file: number | undefined;
  /** Offset in the segment of the buffer's first byte, the beginning of a page. */
  #base: number;
  #filled = 0;
  #at: number;
  /** The record that is being put together: its fragments so far, and where it began. */
  #parts = new Uint8Array(2 * PAGE_BYTES);
  #partsBytes = 0;
  #start = -1;
  #flags = 0;
  /** Where the record that next() gave began. */
  #recordStart: LogEnd;
  #skipping = false;

  /** Begins with the record at `from`, which may be one that is not written yet. */
  constructor(dir: string, from: LogEnd, options: LogTailOptions = {}) {
    this.#dir = dir;
    this.#files = options.files ?? diskFiles;
    this.#onGap = options.onGap ?? (() => {});
    this.#segment = from.segment;
    this.#base = from.offset - (from.offset % PAGE_BYTES);
    this.#at = from.offset % PAGE_BYTES;
    this.#recordStart = from;
  }

  /** The segment that is being read. */
  get segment(): number {
    return this.#segment;
  }

  /** Where the record began that next() gave last. */
  get recordStart(): LogEnd {
    return this.#recordStart;
  }

  /** The next record, good until the next call; undefined where there is none yet. Throws the system's errors. */
  next(): Uint8Array | undefined {
    for (;;) {
      const look = this.#look();
      if (look === "fragment") {
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
    if (bytes[at] === FRAGMENT_PAGE_END) return rest >= page ? "page end" : "more needed";
    if (rest < FRAGMENT_HEADER_BYTES) return "more needed";
    const size = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (FRAGMENT_HEADER_BYTES + size > page) return "damage";
    if (FRAGMENT_HEADER_BYTES + size > rest) return "more needed";
    const expected = ((bytes[at + 3]! << 24) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 8) | bytes[at + 6]!) >>> 0;
    const from = at + FRAGMENT_HEADER_BYTES;
    return crc32c(bytes, from, from + size) === expected ? "fragment" : "damage";
  }

  /** Bytes from here to the end of the page. */
  #pageRest(): number {
    return PAGE_BYTES - (this.#at % PAGE_BYTES);
  }

  /** Takes the fragment that #look() found; the record where that was its last one. */
  #takeFragment(): Uint8Array | undefined {
    const [bytes, at] = [this.#buffer, this.#at];
    const kind = bytes[at]! & KIND_BITS;
    const size = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const from = at + FRAGMENT_HEADER_BYTES;
    const data = bytes.subarray(from, from + size);
    const offset = this.#base + at;
    this.#at = from + size;
    if (kind === FRAGMENT_FULL || kind === FRAGMENT_FIRST) {
      if (this.#start >= 0) this.#tellGap("a record has no last fragment");
      this.#skipping = false;
      this.#partsBytes = 0;
      this.#start = offset;
      this.#flags = bytes[at]! & COMPRESSION_BITS;
      if (kind === FRAGMENT_FULL) return this.#complete(data);
      this.#keep(data);
      return undefined;
    }
    const isPart = (kind === FRAGMENT_MIDDLE || kind === FRAGMENT_LAST) && this.#start >= 0;
    if (!isPart) {
      if (!this.#skipping) this.#tellGap(`unexpected record type ${kind}`);
      this.#skipping = true;
      return undefined;
    }
    this.#keep(data);
    return kind === FRAGMENT_LAST ? this.#complete(this.#parts.subarray(0, this.#partsBytes)) : undefined;
  }

  #complete(payload: Uint8Array): Uint8Array | undefined {
    this.#recordStart = { segment: this.#segment, offset: this.#start };
    this.#start = -1;
    try {
      return expandRecord(payload, this.#flags, this.#snappy);
    } catch (cause) {
      this.#onGap(`the record cannot be decompressed: ${String(cause)}`, this.#recordStart);
      return undefined;
    }
  }

  #keep(data: Uint8Array): void {
    const size = this.#partsBytes + data.length;
    if (size > this.#parts.length) {
      const larger = new Uint8Array(Math.max(size, this.#parts.length * 2));
      larger.set(this.#parts.subarray(0, this.#partsBytes));
      this.#parts = larger;
    }
    this.#parts.set(data, this.#partsBytes);
    this.#partsBytes = size;
  }

  #toNextPage(): void {
    this.#at += this.#pageRest();
  }

  /** Reads on in the segment; false where it has no more. */
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
    if (this.#filled === this.#buffer.length) return false;
    const count = this.#files.read(file, this.#buffer.subarray(this.#filled), this.#base + this.#filled);
    this.#filled += count;
    return count > 0;
  }

  /** The segment's file; undefined where there is none. */
  #open(): number | undefined {
    if (this.#file !== undefined) return this.#file;
    const segment = listSegments(this.#dir, this.#files).find(({ index }) => index === this.#segment);
    if (segment !== undefined) this.#file = this.#files.open(segment.path, "r");
    return this.#file;
  }

  /** Goes on with the segment behind this one, which is complete then; false where there is none. */
  #toNextSegment(): boolean {
    const next = listSegments(this.#dir, this.#files).find(({ index }) => index > this.#segment);
    if (next === undefined) {
      this.#followCut();
      return false;
    }
    // What was written between the look at the file and the one at the folder.
    if (this.#fill()) return true;
    if (this.#start >= 0) this.#tellGap("the segment ends within a record");
    if (next.index > this.#segment + 1) this.#tellGap(`segments up to ${next.index - 1} are gone`);
    this.#begin(next);
    return true;
  }

  /** A commit that was refused is cut off: what was read of it is read no further. */
  #followCut(): void {
    if (this.#file === undefined) return;
    const segment = listSegments(this.#dir, this.#files).find(({ index }) => index === this.#segment);
    if (segment === undefined || segment.size >= this.#base + this.#at) return;
    this.#base = segment.size - (segment.size % PAGE_BYTES);
    this.#at = segment.size % PAGE_BYTES;
    this.#filled = 0;
    this.#start = -1;
  }

  #begin({ index }: Segment): void {
    this.close();
    this.#segment = index;
    this.#base = 0;
    this.#at = 0;
    this.#filled = 0;
    this.#start = -1;
    this.#skipping = false;
  }

  /** Goes past what cannot be read, once it is certain that it stays so; false while it may be a write under way. */
  #passDamage(): boolean {
    const page = this.#at - (this.#at % PAGE_BYTES);
    const again = this.#buffer.slice(page, this.#filled);
    const file = this.#open();
    if (file !== undefined) this.#files.read(file, this.#buffer.subarray(page, this.#filled), this.#base + page);
    if (again.some((byte, i) => byte !== this.#buffer[page + i])) return true;
    const isLast = listSegments(this.#dir, this.#files).every(({ index }) => index <= this.#segment);
    // The last page of the last segment may still change; what follows it does not come before it.
    if (isLast && this.#filled < page + PAGE_BYTES) {
      this.#filled = page;
      return false;
    }
    if (!this.#skipping) this.#tellGap("the page cannot be read");
    this.#skipping = true;
    this.#start = -1;
    this.#toNextPage();
    return true;
  }

  #tellGap(reason: string): void {
    this.#onGap(reason, { segment: this.#segment, offset: this.#start >= 0 ? this.#start : this.#base + this.#at });
    this.#start = -1;
  }
}
