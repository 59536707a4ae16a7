import { METRIC_NAME } from "@narthex/model";
import { isUtf8Range, shownText, textOf } from "../byte-text.ts";
import { ExpositionError } from "../problem.ts";

const encoder = new TextEncoder();

/** Bytes that mark the end of names and of values. These bytes do not occur in UTF-8. */
const END_OF_NAME = 0xff;
const END_OF_VALUE = 0xfe;

/**
 * Builds the bytes that identify a series in a protobuf exposition: the metric's name, then label names and values,
 * each followed by an end mark.
 */
export class SeriesKey {
  bytes: Uint8Array = new Uint8Array(512);
  #at = 0;

  begin(source: Uint8Array, nameStart: number, nameEnd: number, suffix: string): void {
    this.#at = 0;
    this.#copy(source, nameStart, nameEnd);
    if (suffix !== "") this.#put(encoder.encode(suffix));
    this.#mark(END_OF_VALUE);
  }

  /**
   * Adds labels of a message. Each label has four numbers in `ranges`: name start, name end, value start, value end.
   */
  addLabels(source: Uint8Array, ranges: readonly number[], offset: number): void {
    for (let i = 0; i < ranges.length; i += 4) {
      const [nameStart, nameEnd, start, end] = [ranges[i]!, ranges[i + 1]!, ranges[i + 2]!, ranges[i + 3]!];
      // Accepts a label without a name field, which has the name range 0 to 0. Such a label is refused later if it has
      // a value.
      if ((nameStart === nameEnd && nameStart > 0) || !isUtf8Range(source, nameStart, nameEnd)) {
        throw new ExpositionError(`invalid label name: ${shownText(source, nameStart, nameEnd)}`, offset);
      }
      if (!isUtf8Range(source, start, end)) {
        throw new ExpositionError(`invalid label value: ${shownText(source, start, end)}`, offset);
      }
      this.#copy(source, nameStart, nameEnd);
      this.#mark(END_OF_NAME);
      this.#copy(source, start, end);
      this.#mark(END_OF_VALUE);
    }
  }

  addText(name: string, value: string): void {
    this.#put(encoder.encode(name));
    this.#mark(END_OF_NAME);
    this.#put(encoder.encode(value));
    this.#mark(END_OF_VALUE);
  }

  end(): number {
    return this.#at;
  }

  /** Returns the labels of the series as name, value, name, value … with `__name__` first. */
  labels(): string[] {
    const out: string[] = [METRIC_NAME];
    let from = 0;
    for (let at = 0; at < this.#at; at++) {
      const byte = this.bytes[at]!;
      if (byte !== END_OF_NAME && byte !== END_OF_VALUE) continue;
      out.push(textOf(this.bytes, from, at));
      from = at + 1;
    }
    return out;
  }

  #copy(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.#at);
    this.#at += end - start;
  }

  #put(bytes: Uint8Array): void {
    this.#copy(bytes, 0, bytes.length);
  }

  #mark(byte: number): void {
    this.#reserve(1);
    this.bytes[this.#at++] = byte;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#at + count, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
