import { runToEnd, type Steps } from "@narthex/runtime";
import type { MetricFamily } from "../family.ts";
import { MAX_VALUE_BYTES, writeValue } from "./value-bytes.ts";
import { familyHead, seriesText, sortedByName } from "./write-text.ts";

/** Number of lines that are prepared or written before the task yields to other work. */
const LINES_A_STEP = 1024;
/** Maximum number of bytes of a timestamp with the space before it, for the largest exact number of milliseconds. */
const MAX_TIME_BYTES = 18;

/**
 * State of an unfinished copy. The bytes of `from` at and after `copied` must still be copied to position `at` of `to`.
 */
interface CopyState {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly values: Float64Array;
  readonly times: Float64Array | undefined;
  copied: number;
  at: number;
}

/**
 * Writes the same series repeatedly with other values, in the text format. The text between the values is created only
 * once, and unchanged text is copied in long pieces.
 */
export class TextPage {
  /** The families, until the first page is written. */
  #families: Iterable<MetricFamily> | undefined;
  /** For each line, the index of the column that contains its value. */
  #columns = new Uint32Array(0);
  /** Last written value and time of each line. */
  #values = new Float64Array(0);
  #times = new Float64Array(0);
  /** For each line, the start and end of its value and timestamp within the text. */
  #starts = new Uint32Array(0);
  #ends = new Uint32Array(0);
  #body: Buffer = Buffer.alloc(0);
  #spare: Buffer = Buffer.alloc(0);
  #length = 0;
  #isBlank = true;

  /** @param families families sorted by name as in `writeText`; the `value` of a sample is the number of its column */
  constructor(families: Iterable<MetricFamily>) {
    this.#families = families;
  }

  /**
   * Returns the text with these values. The text is valid until the next call.
   * @param times ms since 1970 by column, NaN for lines without a time; omitted if no line has a time
   */
  write(values: Float64Array, times?: Float64Array): Buffer {
    return runToEnd(this.writing(values, times));
  }

  /** Does the work of write(), but yields to other work between steps. write() must not be called meanwhile. */
  *writing(values: Float64Array, times?: Float64Array): Steps<Buffer> {
    if (this.#families !== undefined) yield* this.#layOut(this.#families);
    this.#families = undefined;
    const copying: CopyState = { from: this.#body, to: this.#spare, values, times, copied: 0, at: 0 };
    const lines = this.#columns.length;
    for (let line = 0; line < lines; line += LINES_A_STEP) {
      if (line > 0) yield;
      this.#writeLines(copying, line, Math.min(line + LINES_A_STEP, lines));
    }
    const { from, to, copied, at } = copying;
    from.copy(to, at, copied, this.#length);
    this.#length += at - copied;
    this.#body = to;
    this.#spare = from;
    this.#isBlank = false;
    return to.subarray(0, this.#length);
  }

  get bytes(): number {
    return this.#body.length + this.#spare.length;
  }

  *#layOut(families: Iterable<MetricFamily>): Steps<void> {
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
        if (columns.length % LINES_A_STEP === 0) yield;
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

  #writeLines(copying: CopyState, first: number, last: number): void {
    const { from, to, values, times } = copying;
    const columns = this.#columns;
    const starts = this.#starts;
    const ends = this.#ends;
    const before = this.#values;
    const isBlank = this.#isBlank;
    let { copied, at } = copying;
    for (let line = first; line < last; line++) {
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
    copying.copied = copied;
    copying.at = at;
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
