import type { LabelBytes } from "@narthex/model";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/**
 * Number of labels of a set that are compared with those of the previous set. COMPARED_BYTES is the largest size of a
 * label that is compared.
 */
const COMPARED_LABELS = 64;
const COMPARED_BYTES = 128;

/** Number of array elements in LabelBytes.offsets for each label. */
const WORDS = 4;

/**
 * A label set in the form in which a scrape delivers it. A label that equals the label at the same index of the
 * previous set is not hashed and looked up, because consecutive series of a scrape share most labels.
 */
export class ScrapedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels of the current set. */
  count = 0;
  /**
   * Starts of the label texts, names and values in turn. The next arrays are lengths in bytes and FNV-1a hashes of the
   * texts, set only for unknown labels.
   */
  starts = new Uint32Array(COMPARED_LABELS * 2);
  sizes = new Uint32Array(COMPARED_LABELS * 2);
  hashes = new Int32Array(COMPARED_LABELS * 2);
  /**
   * Symbols of the known names, by label index; 0 if unknown. `pairs` has the ids of the known label pairs.
   * SeriesTable.findEncoded() adds the labels that it has looked up.
   */
  names = new Uint32Array(COMPARED_LABELS);
  pairs = new Uint32Array(COMPARED_LABELS);
  /**
   * Bytes of the labels in `names` and `pairs`: each name is followed by its value. Each label has COMPARED_BYTES bytes
   * of room.
   */
  readonly #compared = new Uint8Array(COMPARED_LABELS * COMPARED_BYTES);
  /** Size in bytes of each label in #compared; 0 if the label is not stored. */
  readonly #comparedSizes = new Uint8Array(COMPARED_LABELS);
  /** Size in bytes of the name of each label in #compared. */
  readonly #comparedNames = new Uint8Array(COMPARED_LABELS);
  #removals = 0;

  /**
   * Takes the next label set, which must be sorted. `removals` is the number of label pairs removed so far. After a
   * removal all remembered ids are invalid.
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

  /** Returns whether the `size` label bytes from `from` on equal the bytes of #compared from `at` on. */
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

  /** Stores this label for the comparison with the next set's label at index `i`. */
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
