import { Labels, METRIC_NAME } from "./labels.ts";

/** Words per label in `offsets`. */
const WORDS = 4;

const encoder = new TextEncoder();
const NAME = encoder.encode(METRIC_NAME);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A label set under construction, as UTF-8 in one buffer that is used again: for series whose labels come as bytes and
 * are to be found, or stored, without a string made. sort() makes it one: sorted, without empty values, as Labels are.
 *
 * ```ts
 * set.clear();
 * set.add(line, nameStart, nameEnd, valueStart, valueEnd);
 * if (set.sort()) ref = appender.seriesFromBytes(set);
 * ```
 */
export class LabelBytes {
  bytes = new Uint8Array(1024);
  /** Where name and value lie within `bytes`: name start, name end, value start, value end per label. */
  offsets = new Uint32Array(32 * WORDS);
  /** Number of labels. */
  count = 0;
  /** Bytes in use. */
  length = 0;

  /** What stays through clear(). */
  #kept = new Uint32Array(0);
  #keptLength = 0;

  /** Takes all labels out but those that were there at keep(). */
  clear(): void {
    this.offsets.set(this.#kept);
    this.length = this.#keptLength;
    this.count = this.#kept.length / WORDS;
  }

  /** What is in the set now stays in it. */
  keep(): void {
    this.#kept = this.offsets.slice(0, this.count * WORDS);
    this.#keptLength = this.length;
  }

  /** Takes all labels out. */
  reset(): void {
    this.length = this.count = 0;
    this.keep();
  }

  /** Adds the label whose name and value lie in bytes[nameStart, nameEnd) and bytes[valueStart, valueEnd). */
  add(bytes: Uint8Array, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.#reserve(nameEnd - nameStart + valueEnd - valueStart);
    const middle = copy(bytes, nameStart, nameEnd, this.bytes, at);
    this.#push(at, middle, copy(bytes, valueStart, valueEnd, this.bytes, middle));
  }

  /** Adds the metric's name. */
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

  /** Orders the labels by name, in byte order, and leaves out empty ones; false where two have the same name. */
  sort(): boolean {
    if (!this.#order()) return false;
    const { offsets } = this;
    let to = 0;
    for (let from = 0; from < this.count * WORDS; from += WORDS) {
      if (offsets[from + 2] === offsets[from + 3]) continue;
      if (to !== from) offsets.copyWithin(to, from, from + WORDS);
      to += WORDS;
    }
    this.count = to / WORDS;
    return true;
  }

  #order(): boolean {
    const { offsets, count } = this;
    for (let i = 1; i < count; i++) {
      const from = i * WORDS;
      let to = from;
      for (; to > 0; to -= WORDS) {
        const order = this.#compareNames(to - WORDS, from);
        if (order === 0) return false;
        if (order < 0) break;
      }
      if (to === from) continue;
      const [a, b, c, d] = [offsets[from]!, offsets[from + 1]!, offsets[from + 2]!, offsets[from + 3]!];
      offsets.copyWithin(to + WORDS, to, from);
      offsets[to] = a;
      offsets[to + 1] = b;
      offsets[to + 2] = c;
      offsets[to + 3] = d;
    }
    return true;
  }

  /** The same as strings; sort() has answered true. */
  toLabels(): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < this.count * WORDS; i += 2) {
      pairs.push(decoder.decode(this.bytes.subarray(this.offsets[i], this.offsets[i + 1])));
    }
    return Labels.fromSortedPairs(pairs);
  }

  /** By their offsets. */
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

  /** Makes room for so many bytes; returns where they begin. */
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

/** Copies bytes[from, to) to into[at…]; returns where they end there. */
function copy(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  // One by one: names and values are short, and a view costs more.
  for (let i = from; i < to; i++) into[at++] = bytes[i]!;
  return at;
}
