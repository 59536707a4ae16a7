import { LONG_TEXT, MAX_LABELS } from "./head-capacity.ts";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/** Result of read() for a label text that it does not accept, such as a text with a character beyond ASCII. */
const UNFIT = -1;
/**
 * Number of labels of a set that are compared with those of the previous set. COMPARED_BYTES is the largest size of a
 * label that is compared.
 */
const COMPARED_LABELS = 32;
const COMPARED_BYTES = 128;

/**
 * A label set in the format of log records (number of labels, then names and values, each with its length). A series
 * can be added from this format without creating strings. A label that equals the label at the same index of the
 * previous set is not hashed and looked up, because consecutive series of a target share most labels.
 */
export class EncodedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels of the current set. */
  count = 0;
  /**
   * Starts of the label texts, names and values in turn. The next arrays are their lengths in bytes and their FNV-1a
   * hashes.
   */
  starts = new Uint32Array(64);
  sizes = new Uint32Array(64);
  hashes = new Int32Array(64);
  /**
   * Symbols of the known names, by label index; 0 if unknown. `pairs` has the ids of the known label pairs. Only
   * unknown texts have hashes. SeriesTable.findEncoded() adds the labels that it has looked up.
   */
  names = new Uint32Array(COMPARED_LABELS);
  pairs = new Uint32Array(COMPARED_LABELS);
  /** End of the text that #text() read last. */
  #end = 0;
  /**
   * Bytes of the labels in `names` and `pairs`, in the format of log records. Each label has COMPARED_BYTES bytes of
   * room.
   */
  readonly #compared = new Uint8Array(COMPARED_LABELS * COMPARED_BYTES);
  /** Size in bytes of each label in #compared; 0 if the label is not stored. */
  readonly #comparedSizes = new Uint8Array(COMPARED_LABELS);
  /** Size in bytes of the name of each label in #compared. */
  readonly #comparedNames = new Uint8Array(COMPARED_LABELS);

  /**
   * Reads the label set at bytes[at, end) and returns its end. Returns -1 for an unusual set, for which the caller must
   * create Labels. Usual sets are sorted by name, have no empty values, and consist of short ASCII texts. No series may
   * be removed between two calls, because ids of label pairs could be reused.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    this.bytes = bytes;
    this.#end = at;
    const count = this.#length(end);
    if (count < 0 || count > MAX_LABELS) return UNFIT;
    this.#reserve(count * 2);
    for (let i = 0; i < count; i++) {
      if (!this.#label(i, end) || (i > 0 && !this.#isBefore(i * 2 - 2, i * 2))) return UNFIT;
    }
    this.count = count;
    return this.#end;
  }

  /** Reads label number `i` of the set. Returns false if the label is unusual. */
  #label(i: number, end: number): boolean {
    const { starts, sizes, names, pairs } = this;
    const start = this.#end;
    const equal = i < COMPARED_LABELS ? this.#equalBytes(i, start, end) : 0;
    const [name, value] = [i * 2, i * 2 + 1];
    let nameBytes = this.#comparedNames[i]!;
    if (names[i] !== 0 && nameBytes > 0 && equal >= nameBytes) {
      starts[name] = start + nameBytes - sizes[name]!;
      if (pairs[i] !== 0 && equal === this.#comparedSizes[i]) {
        this.#end = start + equal;
        starts[value] = this.#end - sizes[value]!;
        return true;
      }
      this.#end = start + nameBytes;
    } else {
      names[i] = 0;
      if (this.#text(name, end) < 0) return false;
      nameBytes = this.#end - start;
    }
    pairs[i] = 0;
    if (this.#text(value, end) <= 0) return false;
    if (i < COMPARED_LABELS) this.#compareNext(i, start, nameBytes);
    return true;
  }

  /**
   * Returns how many bytes from `start` on equal the label at the same index of the previous set. The result is at most
   * that label's size.
   */
  #equalBytes(i: number, start: number, end: number): number {
    const { bytes } = this;
    const compared = this.#compared;
    const from = i * COMPARED_BYTES;
    const most = Math.min(this.#comparedSizes[i]!, end - start);
    let equal = 0;
    while (equal < most && bytes[start + equal] === compared[from + equal]) equal++;
    return equal;
  }

  /** Stores the label from `start` to #end for the comparison with the next set's label at the same index. */
  #compareNext(i: number, start: number, nameBytes: number): void {
    const size = this.#end - start;
    const isShort = size <= COMPARED_BYTES;
    this.#comparedSizes[i] = isShort ? size : 0;
    this.#comparedNames[i] = isShort ? nameBytes : 0;
    if (!isShort) return;
    const { bytes } = this;
    const compared = this.#compared;
    const from = i * COMPARED_BYTES;
    for (let at = 0; at < size; at++) compared[from + at] = bytes[start + at]!;
  }

  /** Reads text number `i` and returns its length. */
  #text(i: number, end: number): number {
    const size = this.#length(end);
    const start = this.#end;
    if (size < 0 || size > LONG_TEXT || start + size > end) return UNFIT;
    const { bytes } = this;
    let hash = FNV_OFFSET;
    let all = 0;
    for (let at = start; at < start + size; at++) {
      const byte = bytes[at]!;
      all |= byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    if (all > 127) return UNFIT;
    this.starts[i] = start;
    this.sizes[i] = size;
    this.hashes[i] = hash;
    this.#end = start + size;
    return size;
  }

  /** Reads a length of at most two bytes, as nearly all lengths have; returns -1 for other lengths. */
  #length(end: number): number {
    const { bytes } = this;
    const at = this.#end;
    if (at + 2 > end) {
      if (at >= end || bytes[at]! > 127) return UNFIT;
      this.#end = at + 1;
      return bytes[at]!;
    }
    const first = bytes[at]!;
    if (first < 128) {
      this.#end = at + 1;
      return first;
    }
    const second = bytes[at + 1]!;
    if (second > 127) return UNFIT;
    this.#end = at + 2;
    return (first & 127) | (second << 7);
  }

  /** Returns whether text `a` is before text `b` in byte order. */
  #isBefore(a: number, b: number): boolean {
    const { bytes, starts, sizes } = this;
    const [left, right] = [starts[a]!, starts[b]!];
    const length = Math.min(sizes[a]!, sizes[b]!);
    for (let i = 0; i < length; i++) {
      const order = bytes[left + i]! - bytes[right + i]!;
      if (order !== 0) return order < 0;
    }
    return sizes[a]! < sizes[b]!;
  }

  #reserve(texts: number): void {
    if (texts <= this.starts.length) return;
    this.starts = new Uint32Array(texts * 2);
    this.sizes = new Uint32Array(texts * 2);
    this.hashes = new Int32Array(texts * 2);
    this.names = new Uint32Array(texts);
    this.pairs = new Uint32Array(texts);
  }
}
