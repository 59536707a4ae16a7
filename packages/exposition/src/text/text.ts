import { parseDigits } from "@narthex/bytes";
import { fitsInt64, isUtf8Range, quoteBytes, textOf, unescapeHelp } from "../byte-text.ts";
import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  ENTRY_TYPE,
  type EntryKind,
  type ExposedExemplar,
  type SeriesPredictor,
} from "../entries.ts";
import type { MetricType } from "../family.ts";
import type { ExpositionError } from "../problem.ts";
import { endOfCommentWord } from "./comment-word.ts";
import { BRACE_OPEN, isBlank, type LineFeatures, LineReader, NEWLINE, NUL } from "./line-reader.ts";

const HASH = 0x23;

const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["summary", "summary"],
  ["untyped", "unknown"],
]);

/**
 * Maximum number of lines without an entry that are skipped before next() returns ENTRY_NOTHING. In a longer line, each
 * 4096 bytes count as one line.
 */
const MAX_SKIPPED_LINES = 4096;

const NO_EXEMPLARS: readonly ExposedExemplar[] = [];

/** Reads the Prometheus text formats 0.0.4 and 1.0.0. */
export class TextReader extends LineReader {
  comments = 0;

  constructor(bytes: Uint8Array, predictor?: SeriesPredictor, features?: LineFeatures) {
    super(bytes, { lenient: true }, predictor, features);
  }

  protected read(): EntryKind {
    for (let left = MAX_SKIPPED_LINES; left > 0; left -= 1 + (this.at - this.start) / 4096) {
      if (this.at > this.end) return ENTRY_END;
      this.start = this.at;
      this.checkLine();
      this.#skipBlanks();
      if (this.at >= this.end) return ENTRY_END;
      if (this.bytes[this.at] === NUL) return this.#endAtNul();
      const first = this.bytes[this.at]!;
      if (first === NEWLINE) this.at++;
      else if (first === HASH) {
        const kind = this.#comment();
        if (kind !== undefined) return kind;
      } else return this.#sample();
    }
    return ENTRY_NOTHING;
  }

  exemplars(): readonly ExposedExemplar[] {
    return NO_EXEMPLARS;
  }

  text(): string {
    return unescapeHelp(textOf(this.bytes, this.textStart, this.textEnd));
  }

  #sample(): EntryKind {
    this.at = this.start;
    if (!this.takeSeries()) throw this.unexpected("expected a valid start token", this.at, "INVALID");
    this.#skipBlanks();
    const from = this.at;
    this.#skipValue();
    if (this.at === from) {
      const brace = this.byte(from) === BRACE_OPEN;
      throw this.unexpected("expected value after metric", from, brace ? "BOPEN" : "INVALID", brace ? from + 1 : from);
    }
    this.value = this.number(from, this.at);
    this.#skipBlanks();
    this.timestamp = this.byte(this.at) === NEWLINE ? NaN : this.#timestamp();
    this.lineEnd = ++this.at;
    return ENTRY_SERIES;
  }

  /** Ends the exposition at a NUL. Further calls also return ENTRY_END. */
  #endAtNul(): EntryKind {
    this.at = this.end;
    this.ended = true;
    return ENTRY_END;
  }

  #skipValue(): void {
    const { bytes, end } = this;
    let { at } = this;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (isBlank(byte) || byte === NEWLINE || byte === BRACE_OPEN || byte === NUL) break;
    }
    this.at = at;
  }

  protected afterSeries(): number {
    this.#skipBlanks();
    if (this.byte(this.at) === BRACE_OPEN) return this.at + 1;
    this.#skipValue();
    return this.at;
  }

  #timestamp(): number {
    const from = this.at;
    while (this.at < this.end && (this.bytes[this.at]! - 0x30) >>> 0 <= 9) this.at++;
    if (this.at === from) throw this.unexpected("expected timestamp or new record", from, "INVALID");
    const time = parseDigits(this.bytes, from, this.at);
    const digits = textOf(this.bytes, from, this.at);
    if (time < 0 && !fitsInt64(digits)) {
      const problem = `strconv.ParseInt: parsing "${digits}": value out of range`;
      throw this.problem(`${problem} while parsing: ${quoteBytes(this.bytes, this.start, this.at)}`);
    }
    this.#skipBlanks();
    if (this.byte(this.at) !== NEWLINE) {
      let to = this.at;
      while (to < this.end && (this.bytes[to]! - 0x30) >>> 0 <= 9) to++;
      const token = to > this.at ? "TIMESTAMP" : "INVALID";
      throw this.unexpected("expected next entry after timestamp", this.at, token, to);
    }
    return time < 0 ? Number(digits) : time;
  }

  /**
   * Reads a comment from its `#` on. HELP and TYPE comments are entries, and other comments are skipped. A NUL in the
   * comment may end the exposition.
   */
  #comment(): EntryKind | undefined {
    const { bytes } = this;
    let at = this.at + 1;
    while (isBlank(this.byte(at))) at++;
    const spaced = at > this.at + 1;
    const endOfHelp = spaced ? endOfWord(bytes, at, this.end, "HELP") : -1;
    const help = endOfHelp >= 0;
    const endOfType = spaced && !help ? endOfWord(bytes, at, this.end, "TYPE") : -1;
    if (!help && endOfType < 0) {
      this.comments++;
      const from = this.at;
      this.#skipLine();
      const ends = spaced ? bytes[at] === NUL : bytes.subarray(from, this.at).includes(NUL);
      if (!ends) return undefined;
      return this.#endAtNul();
    }
    this.metadataStart = at;
    this.at = help ? endOfHelp : endOfType;
    while (isBlank(this.byte(this.at)) || this.byte(this.at) === NUL) this.at++;
    if (!this.takeFamilyName()) {
      throw this.unexpected(
        `expected metric name after ${help ? "HELP" : "TYPE"}`,
        this.at,
        "INVALID",
        this.nameBroken(),
      );
    }
    if (this.byte(this.at) === NUL) throw this.#nulAfterName(help);
    // Exactly one byte of any value separates the name from the text.
    this.textStart = Math.min(this.at + 1, this.end);
    if (this.byte(this.at) === NEWLINE) this.textStart = this.at;
    this.#skipLine();
    this.textEnd = Math.max(this.textStart, this.at - 1);
    if (this.textEnd > this.end) this.textEnd = this.end;
    this.metadataEnd = this.textEnd;
    return help ? this.#help() : this.#type();
  }

  /**
   * Returns the error for a NUL after the name in a HELP or TYPE comment. The NUL means that the text is empty and the
   * exposition ends, but an exposition must not end within a comment.
   */
  #nulAfterName(help: boolean): ExpositionError {
    if (!help) return this.problem('invalid metric type ""');
    return this.unexpected("linebreak expected after metadata", this.at, "EOF", this.at + 1);
  }

  #help(): EntryKind {
    if (!isUtf8Range(this.bytes, this.textStart, this.textEnd)) {
      throw this.problem(
        `help text ${quoteBytes(this.bytes, this.textStart, this.textEnd)} is not a valid utf8 string`,
      );
    }
    return ENTRY_HELP;
  }

  #type(): EntryKind {
    const type = TYPES.get(textOf(this.bytes, this.textStart, this.textEnd));
    if (type === undefined) {
      throw this.problem(`invalid metric type ${quoteBytes(this.bytes, this.textStart, this.textEnd)}`);
    }
    this.type = type;
    this.typeAt = this.metadataStart;
    return ENTRY_TYPE;
  }

  /** Moves to the start of the next line. */
  #skipLine(): void {
    const newline = this.bytes.indexOf(NEWLINE, this.at);
    this.at = newline < 0 ? this.end + 1 : newline + 1;
  }

  #skipBlanks(): void {
    while (this.at < this.end && isBlank(this.bytes[this.at]!)) this.at++;
  }
}

/**
 * Returns the position after a keyword of a comment and the blank that follows it, or -1 if the comment has another
 * word at `from`.
 */
function endOfWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  let at = endOfCommentWord(bytes, from, end, word);
  if (at < 0) return -1;
  while (at < end && bytes[at] === NUL) at++;
  return at < end && isBlank(bytes[at]!) ? at + 1 : -1;
}
