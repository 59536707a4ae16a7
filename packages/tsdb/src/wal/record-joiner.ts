import { SnappyReader } from "@narthex/bytes";
import { expandRecord } from "./compression.ts";
import { FRAGMENT_FIRST, FRAGMENT_FULL, FRAGMENT_LAST, FRAGMENT_MIDDLE, PAGE_BYTES } from "./segment.ts";

/** Largest size in bytes of a buffer for joined fragments that is reused for the next record. */
const MAX_KEPT_BYTES = 1024 * 1024;
const KIND_BITS = 7;
const COMPRESSION_BITS = 0x18;

/** Joins the fragments of a log into records. */
export class RecordJoiner {
  /** Offset of the first fragment of the unfinished record; -1 if no record is unfinished. */
  start = -1;
  /** Whether the next middle and last fragments belong to an unreadable record and must be skipped. */
  isSkipping = false;
  /**
   * Start of the record, readable or not, that the last call of add() completed; -1 if that call completed no record.
   */
  recordStart = -1;
  readonly #fail: (reason: string, offset: number) => void;
  readonly #snappy = new SnappyReader();
  #parts = new Uint8Array(2 * PAGE_BYTES);
  #partsBytes = 0;
  #flags = 0;

  /**
   * @param fail called for a record that cannot be read, with the reason and an offset: the start of the record, or of
   * a fragment that belongs to no record
   */
  constructor(fail: (reason: string, offset: number) => void) {
    this.#fail = fail;
  }

  /**
   * Adds a fragment, whose header begins with the byte `head`. Returns the record if the fragment was its last; the
   * record is valid until the next call.
   */
  add(head: number, data: Uint8Array, offset: number): Uint8Array | undefined {
    const kind = head & KIND_BITS;
    this.recordStart = -1;
    if (kind === FRAGMENT_FULL || kind === FRAGMENT_FIRST) {
      if (this.start >= 0) this.#fail("a record has no last fragment", this.start);
      this.isSkipping = false;
      this.#partsBytes = 0;
      if (this.#parts.length > MAX_KEPT_BYTES) this.#parts = new Uint8Array(2 * PAGE_BYTES);
      this.start = offset;
      this.#flags = head & COMPRESSION_BITS;
      if (kind === FRAGMENT_FULL) return this.#complete(data);
      this.#keep(data);
      return undefined;
    }
    if ((kind === FRAGMENT_MIDDLE || kind === FRAGMENT_LAST) && this.start >= 0) {
      this.#keep(data);
      return kind === FRAGMENT_LAST ? this.#complete(this.#parts.subarray(0, this.#partsBytes)) : undefined;
    }
    if (!this.isSkipping) this.#fail(`unexpected record type ${kind}`, offset);
    this.isSkipping = true;
    return undefined;
  }

  /**
   * Returns whether a fragment of this kind can be next. No checksum covers the kind, so an impossible kind may be a
   * wrong byte.
   */
  expects(head: number): boolean {
    const kind = head & KIND_BITS;
    if (kind === FRAGMENT_FULL || kind === FRAGMENT_FIRST) return this.start < 0;
    return (kind === FRAGMENT_MIDDLE || kind === FRAGMENT_LAST) && (this.start >= 0 || this.isSkipping);
  }

  /** Drops the unfinished record. */
  forget(): void {
    this.start = -1;
  }

  #complete(payload: Uint8Array): Uint8Array | undefined {
    this.recordStart = this.start;
    try {
      return expandRecord(payload, this.#flags, this.#snappy);
    } catch (cause) {
      this.#fail(`the record cannot be decompressed: ${String(cause)}`, this.start);
      return undefined;
    } finally {
      this.forget();
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
}
