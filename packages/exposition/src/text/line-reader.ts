import { parseDecimal, utf8Text } from "@narthex/bytes";
import { type FloatHistogram, isDecimal, type LabelBytes, METRIC_NAME, NORMAL_NAN, parseGoFloat } from "@narthex/model";
import { isUtf8Range, MAX_TEXT_BYTES, quoteBytes, textOf, unescapeValue } from "../byte-text.ts";
import {
  ENTRY_END,
  ENTRY_MORE,
  ENTRY_SERIES,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
  type KnownLines,
  type SeriesPredictor,
} from "../entries.ts";
import type { MetricType } from "../family.ts";
import { ExpositionError } from "../problem.ts";
import { normalizedBound, normalizedBoundBytes } from "./bounds.ts";
import { withTypeAndUnit } from "./type-and-unit.ts";

export const NEWLINE = 0x0a;
export const SPACE = 0x20;
const TAB = 0x09;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const EQUAL = 0x3d;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;
const COLON = 0x3a;
export const NUL = 0;

/** Flags of a quoted text that contains special bytes. */
const NEWLINES = 1;
const NULS = 2;
/** Maximum number of bytes of a non-UTF-8 name that an error shows. */
const MAX_SHOWN_NAME = 4096;

const LETTER = 1;
const DIGIT = 2;
/**
 * Character classes by byte: bit 0 is set if the byte may start a name, bit 1 for digits. Only metric names may contain
 * colons.
 */
const CLASS = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") CLASS[char.charCodeAt(0)] = LETTER;
for (const char of "0123456789") CLASS[char.charCodeAt(0)] = DIGIT;

const isMetricByte = (byte: number): boolean => CLASS[byte] !== 0 || byte === COLON;
const startsMetric = (byte: number): boolean => CLASS[byte] === LETTER || byte === COLON;
const startsLabel = (byte: number): boolean => CLASS[byte] === LETTER;

export const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;

/** Labels of histograms and summaries whose values are numbers. */
const LE = "le";
const QUANTILE = "quantile";

/** Differences between the two text formats in the syntax of labels. */
export interface LabelRules {
  /** True to allow blanks between tokens, newlines in values, and pairs without a comma. */
  readonly lenient: boolean;
}

/** Optional features of a reader of lines. */
export interface LineFeatures {
  /** True to add the type and unit of their family to series as labels. */
  readonly typeAndUnitLabels?: boolean;
  /** True if the bytes are the body's first window and more follow. */
  readonly windowed?: boolean;
}

/** Number of readings of bodies and windows since the start, which makes the numbers of readings unique. */
let expositions = 0;

/** Number of bytes after an entry that the reader needs to see to know whether the entry's line is well-formed. */
const LOOKAHEAD = 64;
/** Maximum length of a preamble whose start is reported. Longer preambles are not cached. */
const KEPT_PREAMBLE_BYTES = 32 * 1024;

/**
 * The common parts of both text formats: names, label lists, numbers and the entry's fields. A virtual newline follows
 * the body, which the cursor `at` may pass. A long body is read in windows. An entry is returned only if it ends within
 * the window. If it does not, or if it seems invalid, it is read again from its start after the window was advanced.
 */
export abstract class LineReader implements EntryReader {
  seriesStart = 0;
  seriesEnd = 0;
  predicted = false;
  value = 0;
  timestamp = NaN;
  metadataStart = 0;
  metadataEnd = 0;
  type: MetricType = "unknown";
  preambleStart = 0;
  protected bytes: Uint8Array;
  protected end: number;
  protected at = 0;
  /** True after the end of the exposition, which may come before the end of the bytes, as with `# EOF`. */
  protected ended = false;
  /** Number of bytes of the body before the window. */
  #before = 0;
  /** True if the window ends with the end of the body. */
  #last: boolean;
  /** True if the window has its maximum length and begins with the current entry. */
  #stuck = false;
  /** The complete lines of the window. */
  #lines: Uint8Array;
  /** Position at which the current entry begins. */
  protected start = 0;
  /** Range of the metric's name within `bytes`, or -1 if it was not found yet. */
  protected nameStart = -1;
  protected nameEnd = -1;
  /** For each label: name start, name end, value start, value end. */
  protected offsets: number[] = [];
  protected textStart = 0;
  protected textEnd = 0;
  /** Position up to which line lengths were checked. A line that begins before it ends within the length limit. */
  #checkedTo: number;
  /** Position at which the last invalid quoted text breaks off. */
  #brokenAt = 0;
  /** Flags of the current quoted text. `#escapes` is true if any text of the current series contains a backslash. */
  #bits = 0;
  #escapes = false;
  /** Unit in the last UNIT line. */
  protected unit = "";
  readonly #rules: LabelRules;
  readonly #typeAndUnitLabels: boolean;
  readonly #predictor: SeriesPredictor | undefined;
  #exposition = ++expositions;
  /** Position of the last TYPE line; -1 before the first one. */
  protected typeAt = -1;
  /** Position of the end of the last series' line. */
  protected lineEnd = 0;

  constructor(
    bytes: Uint8Array,
    rules: LabelRules,
    predictor: SeriesPredictor | undefined,
    { typeAndUnitLabels = false, windowed = false }: LineFeatures = {},
  ) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.#last = !windowed;
    this.#lines = wholeLines(bytes, this.#last);
    this.#checkedTo = bytes.length > MAX_TEXT_BYTES ? -1 : bytes.length;
    this.#rules = rules;
    this.#typeAndUnitLabels = typeAndUnitLabels;
    this.#predictor = predictor;
  }

  /** Reads the entry at the cursor as if the body ended with the window. */
  protected abstract read(): EntryKind;
  abstract text(): string;
  abstract exemplars(): readonly ExposedExemplar[];

  next(): EntryKind {
    return this.#last ? this.read() : this.#readWithin();
  }

  get seriesBytes(): Uint8Array {
    return this.bytes;
  }

  get metadataBytes(): Uint8Array {
    return this.bytes;
  }

  get keptFrom(): number {
    return this.at - this.lineEnd <= KEPT_PREAMBLE_BYTES ? Math.max(0, Math.min(this.lineEnd, this.at)) : this.at;
  }

  refill(window: Uint8Array, dropped: number, last: boolean): void {
    this.#stuck = !last && dropped === 0 && window.length === this.end;
    this.bytes = window;
    this.end = window.length;
    this.#last = last;
    this.#lines = wholeLines(window, last);
    this.#exposition = ++expositions;
    this.#checkedTo = window.length > MAX_TEXT_BYTES ? -1 : window.length;
    this.#before += dropped;
    this.at -= dropped;
    this.lineEnd -= dropped;
    this.typeAt -= dropped;
  }

  #readWithin(): EntryKind {
    const { lineEnd, type, typeAt, unit } = this;
    try {
      const kind = this.read();
      if (this.#endsWithin(kind)) return kind;
    } catch (error) {
      if (!(error instanceof ExpositionError) || this.#stuck) throw error;
    }
    if (this.#stuck) throw this.#tooLong();
    this.rewind();
    this.lineEnd = lineEnd;
    this.type = type;
    this.typeAt = typeAt;
    this.unit = unit;
    return ENTRY_MORE;
  }

  #endsWithin(kind: EntryKind): boolean {
    if (kind === ENTRY_END) return this.ended;
    if (this.at > this.end) return false;
    return kind !== ENTRY_SERIES || this.at === this.lineEnd || this.at + LOOKAHEAD <= this.end;
  }

  /** Moves back to the start of the entry. */
  protected rewind(): void {
    this.at = this.start;
  }

  histogram(): FloatHistogram {
    throw new ExpositionError("text formats carry no native histograms", this.start);
  }

  familyName(): string {
    return this.#name(this.nameStart, this.nameEnd);
  }

  get preambleHasType(): boolean {
    return this.typeAt >= this.preambleStart;
  }

  peekKnown(): KnownLines | undefined {
    const { at } = this;
    if (at !== this.lineEnd || at >= this.#lines.length) return undefined;
    return this.#predictor?.matchLines?.(this.#exposition, this.#lines, at, this.#rules.lenient);
  }

  passKnown(count: number): void {
    const { end, type } = this.#predictor!.passLines!(count);
    this.at = end;
    this.lineEnd = end;
    this.preambleStart = end;
    this.type = type ?? this.type;
  }

  labels(): string[] {
    if (this.predicted) this.findLabels();
    const out = [METRIC_NAME, this.familyName()];
    this.appendLabels(out, this.offsets);
    return this.#typeAndUnitLabels ? withTypeAndUnit(out, this.type, this.unit) : out;
  }

  addLabelBytes(into: LabelBytes): boolean {
    if (this.#typeAndUnitLabels) return false;
    if (this.predicted) this.findLabels();
    const { bytes, offsets, nameStart } = this;
    // Only strings represent all labels: blanks before an unquoted name belong to it, and quoted names may have
    // escapes.
    if (!startsMetric(bytes[nameStart]!) || (nameStart > 0 && bytes[nameStart - 1] === QUOTE)) return false;
    into.addName(bytes, nameStart, this.nameEnd);
    const bound = this.type === "histogram" ? LE : this.type === "summary" ? QUANTILE : undefined;
    for (let i = 0; i < offsets.length; i += 4) {
      const [from, to, valueFrom, valueTo] = [offsets[i]!, offsets[i + 1]!, offsets[i + 2]!, offsets[i + 3]!];
      if (bytes[from - 1] === QUOTE || (this.#escapes && hasBackslash(bytes, valueFrom, valueTo))) return false;
      if (bound !== undefined && isWord(bytes, from, to, bound)) {
        into.addWithValue(bytes, from, to, normalizedBoundBytes(bytes, valueFrom, valueTo));
      } else into.add(bytes, from, to, valueFrom, valueTo);
    }
    return true;
  }

  /** Throws if the line at the cursor is longer than MAX_TEXT_BYTES. Must be called for each line. */
  protected checkLine(): void {
    if (this.at <= this.#checkedTo || this.at >= this.end) return;
    const reach = this.at + MAX_TEXT_BYTES;
    this.#checkedTo = reach >= this.end ? this.end : this.bytes.subarray(this.at, reach).lastIndexOf(NEWLINE) + this.at;
    if (this.#checkedTo < this.at) throw this.#tooLong();
  }

  #tooLong(): ExpositionError {
    const shown = quoteBytes(this.bytes, this.start, this.at + MAX_TEXT_BYTES);
    return this.problem(`line longer than ${MAX_TEXT_BYTES} bytes while parsing: ${shown}`);
  }

  /** Returns the byte at `index`, or a newline at the end of the body. */
  protected byte(index: number): number {
    return index < this.end ? this.bytes[index]! : NEWLINE;
  }

  protected appendLabels(out: string[], offsets: readonly number[]): void {
    for (let i = 0; i < offsets.length; i += 4) {
      const name = this.#name(offsets[i]!, offsets[i + 1]!);
      const value = unescapeValue(textOf(this.bytes, offsets[i + 2]!, offsets[i + 3]!));
      out.push(name, this.#normalized(name, value));
    }
  }

  /**
   * Decodes a name. Bytes that are not UTF-8 become lone surrogates, which the later check of names refuses, unlike the
   * replacement character U+FFFD.
   */
  #name(from: number, to: number): string {
    const text = textOf(this.bytes, from, to);
    if (!text.includes("\ufffd") || isUtf8Range(this.bytes, from, to)) return unescapeValue(text);
    const shown = utf8Text(this.bytes.subarray(from, Math.min(to, from + MAX_SHOWN_NAME)));
    return to - from > MAX_SHOWN_NAME ? `${shown}\udcff` : unescapeValue(shown);
  }

  /** Returns a label's value, with `le` of histograms and `quantile` of summaries in OpenMetrics' number format. */
  #normalized(name: string, value: string): string {
    const bound = (this.type === "histogram" && name === LE) || (this.type === "summary" && name === QUANTILE);
    return bound ? normalizedBound(value) : value;
  }

  /**
   * Reads `name`, `name{…}` or `{"name",…}` at the cursor, by prediction or by scanning. Returns false for other text.
   */
  protected takeSeries(): boolean {
    this.seriesStart = this.at;
    this.preambleStart = this.lineEnd;
    if (this.#predictor !== undefined && this.#takePredicted(this.#predictor)) return true;
    this.predicted = false;
    return this.#scanSeries();
  }

  #takePredicted(predictor: SeriesPredictor): boolean {
    const length = predictor.predict(this.bytes, this.at);
    if (length < 0) return false;
    const end = this.at + length;
    if (this.byte(end - 1) !== BRACE_CLOSE) {
      if (!isBlank(this.byte(end))) return false;
      let after = end;
      while (isBlank(this.byte(after))) after++;
      if (this.byte(after) === BRACE_OPEN) return false;
    }
    this.at = end;
    this.seriesEnd = end;
    this.predicted = true;
    return true;
  }

  /** Finds the labels of a predicted series. Called only when they are needed. */
  protected findLabels(): void {
    const { at } = this;
    this.at = this.seriesStart;
    this.#scanSeries();
    this.at = at;
  }

  #scanSeries(): boolean {
    this.offsets.length = 0;
    this.nameStart = -1;
    this.#escapes = false;
    const begin = this.at;
    this.#skipBlanks();
    const first = this.byte(this.at);
    if (startsMetric(first)) {
      // As in Prometheus, blanks before an unquoted name are part of it.
      this.nameStart = begin;
      this.skipName();
      this.nameEnd = this.at;
      this.seriesEnd = this.at;
      let after = this.at;
      if (this.#rules.lenient) while (isBlank(this.byte(after))) after++;
      if (this.byte(after) !== BRACE_OPEN) return true;
      this.at = after;
    } else if (first !== BRACE_OPEN) return false;
    this.at++;
    this.scanLabels(this.offsets, false);
    this.seriesEnd = this.at;
    if (this.nameStart < 0) {
      const to = Math.min(this.afterSeries(), this.end);
      throw this.problem(`metric name not set while parsing: ${quoteBytes(this.bytes, this.start, to)}`);
    }
    return true;
  }

  /** Returns the position after the token that follows the series, for an error message. */
  protected abstract afterSeries(): number;

  protected skipName(): void {
    while (this.at < this.end && isMetricByte(this.bytes[this.at]!)) this.at++;
  }

  /** Reads the unquoted or quoted metric name of a metadata line. Returns false for a line without a name. */
  protected takeFamilyName(): boolean {
    const first = this.byte(this.at);
    const from = this.at;
    if (startsMetric(first)) {
      this.skipName();
      this.nameStart = from;
      this.nameEnd = this.at;
      return true;
    }
    if (first !== QUOTE || !this.#skipQuoted(NEWLINES)) return false;
    this.nameStart = from + 1;
    this.nameEnd = this.at - 1;
    return true;
  }

  /** Returns the end of the token at the cursor that takeFamilyName() has refused. */
  protected nameBroken(): number {
    return this.byte(this.at) === QUOTE ? this.#brokenAt : this.at;
  }

  /** Reads labels from the byte after `{` to the byte after `}`. */
  protected scanLabels(offsets: number[], exemplar: boolean): void {
    const { lenient } = this.#rules;
    const begin = this.at;
    const allowed = exemplar ? 0 : NEWLINES;
    for (;;) {
      this.#skipBlanks();
      const from = this.at;
      // Shows the whole ` # {` as the token before an exemplar's labels in errors.
      const before = exemplar && from === begin ? from - 4 : from - 1;
      const first = this.byte(from);
      if (first === BRACE_CLOSE) {
        this.at++;
        return;
      }
      const quoted = first === QUOTE;
      if (quoted) {
        if (!this.#skipQuoted(allowed)) throw this.#unexpectedLabel("expected label name", from, allowed, before);
      } else if (startsLabel(first)) this.#skipLabelName();
      else throw this.#unexpectedLabel("expected label name", from, allowed, before);
      const to = this.at;
      this.#skipBlanks();
      const sign = this.byte(this.at);
      const ends = sign === COMMA || sign === BRACE_CLOSE;
      if (ends && exemplar) throw this.#unexpectedLabel("expected label name", this.at, allowed);
      if (ends && (quoted || this.nameStart >= 0)) {
        this.#takeQuotedName(from + 1, to - 1);
        this.at++;
        if (sign === BRACE_CLOSE) return;
        continue;
      }
      if (sign !== EQUAL) throw this.#unexpectedLabel("expected equal", this.at, allowed, from);
      this.at++;
      offsets.push(quoted ? from + 1 : from, quoted ? to - 1 : to);
      const valueAt = this.#scanValue(offsets, exemplar);
      this.#skipBlanks();
      const after = this.byte(this.at);
      if (after === COMMA) this.at++;
      else if (!lenient && after !== BRACE_CLOSE) {
        throw this.#unexpectedLabel("expected comma or brace close", this.at, allowed, valueAt);
      }
    }
  }

  #takeQuotedName(start: number, end: number): void {
    if (this.nameStart >= 0) {
      throw this.problem(`metric name already set while parsing: ${quoteBytes(this.bytes, this.start, this.at + 1)}`);
    }
    this.nameStart = start;
    this.nameEnd = end;
  }

  /** Reads the value of a label. Returns the position of the value's opening quote. */
  #scanValue(offsets: number[], exemplar: boolean): number {
    this.#skipBlanks();
    const from = this.at;
    if (this.byte(from) !== QUOTE) {
      // As in Prometheus' lexer, a word after a space is the value of an exemplar's label.
      const to = exemplar ? this.tokenEnd(from) : from;
      if (to > from) throw this.unexpected("expected label value", from, "VALUE", to, from - 1);
      const blame = exemplar && this.byte(from) === SPACE ? from + 1 : from;
      throw this.unexpected("expected label value", from, "INVALID", blame, from - 1);
    }
    const allowed = (this.#rules.lenient ? NEWLINES : 0) | (exemplar ? 0 : NULS);
    if (!this.#skipQuoted(allowed)) throw this.unexpected("expected label value", from, "INVALID", this.#brokenAt);
    if (this.#bits >= 0x80 && !isUtf8Range(this.bytes, from, this.at)) {
      throw this.problem(`invalid UTF-8 label value: ${quoteBytes(this.bytes, from, this.at)}`);
    }
    offsets.push(from + 1, this.at - 1);
    // Skips NULs after the value, because Prometheus skips NULs at any position.
    if (!exemplar) while (this.bytes[this.at] === NUL) this.at++;
    return from;
  }

  /** Returns the end of the token after one space at `from`. Returns `from` if no token follows. */
  protected tokenEnd(from: number): number {
    if (this.byte(from) !== SPACE) return from;
    let to = from + 1;
    for (; to < this.end; to++) {
      const byte = this.bytes[to]!;
      if (byte === SPACE || byte === NEWLINE || byte === NUL) break;
    }
    return to > from + 1 ? to : from;
  }

  /** Moves from an opening quote to the position after the closing quote. Returns false without a closing quote. */
  #skipQuoted(allowed: number): boolean {
    const { bytes } = this;
    const end = Math.min(this.end, this.start + MAX_TEXT_BYTES);
    let bits = 0;
    for (let at = this.at + 1; at < end; at++) {
      let byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        this.#bits = bits;
        return true;
      }
      const escaped = byte === BACKSLASH;
      if (escaped) {
        this.#escapes = true;
        at++;
        if ((allowed & NULS) !== 0) while (bytes[at] === NUL) at++;
        byte = at < end ? bytes[at]! : BACKSLASH;
      }
      bits |= byte;
      if (byte === NEWLINE ? escaped || (allowed & NEWLINES) === 0 : byte === NUL && (allowed & NULS) === 0) {
        this.#brokenAt = at;
        return false;
      }
    }
    if (end < this.end) throw this.#tooLong();
    this.#brokenAt = end;
    return false;
  }

  #skipLabelName(): void {
    while (this.at < this.end && CLASS[this.bytes[this.at]!] !== 0) this.at++;
  }

  #skipBlanks(): void {
    if (this.#rules.lenient) while (this.at < this.end && isBlank(this.bytes[this.at]!)) this.at++;
  }

  /** Returns the number in [start, end). Every NaN becomes the ordinary NaN. */
  protected number(start: number, end: number): number {
    const quick = parseDecimal(this.bytes, start, end);
    if (quick === quick) return quick;
    const text = textOf(this.bytes, start, end);
    const value = parseGoFloat(text);
    if (value !== undefined) return value === value ? value : NORMAL_NAN;
    const why = floatProblem(text, quoteBytes(this.bytes, start, end));
    throw this.problem(`${why} while parsing: ${quoteBytes(this.bytes, this.start, end)}`);
  }

  protected problem(message: string): ExpositionError {
    return new ExpositionError(message, this.#before + this.start);
  }

  /**
   * Returns the error `expected …, got "…" ("TOKEN") while parsing: "…"`. The invalid token is [from, to), and is shown
   * with the byte after it. At the end of the body, the previous token is shown, which begins at `before`.
   */
  protected unexpected(expected: string, from: number, token: string, to = from, before = from - 1): ExpositionError {
    if (from >= this.end && !this.#rules.lenient && before < from) {
      return this.unexpected(expected, before, "EOF", this.end, before);
    }
    const shown = (start: number): string => {
      const last = Math.min(to + 1, this.end);
      const newline = to >= this.end && this.#rules.lenient ? "\\n" : "";
      return `${quoteBytes(this.bytes, Math.min(start, last), last).slice(0, -1)}${newline}"`;
    };
    return this.problem(`${expected}, got ${shown(from)} ("${token}") while parsing: ${shown(this.start)}`);
  }

  /** Returns the error of an unexpected token inside braces. */
  #unexpectedLabel(expected: string, from: number, allowed: number, before = from - 1): ExpositionError {
    const [token, to] = this.#labelToken(from, allowed);
    return this.unexpected(expected, from, token, to, before);
  }

  /** Returns the quoted token at `from`, which is INVALID if it does not end. The cursor does not move. */
  protected quotedToken(from: number, name: string, allowed = 0): [token: string, to: number] {
    const { at } = this;
    this.at = from;
    const found: [string, number] = this.#skipQuoted(allowed) ? [name, this.at] : ["INVALID", this.#brokenAt];
    this.at = at;
    return found;
  }

  #labelToken(from: number, allowed: number): [token: string, to: number] {
    const first = this.byte(from);
    if (first === COMMA) return ["COMMA", from + 1];
    if (first === EQUAL) return ["EQUAL", from + 1];
    if (first === BRACE_CLOSE) return ["BCLOSE", from + 1];
    if (first === QUOTE) return this.quotedToken(from, "QSTRING", allowed);
    let to = from;
    if (startsLabel(first)) while (CLASS[this.byte(to)] !== 0) to++;
    return [to > from ? "LNAME" : "INVALID", to];
  }
}

function hasBackslash(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Reports whether bytes[from, to) are the letters of a word. */
function isWord(bytes: Uint8Array, from: number, to: number, word: string): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return false;
  return true;
}

const wholeLines = (window: Uint8Array, last: boolean): Uint8Array =>
  last ? window : window.subarray(0, window.lastIndexOf(NEWLINE) + 1);

/** Returns Go's strconv error for a text that is not a float64. */
function floatProblem(text: string, quoted: string): string {
  if (/[pP_]/.test(text)) return "unsupported character in float";
  return `strconv.ParseFloat: parsing ${quoted}: ${isDecimal(text) ? "value out of range" : "invalid syntax"}`;
}
