import { crc32c, SnappyReader } from "@narthex/bytes";
import { expandRecord } from "./compression.ts";
import {
  FRAGMENT_FIRST,
  FRAGMENT_FULL,
  FRAGMENT_HEADER_BYTES,
  FRAGMENT_LAST,
  FRAGMENT_MIDDLE,
  FRAGMENT_PAGE_END,
  PAGE_BYTES,
} from "./segment.ts";

/** A place where the log is not what a writer leaves. */
export interface Damage {
  /** Byte of the segment where the unreadable record begins. */
  readonly offset: number;
  readonly reason: string;
}

const KIND_BITS = 7;
const COMPRESSION_BITS = 0x18;

/**
 * Joins fragments to records, page by page. After damage it goes on with the next fragment or page that begins a
 * record, so that one flipped bit costs one record; what to keep is the caller's decision.
 */
export class RecordScanner {
  readonly damages: Damage[] = [];
  /** Records found after the first damage. */
  recordsAfterDamage = 0;
  readonly #visit: (record: Uint8Array, offset: number) => void;
  readonly #readAgain: (page: Uint8Array, base: number) => boolean;
  readonly #snappy = new SnappyReader();
  /** Fragments of the record that is being put together. */
  #parts = new Uint8Array(2 * PAGE_BYTES);
  #partsBytes = 0;
  #partsStart = -1;
  #flags = 0;
  /** Middle and last fragments belong to a record whose damage is already told. */
  #skipping = false;

  /**
   * A record is good until `visit` returns. `readAgain` fills a page from the file once more and tells whether it was different before: what a disk got wrong on
   * the way is no damage.
   */
  constructor(
    visit: (record: Uint8Array, offset: number) => void,
    readAgain: (page: Uint8Array, base: number) => boolean = () => false,
  ) {
    this.#visit = visit;
    this.#readAgain = readAgain;
  }

  /** Scans one page, which is short only at the end of the segment; `base` is its offset in the file. */
  page(page: Uint8Array, base: number): void {
    let at = 0;
    let again = false;
    const differs = (): boolean => !again && (again = true) && this.#readAgain(page, base);
    while (page.length - at >= FRAGMENT_HEADER_BYTES) {
      const head = page[at]!;
      if (head === FRAGMENT_PAGE_END) {
        if (!isZero(page, at) && differs()) continue;
        if (!isZero(page, at)) this.#damage(base + at, "unexpected non-zero byte in padded page");
        return;
      }
      const size = (page[at + 1]! << 8) | page[at + 2]!;
      const end = at + FRAGMENT_HEADER_BYTES + size;
      if (end > page.length) {
        if (differs()) continue;
        this.#damage(base + at, `invalid record size ${size}`);
        return;
      }
      const expected = ((page[at + 3]! << 24) | (page[at + 4]! << 16) | (page[at + 5]! << 8) | page[at + 6]!) >>> 0;
      const found = crc32c(page, at + FRAGMENT_HEADER_BYTES, end);
      if ((found !== expected || !this.#isExpected(head)) && differs()) continue;
      if (found !== expected) {
        this.#damage(base + at, `unexpected checksum ${found.toString(16)}, expected ${expected.toString(16)}`);
      } else this.#fragment(head, page.subarray(at + FRAGMENT_HEADER_BYTES, end), base + at);
      at = end;
    }
    const torn = page.length < PAGE_BYTES && at < page.length && !isZero(page, at);
    if (torn) this.#damage(base + at, "the file ends within a fragment's header");
  }

  /** The segment is over; a record that is not complete was torn. */
  end(): void {
    if (this.#partsStart >= 0) this.#damage(this.#partsStart, "the file ends within a record");
    this.#skipping = false;
  }

  /** No checksum covers a fragment's kind: one that cannot come here may be wrong itself. */
  #isExpected(head: number): boolean {
    const kind = head & KIND_BITS;
    if (kind === FRAGMENT_FULL || kind === FRAGMENT_FIRST) return this.#partsStart < 0;
    return (kind === FRAGMENT_MIDDLE || kind === FRAGMENT_LAST) && (this.#partsStart >= 0 || this.#skipping);
  }

  #fragment(head: number, data: Uint8Array, offset: number): void {
    const kind = head & KIND_BITS;
    if (kind === FRAGMENT_FULL || kind === FRAGMENT_FIRST) {
      if (this.#partsStart >= 0) this.#damage(this.#partsStart, "a record has no last fragment");
      this.#skipping = false;
      this.#partsStart = offset;
      this.#flags = head & COMPRESSION_BITS;
      if (kind === FRAGMENT_FULL) this.#complete(data);
      else this.#keep(data);
    } else if ((kind === FRAGMENT_MIDDLE || kind === FRAGMENT_LAST) && this.#partsStart >= 0) {
      this.#keep(data);
      if (kind === FRAGMENT_LAST) this.#complete(this.#parts.subarray(0, this.#partsBytes));
    } else if (!this.#skipping) this.#damage(offset, `unexpected record type ${kind}`);
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

  #complete(payload: Uint8Array): void {
    const start = this.#partsStart;
    this.#forget();
    let record: Uint8Array;
    try {
      record = expandRecord(payload, this.#flags, this.#snappy);
    } catch (cause) {
      this.#damage(start, `the record cannot be decompressed: ${String(cause)}`);
      return;
    }
    if (this.damages.length > 0) this.recordsAfterDamage++;
    this.#visit(record, start);
  }

  #damage(offset: number, reason: string): void {
    const start = this.#partsStart >= 0 ? this.#partsStart : offset;
    this.#forget();
    this.#skipping = true;
    this.damages.push({ offset: Math.min(start, offset), reason });
  }

  #forget(): void {
    this.#partsBytes = 0;
    this.#partsStart = -1;
  }
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
