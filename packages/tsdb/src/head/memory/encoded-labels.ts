import { LONG_TEXT, MAX_LABELS } from "./head-capacity.ts";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/** As the length of a text that read() does not take. */
const UNFIT = -1;
/** So many labels of up to so many bytes are compared with those at the same places before. */
const COMPARED_LABELS = 32;
const COMPARED_BYTES = 128;

/**
 * A label set as records of the log hold it: the number of labels, then names and values, each with its length. What it
 * takes in becomes a series without a string on the way.
 *
 * Series of one target come one after the other and share most labels: what read() finds as it was in the label set
 * before is neither hashed nor looked up again.
 */
export class EncodedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels. */
  count = 0;
  /** Where the texts begin, in bytes, how long they are, and their FNV-1a hashes: name, value, name, value … */
  starts = new Uint32Array(64);
  sizes = new Uint32Array(64);
  hashes = new Int32Array(64);
  /**
   * What is known of the labels, by place: the name's symbol and the pair's id, 0 where it is not known. Hashes are there
   * of what is not. SeriesTable.findEncoded() adds what it has looked up.
   */
  names = new Uint32Array(COMPARED_LABELS);
  pairs = new Uint32Array(COMPARED_LABELS);
  /** Where #text() ended. */
  #end = 0;
  /** The labels that names and pairs are of, as records hold them, COMPARED_BYTES for each. */
  readonly #compared = new Uint8Array(COMPARED_LABELS * COMPARED_BYTES);
  /** Bytes of each of them, and of its name; 0 where there is none. */
  readonly #comparedSizes = new Uint8Array(COMPARED_LABELS);
  readonly #comparedNames = new Uint8Array(COMPARED_LABELS);

  /**
   * Takes the label set at bytes[at, end). Returns where it ends; -1 where it is not what nearly all are, which is sorted
   * by name, without empty values, of short texts in ASCII: Labels must be made of it then. Between two calls no series
   * may be removed: ids of pairs would be others'.
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

  /** Takes label number `i`; false where it is not what read() takes. */
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

  /** How many bytes from `start` on are those of the label at the same place before; no more than it has. */
  #equalBytes(i: number, start: number, end: number): number {
    const { bytes } = this;
    const compared = this.#compared;
    const from = i * COMPARED_BYTES;
    const most = Math.min(this.#comparedSizes[i]!, end - start);
    let equal = 0;
    while (equal < most && bytes[start + equal] === compared[from + equal]) equal++;
    return equal;
  }

  /** The label from `start` to #end is what the next one at its place is compared with. */
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

  /** Takes text number `i`; returns its length. */
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

  /** Reads a number of at most two bytes, as the lengths of nearly all are; -1 for others. */
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

  /** Orders two texts by their bytes. */
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
