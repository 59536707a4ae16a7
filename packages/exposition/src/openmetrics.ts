import { isUtf8Range, quoteBytes, textOf, unescapeValue } from "./byte-text.ts";
import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_SERIES,
  ENTRY_TYPE,
  ENTRY_UNIT,
  type EntryKind,
  type ExposedExemplar,
  type SeriesPredictor,
} from "./entries.ts";
import type { MetricType } from "./family.ts";
import { BRACE_OPEN, LineReader, NEWLINE, SPACE } from "./line-reader.ts";
import { ExpositionError } from "./problem.ts";

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

const KEYWORDS = ["HELP ", "TYPE ", "UNIT ", "EOF"] as const;

/** How far the text begins like a keyword. */
function keywordLength(text: string): number {
  const lengths = KEYWORDS.map((keyword) => {
    let length = 0;
    while (length < keyword.length && keyword[length] === text[length]) length++;
    return length;
  });
  return Math.max(...lengths);
}

/** Reads OpenMetrics text 1.0.0 and 0.0.1. */
export class OpenMetricsReader extends LineReader {
  #exemplar = false;
  #exemplarOffsets: number[] = [];
  #exemplarValue = 0;
  #exemplarTime: number | undefined;

  constructor(bytes: Uint8Array, predictor?: SeriesPredictor) {
    super(bytes, { lenient: false }, predictor);
  }

  next(): EntryKind {
    this.start = this.at;
    if (this.at >= this.end) throw new ExpositionError("data does not end with # EOF", 0);
    return this.bytes[this.at] === HASH ? this.#metadata() : this.#sample();
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
    this.value = this.#number("metric");
    this.timestamp = NaN;
    if (this.#atExemplar()) this.#takeExemplar();
    else if (this.byte(this.at) !== NEWLINE) {
      this.timestamp = this.#time("expected timestamp or new record");
      if (this.#atExemplar()) this.#takeExemplar();
      else if (this.byte(this.at) !== NEWLINE) {
        throw this.#unexpectedRest("expected next entry after timestamp");
      }
    }
    this.at = Math.min(this.at + 1, this.end);
    this.lineEnd = this.at;
    return ENTRY_SERIES;
  }

  /** The token behind one space, to the next space or the line's end: [textStart, at). */
  #token(expected: string): void {
    const from = this.at;
    if (this.byte(from) === SPACE) {
      let to = from + 1;
      while (to < this.end && this.bytes[to] !== SPACE && this.bytes[to] !== NEWLINE) to++;
      if (to > from + 1) {
        this.textStart = from + 1;
        this.at = to;
        return;
      }
    }
    throw this.unexpected(expected, from, "INVALID", this.byte(from) === SPACE ? from + 1 : from);
  }

  /** What stands where the line should end. */
  #unexpectedRest(expected: string): ExpositionError {
    const from = this.at;
    let to = from;
    if (this.byte(from) === SPACE) for (to++; this.byte(to) !== SPACE && this.byte(to) !== NEWLINE; to++);
    return this.unexpected(expected, from, to > from + 1 ? "TIMESTAMP" : "INVALID", to);
  }

  #number(after: string): number {
    this.#token(`expected value after ${after}`);
    return this.number(this.textStart, this.at);
  }

  /** Seconds as text to whole ms. */
  #time(expected: string): number {
    this.#token(expected);
    const seconds = this.number(this.textStart, this.at);
    if (Number.isFinite(seconds)) return Math.trunc(seconds * 1000);
    const shown = Number.isNaN(seconds) ? "NaN" : seconds > 0 ? "+Inf" : "-Inf";
    throw this.problem(`invalid timestamp ${shown}`);
  }

  /** Does ` # {` follow? */
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
    this.#exemplarValue = this.#number("exemplar labels");
    this.#exemplarTime = this.byte(this.at) === NEWLINE ? undefined : this.#time("expected timestamp or comment");
    if (this.byte(this.at) !== NEWLINE) {
      throw this.#unexpectedRest("expected next entry after exemplar timestamp");
    }
    this.#exemplar = true;
  }

  #metadata(): EntryKind {
    const word = textOf(this.bytes, this.at, Math.min(this.at + 7, this.end));
    if (word.startsWith("# EOF")) return this.#endOfFile();
    const keyword = /^# (HELP|TYPE|UNIT) $/.exec(word)?.[1];
    if (keyword === undefined) {
      const to = this.byte(this.at + 1) === SPACE ? this.at + 2 + keywordLength(word.slice(2)) : this.at + 1;
      throw this.unexpected("expected a valid start token", this.at, "INVALID", to);
    }
    this.metadataStart = this.at + 2;
    this.at += 7;
    if (!this.takeFamilyName()) {
      throw this.unexpected(`expected metric name after ${keyword}`, this.at, "INVALID");
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

  #endOfFile(): EntryKind {
    const after = this.at + 5;
    if (after < this.end && !(this.bytes[after] === NEWLINE && after + 1 === this.end)) {
      throw this.problem("unexpected data after # EOF");
    }
    // The cursor stays: asked again, the reader says END again.
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
    const unit = this.text();
    const name = this.familyName();
    if (unit !== "" && !name.endsWith(`_${unit}`)) {
      throw this.problem(`unit ${JSON.stringify(unit)} not a suffix of metric ${JSON.stringify(name)}`);
    }
    return ENTRY_UNIT;
  }
}
