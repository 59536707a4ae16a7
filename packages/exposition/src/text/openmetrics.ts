import { isUtf8Range, quoteBytes, textOf, unescapeValue } from "../byte-text.ts";
import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_SERIES,
  ENTRY_TYPE,
  ENTRY_UNIT,
  type EntryKind,
  type ExposedExemplar,
  type SeriesPredictor,
} from "../entries.ts";
import type { MetricType } from "../family.ts";
import { endOfCommentWord } from "./comment-word.ts";
import { BRACE_CLOSE, BRACE_OPEN, type LineFeatures, LineReader, NEWLINE, NUL, QUOTE, SPACE } from "./line-reader.ts";
import { ExpositionError } from "../problem.ts";

const HASH = 0x23;
const NO_EXEMPLARS: readonly ExposedExemplar[] = [];

const TYPES: ReadonlySet<string> = new Set<MetricType>([
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
]);

const INT64_LIMIT = 2 ** 63;

const END_OF_FILE = "EOF";
const KEYWORDS = ["HELP ", "TYPE ", "UNIT ", END_OF_FILE] as const;

/** Reads OpenMetrics text 1.0.0 and 0.0.1. */
export class OpenMetricsReader extends LineReader {
  #exemplar = false;
  #exemplarOffsets: number[] = [];
  #exemplarValue = 0;
  #exemplarTime: number | undefined;
  /** Whether the line of the last sample has invalid text at its end. */
  #astray = false;

  constructor(bytes: Uint8Array, predictor?: SeriesPredictor, features?: LineFeatures) {
    super(bytes, { lenient: false }, predictor, features);
  }

  protected read(): EntryKind {
    this.start = this.at;
    if (this.at >= this.end) throw noEnd();
    this.checkLine();
    if (this.#astray) throw this.#stray();
    return this.bytes[this.at] === HASH ? this.#metadata() : this.#sample();
  }

  protected override rewind(): void {
    super.rewind();
    this.#astray = false;
  }

  text(): string {
    return unescapeValue(textOf(this.bytes, this.textStart, this.textEnd));
  }

  exemplars(): readonly ExposedExemplar[] {
    if (!this.#exemplar) return NO_EXEMPLARS;
    const labels: string[] = [];
    this.appendLabels(labels, this.#exemplarOffsets);
    return [{ labels, value: this.#exemplarValue, timestamp: this.#exemplarTime }];
  }

  #sample(): EntryKind {
    if (!this.takeSeries()) throw this.unexpected("expected a valid start token", this.at, "INVALID");
    this.#exemplar = false;
    this.value = this.#metricValue();
    this.timestamp = NaN;
    if (this.#atExemplar()) this.#takeExemplar();
    else if (this.#timeEnd(this.at) > this.at) {
      this.timestamp = this.#time("timestamp");
      if (this.#atExemplar()) this.#takeExemplar();
      else this.#expectNewline("expected next entry after timestamp");
    } else if (this.at >= this.end) throw noEnd();
    else if (this.bytes[this.at] !== NEWLINE) return this.#goAstray();
    this.lineEnd = ++this.at;
    return ENTRY_SERIES;
  }

  /**
   * Returns a sample although invalid text follows its value, as in Prometheus. The next call of next() reports the
   * invalid text.
   */
  #goAstray(): EntryKind {
    this.#astray = true;
    this.at += this.#isBareHash(this.at) ? 3 : this.bytes[this.at] === SPACE ? 1 : 0;
    this.lineEnd = -1;
    return ENTRY_SERIES;
  }

  #stray(): ExpositionError {
    const from = this.at;
    const [token, to] = this.#restToken(from, "LINEBREAK");
    return this.unexpected("expected a valid start token", from, token, to);
  }

  /** Reports whether ` # ` follows, which can only begin an exemplar. */
  #isBareHash(from: number): boolean {
    return this.byte(from) === SPACE && this.byte(from + 1) === HASH && this.byte(from + 2) === SPACE;
  }

  /** Returns the end of a timestamp after one space, or `from` if there is no timestamp. */
  #timeEnd(from: number): number {
    return this.#isBareHash(from) ? from : this.tokenEnd(from);
  }

  protected afterSeries(): number {
    const { at } = this;
    const to = this.tokenEnd(at);
    if (to > at) return to;
    return this.byte(at) === SPACE || this.byte(at) === BRACE_OPEN ? at + 1 : at;
  }

  #expectNewline(expected: string, timeEnd?: number): void {
    if (this.at < this.end && this.bytes[this.at] === NEWLINE) return;
    const [token, to] = this.#restToken(this.at, "INVALID", timeEnd);
    throw this.unexpected(expected, this.at, token, to, this.textStart - 1);
  }

  /**
   * Returns the invalid token at the expected end of the line, for error messages.
   * @param timeEnd end of a time that begins at `from`, or `from` if there is none
   */
  #restToken(from: number, atNewline: string, timeEnd = this.#timeEnd(from)): [token: string, to: number] {
    if (from < this.end && this.bytes[from] === NEWLINE) return [atNewline, from + 1];
    if (timeEnd > from) return ["TIMESTAMP", timeEnd];
    if (!this.#isBareHash(from)) return ["INVALID", this.byte(from) === SPACE ? from + 1 : from];
    return this.byte(from + 3) === BRACE_OPEN ? ["COMMENT", from + 4] : ["INVALID", from + 3];
  }

  #metricValue(): number {
    const { at } = this;
    if (this.byte(at) === BRACE_OPEN) {
      throw this.unexpected("expected value after metric", at, "BOPEN", at + 1);
    }
    return this.#number("metric", this.byte(at - 1) === BRACE_CLOSE ? at - 1 : this.start);
  }

  /**
   * Reads the number after one space. If the body ends before the number, the error message shows the previous token.
   */
  #number(after: string, before: number): number {
    const from = this.at;
    const to = this.tokenEnd(from);
    if (to === from) {
      const blame = this.byte(from) === SPACE ? from + 1 : from;
      throw this.unexpected(`expected value after ${after}`, from, "INVALID", blame, before);
    }
    this.textStart = from + 1;
    this.at = to;
    return this.number(from + 1, to);
  }

  /**
   * Converts a timestamp in seconds to integer ms. As in Go on amd64, a value that does not fit becomes the smallest
   * int64.
   */
  #time(what: string): number {
    const from = this.at;
    this.textStart = from + 1;
    this.at = this.tokenEnd(from);
    const seconds = this.number(from + 1, this.at);
    if (Number.isFinite(seconds)) {
      const ms = Math.trunc(seconds * 1000);
      return Math.abs(ms) < INT64_LIMIT ? ms : -INT64_LIMIT;
    }
    const shown = Number.isNaN(seconds) ? "NaN" : seconds > 0 ? "+Inf" : "-Inf";
    throw this.problem(`invalid ${what} ${shown}`);
  }

  /** Reports whether ` # {` follows. */
  #atExemplar(): boolean {
    return (
      this.byte(this.at) === SPACE &&
      this.byte(this.at + 1) === HASH &&
      this.byte(this.at + 2) === SPACE &&
      this.byte(this.at + 3) === BRACE_OPEN
    );
  }

  #takeExemplar(): void {
    this.at += 4;
    this.#exemplarOffsets = [];
    this.scanLabels(this.#exemplarOffsets, true);
    if (this.byte(this.at) === QUOTE) {
      // Shows a quoted text in the error message as the value of a label, as Prometheus' lexer reads it.
      const [token, to] = this.quotedToken(this.at, "LVALUE");
      throw this.unexpected("expected value after exemplar labels", this.at, token, to);
    }
    this.#exemplarValue = this.#number("exemplar labels", this.at - 1);
    if (this.at >= this.end) throw noEnd();
    this.#exemplarTime = undefined;
    if (this.bytes[this.at] !== NEWLINE) {
      if (this.tokenEnd(this.at) === this.at) this.#expectNewline("expected timestamp or comment");
      this.#exemplarTime = this.#time("exemplar timestamp");
      // A second exemplar is an error, because ` #` after an exemplar is read as the exemplar's timestamp.
      this.#expectNewline("expected next entry after exemplar timestamp", this.tokenEnd(this.at));
    }
    this.#exemplar = true;
  }

  #metadata(): EntryKind {
    const from = this.at + 2;
    const ends = this.byte(from - 1) === SPACE ? KEYWORDS.map((word) => this.#endOfWord(from, word)) : [~(from - 1)];
    const found = ends.findIndex((end) => end >= 0);
    if (found < 0) {
      // Last position up to which the comment matches a keyword.
      const broken = ends.map((end) => ~end).reduce((a, b) => Math.max(a, b), -Infinity);
      throw this.unexpected("expected a valid start token", this.at, "INVALID", broken);
    }
    this.at = ends[found]!;
    while (this.byte(this.at) === NUL) this.at++;
    if (KEYWORDS[found] === END_OF_FILE) return this.#endOfFile();
    const keyword = KEYWORDS[found]!.trimEnd();
    this.metadataStart = from;
    if (!this.takeFamilyName()) {
      throw this.unexpected(`expected metric name after ${keyword}`, this.at, "INVALID", this.nameBroken(), this.start);
    }
    if (this.byte(this.at) !== SPACE) throw this.problem(`expected text in ${keyword}`);
    const newline = this.bytes.indexOf(NEWLINE, this.at);
    if (newline < 0) throw this.problem(`expected text in ${keyword}`);
    this.textStart = this.at + 1;
    this.textEnd = newline;
    this.metadataEnd = newline;
    this.at = newline + 1;
    if (keyword === "TYPE") return this.#type();
    return keyword === "UNIT" ? this.#unit() : this.#help();
  }

  #endOfWord(from: number, word: string): number {
    return endOfCommentWord(this.bytes, from, this.end, word);
  }

  #endOfFile(): EntryKind {
    const after = this.at;
    // Moves the cursor back to the start of the entry, so that further calls return ENTRY_END again.
    this.at = this.start;
    if (after < this.end && !(this.bytes[after] === NEWLINE && after + 1 === this.end)) {
      throw this.problem("unexpected data after # EOF");
    }
    return ENTRY_END;
  }

  #type(): EntryKind {
    const type = textOf(this.bytes, this.textStart, this.textEnd);
    if (!TYPES.has(type)) {
      throw this.problem(`invalid metric type ${quoteBytes(this.bytes, this.textStart, this.textEnd)}`);
    }
    this.type = type as MetricType;
    this.typeAt = this.metadataStart;
    return ENTRY_TYPE;
  }

  #help(): EntryKind {
    if (!isUtf8Range(this.bytes, this.textStart, this.textEnd)) {
      throw this.problem(
        `help text ${quoteBytes(this.bytes, this.textStart, this.textEnd)} is not a valid utf8 string`,
      );
    }
    return ENTRY_HELP;
  }

  #unit(): EntryKind {
    const unit = textOf(this.bytes, this.textStart, this.textEnd);
    const name = textOf(this.bytes, this.nameStart, this.nameEnd);
    if (unit !== "" && !name.endsWith(`_${unit}`)) {
      const [shownUnit, shownName] = [
        quoteBytes(this.bytes, this.textStart, this.textEnd),
        quoteBytes(this.bytes, this.nameStart, this.nameEnd),
      ];
      throw this.problem(`unit ${shownUnit} not a suffix of metric ${shownName}`);
    }
    this.unit = unit;
    return ENTRY_UNIT;
  }
}

const noEnd = (): ExpositionError => new ExpositionError("data does not end with # EOF", 0);
