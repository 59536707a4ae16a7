import type { LabelBytes } from "@narthex/model";
import { LONG_TEXT, MAX_LABELS } from "./head-capacity.ts";
import { FNV_OFFSET, FNV_PRIME } from "./symbols.ts";

/** As the length of a text that read() does not take. */
const UNFIT = -1;

/**
 * A label set as records of the log hold it: the number of labels, then names and values, each with its length. What it
 * takes in becomes a series without a string on the way.
 */
export class EncodedLabels {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of labels. */
  count = 0;
  /** Where the texts begin, in bytes, how long they are, and their FNV-1a hashes: name, value, name, value … */
  starts = new Uint32Array(64);
  sizes = new Uint32Array(64);
  hashes = new Int32Array(64);
  /** Where #text() ended. */
  #end = 0;

  /**
   * Takes the label set at bytes[at, end). Returns where it ends; -1 where it is not what nearly all are, which is sorted
   * by name, without empty values, of short texts in ASCII: Labels must be made of it then.
   */
  read(bytes: Uint8Array, at: number, end: number): number {
    this.bytes = bytes;
    this.#end = at;
    const count = this.#length(end);
    if (count < 0 || count > MAX_LABELS) return UNFIT;
    this.#reserve(count * 2);
    for (let i = 0; i < count * 2; i++) {
      const size = this.#text(i, end);
      if (size < 0 || (size === 0 && (i & 1) === 1)) return UNFIT;
      if ((i & 1) === 0 && i > 0 && !this.#isBefore(i - 2, i)) return UNFIT;
    }
    this.count = count;
    return this.#end;
  }

  /** Takes labels as a scrape has them: no longer than those that read() takes. */
  take({ bytes, offsets, count }: LabelBytes): void {
    this.bytes = bytes;
    this.count = count;
    this.#reserve(count * 2);
    for (let i = 0; i < count * 2; i++) {
      const [from, to] = [offsets[i * 2]!, offsets[i * 2 + 1]!];
      let hash = FNV_OFFSET;
      for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
      this.starts[i] = from;
      this.sizes[i] = to - from;
      this.hashes[i] = hash;
    }
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
  }
}
