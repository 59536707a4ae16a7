import type { LabelBytes } from "@narthex/model";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/**
 * Up to this number of labels, each of up to this size, are compared with the label at the same index of the previous
 * set.
 */
const COMPARED_LABELS = 64;
const COMPARED_BYTES = 128;

/** Words per label in the offsets of LabelBytes. */
const WORDS = 4;

/**
 * A label set as a scrape delivers it. Series of one page follow each other and share most labels: a label that is
 * equal to the one in the previous label set is neither hashed nor looked up again.
 */
export class ScrapedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels. */
  count = 0;
  /**
   * Starts of the texts, their lengths in bytes, and their FNV-1a hashes: name, value, name … Only for unknown labels.
   */
  starts = new Uint32Array(COMPARED_LABELS * 2);
  sizes = new Uint32Array(COMPARED_LABELS * 2);
  hashes = new Int32Array(COMPARED_LABELS * 2);
  /**
   * Known labels by index: the name's symbol and the pair's id, 0 if unknown. SeriesTable.findEncoded() adds what it
   * has looked up.
   */
  names = new Uint32Array(COMPARED_LABELS);
  pairs = new Uint32Array(COMPARED_LABELS);
  /** The labels of `names` and `pairs`, name and value one after the other, COMPARED_BYTES for each. */
  readonly #compared = new Uint8Array(COMPARED_LABELS * COMPARED_BYTES);
  /** Size of each of them, and of its name; 0 if there is no label to compare. */
  readonly #comparedSizes = new Uint8Array(COMPARED_LABELS);
  readonly #comparedNames = new Uint8Array(COMPARED_LABELS);
  #removals = 0;

  /**
   * Takes a sorted label set. `removals` is the number of pairs removed so far; a removal makes remembered ids invalid.
   */
  take({ bytes, offsets, count }: LabelBytes, removals: number): void {
    this.bytes = bytes;
    this.count = count;
    this.#reserve(count);
    if (removals !== this.#removals) {
      this.#removals = removals;
      this.#comparedSizes.fill(0);
      this.#comparedNames.fill(0);
      this.names.fill(0);
    }
    for (let i = 0; i < count; i++) {
      const at = i * WORDS;
      this.#label(i, offsets[at]!, offsets[at + 1]!, offsets[at + 2]!, offsets[at + 3]!);
    }
  }

  #label(i: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const { names, pairs } = this;
    const isCompared = i < COMPARED_LABELS;
    const at = i * COMPARED_BYTES;
    const nameSize = nameEnd - nameStart;
    const size = nameSize + valueEnd - valueStart;
    const isSized = isCompared && nameSize > 0 && this.#comparedNames[i] === nameSize;
    if (isSized && names[i] !== 0 && this.#isAt(at, nameStart, nameSize)) {
      const isSame = this.#comparedSizes[i] === size && this.#isAt(at + nameSize, valueStart, size - nameSize);
      if (isSame && pairs[i] !== 0) return;
    } else {
      names[i] = 0;
      this.#text(i * 2, nameStart, nameEnd);
    }
    pairs[i] = 0;
    this.#text(i * 2 + 1, valueStart, valueEnd);
    if (isCompared) this.#compareNext(i, size, nameSize, nameStart, valueStart);
  }

  /** Are the `size` bytes from `from` on equal to #compared[at…]? */
  #isAt(at: number, from: number, size: number): boolean {
    const { bytes } = this;
    const compared = this.#compared;
    for (let i = 0; i < size; i++) if (bytes[from + i] !== compared[at + i]) return false;
    return true;
  }

  #text(i: number, from: number, to: number): void {
    const { bytes } = this;
    let hash = FNV_OFFSET;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
    this.starts[i] = from;
    this.sizes[i] = to - from;
    this.hashes[i] = hash;
  }

  /** Keeps this label for the comparison with the next one at index `i`. */
  #compareNext(i: number, size: number, nameSize: number, nameStart: number, valueStart: number): void {
    const isShort = size <= COMPARED_BYTES;
    this.#comparedSizes[i] = isShort ? size : 0;
    this.#comparedNames[i] = isShort ? nameSize : 0;
    if (!isShort) return;
    const { bytes } = this;
    const compared = this.#compared;
    const at = i * COMPARED_BYTES;
    for (let k = 0; k < nameSize; k++) compared[at + k] = bytes[nameStart + k]!;
    for (let k = nameSize; k < size; k++) compared[at + k] = bytes[valueStart - nameSize + k]!;
  }

  #reserve(count: number): void {
    if (count <= this.names.length) return;
    this.starts = new Uint32Array(count * 4);
    this.sizes = new Uint32Array(count * 4);
    this.hashes = new Int32Array(count * 4);
    const { names, pairs } = this;
    this.names = new Uint32Array(count * 2);
    this.pairs = new Uint32Array(count * 2);
    this.names.set(names);
    this.pairs.set(pairs);
  }
}
