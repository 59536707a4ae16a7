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

/** Bytes of a piece of the text. A piece is copied in less than a millisecond. */
const PIECE_BYTES = 256 * 1024;

/** The text between the values, in pieces, because a single growing buffer would be copied in one step. */
class BlankText {
  readonly #pieces: Buffer[] = [];
  #last = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #used = 0;
  length = 0;

  add(text: string): void {
    // Checks the space for the text, of which each UTF-16 unit has at most three bytes in UTF-8.
    if (this.#used + 3 * text.length > this.#last.length) {
      this.#pieces.push(this.#last.subarray(0, this.#used));
      this.#last = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, 3 * text.length));
      this.#used = 0;
    }
    const count = this.#last.write(text, this.#used);
    this.#used += count;
    this.length += count;
  }

  *copying(to: Buffer): Steps<void> {
    let at = 0;
    for (const piece of [...this.#pieces, this.#last.subarray(0, this.#used)]) {
      yield;
      at += piece.copy(to, at);
    }
  }
}

/**
 * Writes pages in the text format that contain the same series with new values. The text between the values is created
 * only once, and unchanged text is copied in long pieces.
 */
export class TextPage {
  /** The families, until the first page is written. */
  #families: Iterable<MetricFamily> | undefined;
  /** For each line, the index of the column that contains its value. */
  #columns = new Uint32Array(0);
  /** Last written value and time of each line. */
  #values = new Float64Array(0);
  #times = new Float64Array(0);
  /** The last written time and its text with the space before it. Most lines of a page have the same time. */
  #lastTime = Number.NaN;
  #lastTimeText = Buffer.alloc(0);
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
   * Returns a page with these values. The text is valid until the next call.
   * @param times ms since 1970 by column, NaN for lines without a time; omitted if no line has a time
   */
  write(values: Float64Array, times?: Float64Array): Buffer {
    return runToEnd(this.writing(values, times));
  }

  /**
   * Writes a page like write(), but yields to other work between steps. write() must not be called before it has ended.
   */
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
    const sorted = sortedByName(families).filter(({ samples }) => samples.length > 0);
    const lines = sorted.reduce((sum, { samples }) => sum + samples.length, 0);
    const columns = new Uint32Array(lines);
    const starts = new Uint32Array(lines);
    const blank = new BlankText();
    let text = "";
    let line = 0;
    for (const family of sorted) {
      text += familyHead(family);
      for (const sample of family.samples) {
        blank.add(`${text}${seriesText(family.name + sample.suffix, sample.labels)} `);
        columns[line] = sample.value;
        starts[line] = blank.length;
        text = "\n";
        if (++line % LINES_A_STEP === 0) yield;
      }
    }
    blank.add(text);
    this.#columns = columns;
    this.#starts = starts;
    this.#ends = starts.slice();
    this.#values = new Float64Array(lines);
    this.#times = new Float64Array(lines).fill(Number.NaN);
    this.#length = blank.length;
    const capacity = blank.length + lines * (MAX_VALUE_BYTES + MAX_TIME_BYTES);
    // Does not fill the memory, because filling tens of megabytes takes long. The text covers all bytes that are read.
    this.#body = Buffer.allocUnsafeSlow(capacity);
    this.#spare = Buffer.allocUnsafeSlow(capacity);
    yield* blank.copying(this.#body);
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
    if (time !== time) return at;
    if (time !== this.#lastTime) {
      this.#lastTime = time;
      this.#lastTimeText = Buffer.from(` ${time}`);
    }
    return at + this.#lastTimeText.copy(to, at);
  }
}
