import { Labels, METRIC_NAME } from "./labels.ts";

/** Number of entries in `offsets` for each label. */
const WORDS = 4;

/** Maximum number of labels, and of bytes of their names, for which the sorted order is cached. */
const ORDERED_LABELS = 64;
const ORDERED_BYTES = 1024;

const encoder = new TextEncoder();
const NAME = encoder.encode(METRIC_NAME);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A label set under construction, as UTF-8 in one reused buffer: for series whose labels are received as bytes, and are
 * looked up or stored without creating strings. sort() makes it a valid set: sorted, without empty values, like Labels.
 * ```ts
 * set.clear();
 * set.add(line, nameStart, nameEnd, valueStart, valueEnd);
 * if (set.sort()) ref = appender.seriesFromBytes(set);
 * ```
 */
export class LabelBytes {
  bytes = new Uint8Array(1024);
  /** Four positions in `bytes` for each label: start and end of the name, start and end of the value. */
  offsets = new Uint32Array(32 * WORDS);
  /** Number of labels. */
  count = 0;
  /** Number of used bytes in the buffer `bytes`. */
  length = 0;

  /** Positions in `bytes` of the labels that clear() keeps. */
  #kept = new Uint32Array(0);
  #keptLength = 0;
  /** Array to which sort() writes the sorted positions. sort() then swaps this array with `offsets`. */
  #others = new Uint32Array(0);
  /**
   * Indexes of the labels sorted by name. The order is reused for the next label set, because the series of one metric
   * usually have the same names in the same order.
   */
  #order = new Uint32Array(ORDERED_LABELS);
  /**
   * Number of labels for which `#order` is valid, or -1. `#orderedNames` contains the names of these labels, and
   * `#orderedSizes` the lengths of the names; labels that clear() keeps are not included.
   */
  #orderedCount = -1;
  readonly #orderedNames = new Uint8Array(ORDERED_BYTES);
  readonly #orderedSizes = new Uint16Array(ORDERED_LABELS);
  /** True if labels were added since the last call of sort(). */
  #asAdded = true;

  /** Removes all labels except those that existed at the last call of keep(). */
  clear(): void {
    this.offsets.set(this.#kept);
    this.length = this.#keptLength;
    this.count = this.#kept.length / WORDS;
    this.#asAdded = true;
  }

  /** Makes later calls of clear() keep the current labels. */
  keep(): void {
    this.#kept = this.offsets.slice(0, this.count * WORDS);
    this.#keptLength = this.length;
    this.#orderedCount = -1;
  }

  /** Removes all labels. */
  reset(): void {
    this.length = this.count = 0;
    this.#asAdded = true;
    this.keep();
  }

  /** Adds the label with the name bytes[nameStart, nameEnd) and the value bytes[valueStart, valueEnd). */
  add(bytes: Uint8Array, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.#reserve(nameEnd - nameStart + valueEnd - valueStart);
    const middle = copy(bytes, nameStart, nameEnd, this.bytes, at);
    this.#push(at, middle, copy(bytes, valueStart, valueEnd, this.bytes, middle));
  }

  /** Adds a label with the name bytes[nameStart, nameEnd) and the given value. */
  addWithValue(bytes: Uint8Array, nameStart: number, nameEnd: number, value: Uint8Array): void {
    const at = this.#reserve(nameEnd - nameStart + value.length);
    const middle = copy(bytes, nameStart, nameEnd, this.bytes, at);
    this.#push(at, middle, copy(value, 0, value.length, this.bytes, middle));
  }

  /** Adds the label `__name__` with the value bytes[start, end). */
  addName(bytes: Uint8Array, start: number, end: number): void {
    const at = this.#reserve(NAME.length + end - start);
    const middle = copy(NAME, 0, NAME.length, this.bytes, at);
    this.#push(at, middle, copy(bytes, start, end, this.bytes, middle));
  }

  addText(name: string, value: string): void {
    const at = this.#reserve((name.length + value.length) * 3);
    const middle = at + encoder.encodeInto(name, this.bytes.subarray(at)).written;
    this.#push(at, middle, middle + encoder.encodeInto(value, this.bytes.subarray(middle)).written);
  }

  /**
   * Sorts the labels by name in byte order, and removes labels with empty values. Returns false if two labels have the
   * same name.
   */
  sort(): boolean {
    if (!this.#isOrderKnown() && !this.#findOrder()) return false;
    const { offsets, count } = this;
    if (this.#others.length < offsets.length) this.#others = new Uint32Array(offsets.length);
    const others = this.#others;
    const order = this.#order;
    let to = 0;
    for (let i = 0; i < count; i++) {
      const from = order[i]! * WORDS;
      const [valueStart, valueEnd] = [offsets[from + 2]!, offsets[from + 3]!];
      if (valueStart === valueEnd) continue;
      others[to] = offsets[from]!;
      others[to + 1] = offsets[from + 1]!;
      others[to + 2] = valueStart;
      others[to + 3] = valueEnd;
      to += WORDS;
    }
    this.#others = offsets;
    this.offsets = others;
    this.#asAdded = false;
    this.count = to / WORDS;
    return true;
  }

  /** Reports whether the labels have the same names in the same order as the label set that was sorted last. */
  #isOrderKnown(): boolean {
    const { bytes, offsets, count } = this;
    if (count !== this.#orderedCount || !this.#asAdded) return false;
    const names = this.#orderedNames;
    const sizes = this.#orderedSizes;
    let at = 0;
    for (let i = this.#kept.length / WORDS; i < count; i++) {
      const from = offsets[i * WORDS]!;
      const to = offsets[i * WORDS + 1]!;
      if (to - from !== sizes[i]) return false;
      for (let k = from; k < to; k++) if (bytes[k] !== names[at++]) return false;
    }
    return true;
  }

  #findOrder(): boolean {
    const { count } = this;
    if (count > this.#order.length) this.#order = new Uint32Array(count * 2);
    const order = this.#order;
    this.#orderedCount = -1;
    for (let i = 0; i < count; i++) {
      let to = i;
      for (; to > 0; to--) {
        const compared = this.#compareNames(order[to - 1]! * WORDS, i * WORDS);
        if (compared === 0) return false;
        if (compared < 0) break;
        order[to] = order[to - 1]!;
      }
      order[to] = i;
    }
    if (count <= ORDERED_LABELS && this.#asAdded) this.#rememberOrder();
    return true;
  }

  #rememberOrder(): void {
    const { bytes, offsets, count } = this;
    let end = 0;
    for (let i = this.#kept.length / WORDS; i < count; i++) {
      const from = offsets[i * WORDS]!;
      const to = offsets[i * WORDS + 1]!;
      if (end + to - from > ORDERED_BYTES) return;
      this.#orderedSizes[i] = to - from;
      end = copy(bytes, from, to, this.#orderedNames, end);
    }
    this.#orderedCount = count;
  }

  /** Returns the labels as strings. Must be called only after sort() has returned true. */
  toLabels(): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < this.count * WORDS; i += 2) {
      pairs.push(decoder.decode(this.bytes.subarray(this.offsets[i], this.offsets[i + 1])));
    }
    return Labels.fromSortedPairs(pairs);
  }

  /** Compares the names of two labels, given by their positions in `offsets`. */
  #compareNames(a: number, b: number): number {
    const { bytes, offsets } = this;
    const [from, other] = [offsets[a]!, offsets[b]!];
    const [size, otherSize] = [offsets[a + 1]! - from, offsets[b + 1]! - other];
    const length = Math.min(size, otherSize);
    for (let i = 0; i < length; i++) {
      const order = bytes[from + i]! - bytes[other + i]!;
      if (order !== 0) return order;
    }
    return size - otherSize;
  }

  #push(start: number, middle: number, end: number): void {
    const at = this.count * WORDS;
    if (at === this.offsets.length) {
      const offsets = new Uint32Array(at * 2);
      offsets.set(this.offsets);
      this.offsets = offsets;
    }
    this.offsets[at] = start;
    this.offsets[at + 1] = middle;
    this.offsets[at + 2] = middle;
    this.offsets[at + 3] = end;
    this.length = end;
    this.count++;
  }

  /** Extends the buffer for `size` more bytes, and returns the position of the first of these bytes. */
  #reserve(size: number): number {
    const needed = this.length + size;
    if (needed > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      bytes.set(this.bytes.subarray(0, this.length));
      this.bytes = bytes;
    }
    return this.length;
  }
}

/** Copies bytes[from, to) to the position `at` of `into`. Returns the position after the copied bytes. */
function copy(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  // Copies the bytes one by one, because names and values are short and creating a view would take longer.
  for (let i = from; i < to; i++) into[at++] = bytes[i]!;
  return at;
}
