import type { LabelBytes } from "@narthex/model";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/** So many labels of up to so many bytes are compared with those at the same places before. */
const COMPARED_LABELS = 64;
const COMPARED_BYTES = 128;

/** Words per label in the offsets of LabelBytes. */
const WORDS = 4;

/**
 * A label set as a scrape has it, on its way to its series. Series of one page come one after the other and share most
 * labels: what is as it was in the label set before is neither hashed nor looked up again.
 */
export class ScrapedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels. */
  count = 0;
  /** Where texts begin, in bytes, how long they are, and their FNV-1a hashes: name, value, name … Of those not known alone. */
  starts = new Uint32Array(COMPARED_LABELS * 2);
  sizes = new Uint32Array(COMPARED_LABELS * 2);
  hashes = new Int32Array(COMPARED_LABELS * 2);
  /** By place the name's symbol and the pair's id, 0 where it is not known: SeriesTable.findEncoded() adds what it looked up. */
  names = new Uint32Array(COMPARED_LABELS);
  pairs = new Uint32Array(COMPARED_LABELS);
  /** The labels that these are of, name and value of each one behind the other, COMPARED_BYTES for each. */
  readonly #compared = new Uint8Array(COMPARED_LABELS * COMPARED_BYTES);
  /** Bytes of each of them, and of its name; 0 where nothing is to be compared. */
  readonly #comparedSizes = new Uint8Array(COMPARED_LABELS);
  readonly #comparedNames = new Uint8Array(COMPARED_LABELS);
  #removals = 0;

  /** Takes a sorted label set. `removals`: how many pairs have ever gone; ids of before may be others' then. */
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

  /** Do the `size` bytes from `from` on stand at #compared[at…]? */
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

  /** The next label at place `i` is compared with this one. */
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
