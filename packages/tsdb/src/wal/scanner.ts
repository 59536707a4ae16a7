import { crc32c } from "@narthex/bytes";
import { RecordJoiner } from "./record-joiner.ts";
import { FRAGMENT_HEADER_BYTES, FRAGMENT_PAGE_END, PAGE_BYTES } from "./segment.ts";

export interface Damage {
  /** Offset in the segment at which the unreadable record begins. */
  readonly offset: number;
  readonly reason: string;
}

/**
 * Joins fragments into records, page by page. After damage, the scanner continues with the next fragment or page that
 * begins a record, so that one flipped bit loses only one record. The caller decides which records to keep.
 */
export class RecordScanner {
  readonly damages: Damage[] = [];
  recordsAfterDamage = 0;
  readonly #visit: (record: Uint8Array, offset: number) => void;
  readonly #readAgain: (page: Uint8Array, base: number) => boolean;
  readonly #joiner = new RecordJoiner((reason, offset) => this.#damage(offset, reason));

  /**
   * @param visit called with each record, which is valid until `visit` returns
   * @param readAgain reads a page from the file again and returns whether its bytes have changed: a single wrong
   * transfer is not damage
   */
  constructor(
    visit: (record: Uint8Array, offset: number) => void,
    readAgain: (page: Uint8Array, base: number) => boolean = () => false,
  ) {
    this.#visit = visit;
    this.#readAgain = readAgain;
  }

  /**
   * Scans one page, which may be shorter only at the end of the segment. `base` is the offset of the page in the file.
   */
  page(page: Uint8Array, base: number): void {
    let at = 0;
    let again = false;
    const differs = (): boolean => !again && (again = true) && this.#readAgain(page, base);
    while (page.length - at >= FRAGMENT_HEADER_BYTES) {
      const head = page[at]!;
      if (head === FRAGMENT_PAGE_END) {
        if (isZero(page, at)) return;
        if (differs()) continue;
        this.#damage(base + at, "unexpected non-zero byte in padded page");
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
      if ((found !== expected || !this.#joiner.expects(head)) && differs()) continue;
      if (found !== expected) {
        this.#damage(base + at, `unexpected checksum ${found.toString(16)}, expected ${expected.toString(16)}`);
      } else this.#fragment(head, page.subarray(at + FRAGMENT_HEADER_BYTES, end), base + at);
      at = end;
    }
    const torn = page.length < PAGE_BYTES && at < page.length && !isZero(page, at);
    if (torn) this.#damage(base + at, "the file ends within a fragment's header");
  }

  /** Reports an incomplete record as damage. Must be called at the end of the segment. */
  end(): void {
    const { start } = this.#joiner;
    if (start >= 0) this.#damage(start, "the file ends within a record");
    this.#joiner.isSkipping = false;
  }

  #fragment(head: number, data: Uint8Array, offset: number): void {
    const record = this.#joiner.add(head, data, offset);
    if (record === undefined) return;
    if (this.damages.length > 0) this.recordsAfterDamage++;
    this.#visit(record, this.#joiner.recordStart);
  }

  #damage(offset: number, reason: string): void {
    const joiner = this.#joiner;
    const start = joiner.start >= 0 ? joiner.start : offset;
    joiner.forget();
    joiner.isSkipping = true;
    this.damages.push({ offset: Math.min(start, offset), reason });
  }
}

/** Returns whether all bytes of a range are zero. */
export function isZero(bytes: Uint8Array, from: number, to: number = bytes.length): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
