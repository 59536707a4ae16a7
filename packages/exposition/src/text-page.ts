import type { MetricFamily } from "./family.ts";
import { MAX_VALUE_BYTES, writeValue } from "./value-bytes.ts";
import { familyHead, seriesText, sortedByName } from "./write-text.ts";

/** A space and the largest number of milliseconds that is exact. */
const MAX_TIME_BYTES = 18;

/**
 * The text of the same series, written again and again with other values: what stands between the values is laid out
 * once, and what did not change since the last time is copied in long pieces.
 */
export class TextPage {
  /** By line: where its value stands in the columns. */
  readonly #columns: Uint32Array;
  /** By line: the value and the time written last. */
  readonly #values: Float64Array;
  readonly #times: Float64Array;
  /** By line: where the value (with its time) stands in the body. */
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #body: Buffer;
  #spare: Buffer;
  #length: number;
  #isBlank = true;

  /** @param families every sample's `value` is the number of its column; families are sorted by name as `writeText` does */
  constructor(families: Iterable<MetricFamily>) {
    const columns: number[] = [];
    const places: number[] = [];
    let text = "";
    const pieces: Buffer[] = [];
    let length = 0;
    for (const family of sortedByName(families)) {
      if (family.samples.length === 0) continue;
      text += familyHead(family);
      for (const sample of family.samples) {
        const piece = Buffer.from(`${text}${seriesText(family.name + sample.suffix, sample.labels)} `);
        pieces.push(piece);
        length += piece.length;
        columns.push(sample.value);
        places.push(length);
        text = "\n";
      }
    }
    if (text !== "") pieces.push(Buffer.from(text));
    this.#columns = Uint32Array.from(columns);
    this.#starts = Uint32Array.from(places);
    this.#ends = Uint32Array.from(places);
    this.#values = new Float64Array(columns.length);
    this.#times = new Float64Array(columns.length).fill(Number.NaN);
    const blank = Buffer.concat(pieces);
    this.#length = blank.length;
    const capacity = blank.length + columns.length * (MAX_VALUE_BYTES + MAX_TIME_BYTES);
    this.#body = Buffer.alloc(capacity);
    this.#spare = Buffer.alloc(capacity);
    blank.copy(this.#body);
  }

  /**
   * The text with these values, good until the next call.
   *
   * @param times ms by column, NaN for lines without; left out where no line has any
   */
  write(values: Float64Array, times?: Float64Array): Buffer {
    const from = this.#body;
    const to = this.#spare;
    const columns = this.#columns;
    const starts = this.#starts;
    const ends = this.#ends;
    const before = this.#values;
    const isBlank = this.#isBlank;
    // from[copied…] goes to to[at…].
    let copied = 0;
    let at = 0;
    for (let line = 0; line < columns.length; line++) {
      const column = columns[line]!;
      const value = values[column]!;
      const start = starts[line]!;
      const end = ends[line]!;
      const known = before[line]!;
      const isSame = value === known || (value !== value && known !== known);
      if (isSame && !isBlank && (times === undefined || !this.#moves(line, times[column]!))) {
        starts[line] = start + at - copied;
        ends[line] = end + at - copied;
        continue;
      }
      from.copy(to, at, copied, start);
      at += start - copied;
      copied = end;
      starts[line] = at;
      before[line] = value;
      at = writeValue(to, at, value);
      if (times !== undefined) at = this.#writeTime(to, at, line, times[column]!);
      ends[line] = at;
    }
    from.copy(to, at, copied, this.#length);
    this.#length += at - copied;
    this.#body = to;
    this.#spare = from;
    this.#isBlank = false;
    return to.subarray(0, this.#length);
  }

  #moves(line: number, time: number): boolean {
    const known = this.#times[line]!;
    return time !== known && (time === time || known === known);
  }

  #writeTime(to: Buffer, at: number, line: number, time: number): number {
    this.#times[line] = time;
    return time === time ? at + to.write(` ${time}`, at, "latin1") : at;
  }
}
