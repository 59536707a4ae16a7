import { runToEnd, type Steps } from "@narthex/runtime";
import { formatFloat, METRIC_NAME, parseGoFloat, quote } from "@narthex/model";
import { fitsInt64, isUtf8Range, quoteBytes, textOf } from "../byte-text.ts";
import type { FamilySample, MetricFamily, MetricType } from "../family.ts";
import { FamilyTable } from "./family-table.ts";

/** The families of a text exposition in order of first appearance, or its error. */
export type FamiliesResult =
  | { readonly ok: true; readonly families: MetricFamily[] }
  | { readonly ok: false; readonly line: number; readonly message: string };

/**
 * Parses the text format 0.0.4 into families, as strictly as Go's expfmt (Pushgateway, `promtool check metrics`). A
 * family has at most one HELP and one TYPE, before its samples. Labels must not repeat, and the text must end with a
 * newline.
 */
export const parseFamilies = (body: Uint8Array): FamiliesResult => runToEnd(parsingFamilies(body));

/**
 * Parses families like parseFamilies(), but yields to other work between steps. The bytes must not change meanwhile.
 */
export function* parsingFamilies(body: Uint8Array): Steps<FamiliesResult> {
  const parser = new FamilyParser(body);
  try {
    return { ok: true, families: yield* parser.parse() };
  } catch (error) {
    if (!(error instanceof LineProblem)) throw error;
    const message = `text format parsing error in line ${parser.line}: ${error.message}`;
    return { ok: false, line: parser.line, message };
  }
}

class LineProblem extends Error {
  override readonly name = "LineProblem";
}

/** Number of lines after which the parser yields to other work. */
const LINES_A_STEP = 512;
const NEWLINE = 0x0a;
const TYPES: ReadonlyMap<string, MetricType> = new Map([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["summary", "summary"],
  ["untyped", "unknown"],
  ["histogram", "histogram"],
]);

const NAME_START = /[a-zA-Z_:]/;
const NAME_REST = /[a-zA-Z0-9_:]/;

class FamilyParser {
  line = 0;
  readonly #bytes: Uint8Array;
  readonly #table = new FamilyTable();
  /** Label names of the current line, to find repeated names. */
  readonly #named = new Set<string>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  *parse(): Steps<MetricFamily[]> {
    for (;;) {
      this.line++;
      if (this.line % LINES_A_STEP === 0) yield;
      this.#skipBlanks();
      if (this.#at >= this.#bytes.length) return this.#table.families();
      const char = this.#char();
      if (char === "#") this.#comment();
      else if (char !== "\n") this.#sample();
      this.#at++;
    }
  }

  /**
   * Returns the byte at the cursor as a character. Throws at the end of the body, because every line must end with a
   * newline.
   */
  #char(): string {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new LineProblem("unexpected end of input stream");
    return String.fromCharCode(byte);
  }

  #skipBlanks(): void {
    while (this.#bytes[this.#at] === 0x20 || this.#bytes[this.#at] === 0x09) this.#at++;
  }

  /** Returns the text up to the next blank or newline, and moves the cursor there. */
  #token(): string {
    const from = this.#at;
    while (!/[ \t\n]/.test(this.#char())) this.#at++;
    return textOf(this.#bytes, from, this.#at);
  }

  #skipLine(): void {
    const newline = this.#bytes.indexOf(NEWLINE, this.#at);
    this.#at = newline < 0 ? this.#bytes.length : newline;
    this.#char();
  }

  #comment(): void {
    this.#at++;
    this.#skipBlanks();
    if (this.#char() === "\n") return;
    const keyword = this.#token();
    if (keyword !== "HELP" && keyword !== "TYPE") return this.#skipLine();
    this.#skipBlanks();
    if (this.#char() === "\n") return;
    const name = this.#name(NAME_REST);
    if (this.#char() === "\n") return;
    if (name === "" || !/[ \t]/.test(this.#char())) throw new LineProblem("invalid metric name in comment");
    const family = this.#table.current(name);
    this.#skipBlanks();
    if (this.#char() === "\n") return;
    if (keyword === "HELP") this.#help(family.name);
    else this.#type(family.name);
  }

  #help(name: string): void {
    const family = this.#table.current(name);
    if (family.help !== undefined) throw new LineProblem(`second HELP line for metric name ${quote(family.name)}`);
    const from = this.#at;
    this.#skipLine();
    const text = textOf(this.#bytes, from, this.#at);
    // The newline is included in the check, so that a backslash at the end of the line is invalid.
    const bad = `${text}\n`.replace(/\\[\\n"]/g, "").match(/\\[^]/)?.[0];
    if (bad !== undefined) throw new LineProblem(`invalid escape sequence '${bad}'`);
    family.help = text.replace(/\\([\\n"])/g, (_, char: string) => (char === "n" ? "\n" : char));
  }

  #type(name: string): void {
    const family = this.#table.current(name);
    if (family.type !== undefined) {
      const problem = `second TYPE line for metric name ${quote(family.name)}, or TYPE reported after samples`;
      throw new LineProblem(problem);
    }
    const from = this.#at;
    this.#skipLine();
    const text = textOf(this.#bytes, from, this.#at);
    const type = TYPES.get(text.toLowerCase());
    if (type === undefined) throw new LineProblem(`unknown metric type ${quote(text)}`);
    family.type = type;
  }

  /** Returns the quoted or unquoted name at the cursor, or "" if there is no name. */
  #name(rest: RegExp): string {
    if (this.#char() === '"') return this.#quoted();
    if (!NAME_START.test(this.#char())) return "";
    const from = this.#at;
    while (rest.test(this.#char())) this.#at++;
    return textOf(this.#bytes, from, this.#at);
  }

  /** Returns a quoted text with its escapes resolved. Moves the cursor after the closing quote. */
  #quoted(): string {
    const from = ++this.#at;
    let escaped = false;
    for (; ; this.#at++) {
      const char = this.#char();
      if (escaped && !/[\\n"]/.test(char)) throw new LineProblem(`invalid escape sequence '\\${char}'`);
      if (!escaped && char === '"') break;
      if (char === "\n")
        throw new LineProblem(`label value ${quote(textOf(this.#bytes, from, this.#at))} contains unescaped new-line`);
      escaped = !escaped && char === "\\";
    }
    if (!isUtf8Range(this.#bytes, from, this.#at)) {
      throw new LineProblem(`invalid label value ${quoteBytes(this.#bytes, from, this.#at)}`);
    }
    const raw = textOf(this.#bytes, from, this.#at++);
    return raw.replace(/\\([\\n"])/g, (_, char: string) => (char === "n" ? "\n" : char));
  }

  #sample(): void {
    let name = "";
    if (this.#char() !== "{") {
      name = this.#name(NAME_REST);
      if (name === "") throw new LineProblem("invalid metric name");
      this.#skipBlanks();
    }
    const labels: string[] = [];
    this.#named.clear();
    if (this.#char() === "{") name = this.#labels(name, labels);
    if (name === "") throw new LineProblem("invalid metric name");
    this.#skipBlanks();
    const family = this.#table.current(name);
    family.type ??= "unknown";
    family.samples.push(this.#reading(name.slice(family.name.length), this.#bounds(family.type, labels)));
  }

  /**
   * Reads labels from `{` to the byte after `}`. Returns the name of the metric, which may be a quoted text within the
   * braces.
   */
  #labels(outerName: string, labels: string[]): string {
    let name = outerName;
    this.#at++;
    for (;;) {
      this.#skipBlanks();
      if (this.#char() === "}") {
        this.#at++;
        return name;
      }
      const quoted = this.#char() === '"';
      const label = this.#name(/[a-zA-Z0-9_]/);
      if (label === "") throw new LineProblem(`invalid label name for metric ${quote(name)}`);
      this.#skipBlanks();
      if (quoted && this.#char() !== "=") {
        if (name !== "") throw new LineProblem(`multiple metric names for metric ${quote(name)}`);
        name = label;
      } else this.#labelValue(name, label, labels);
      this.#skipBlanks();
      if (this.#char() === ",") this.#at++;
      else if (this.#char() !== "}")
        throw new LineProblem(`unexpected end of label value ${quote(labels.at(-1) ?? "")}`);
    }
  }

  #labelValue(name: string, label: string, labels: string[]): void {
    if (label === METRIC_NAME) throw new LineProblem(`label name ${quote(label)} is reserved`);
    if (this.#named.has(label)) throw new LineProblem(`duplicate label names for metric ${quote(name)}`);
    this.#named.add(label);
    if (this.#char() !== "=") throw new LineProblem(`expected '=' after label name, found '${this.#char()}'`);
    this.#at++;
    this.#skipBlanks();
    if (this.#char() !== '"') {
      throw new LineProblem(`expected '"' at start of label value, found '${this.#char()}'`);
    }
    labels.push(label, this.#quoted());
  }

  /**
   * Checks that the values of `le` and `quantile` are numbers. Returns the labels in which these values have Go's
   * number format.
   */
  #bounds(type: MetricType, labels: string[]): string[] {
    const part = type === "histogram" ? "le" : type === "summary" ? "quantile" : undefined;
    if (part === undefined) return labels;
    const rest: string[] = [];
    let bound: string | undefined;
    for (let i = 0; i < labels.length; i += 2) {
      if (labels[i] === part) bound = labels[i + 1]!;
      else rest.push(labels[i]!, labels[i + 1]!);
    }
    if (bound === undefined) return rest;
    const value = parseGoFloat(bound);
    if (value === undefined) throw new LineProblem(`expected float as value for '${part}' label, got ${quote(bound)}`);
    return [...rest, part, formatFloat(value)];
  }

  #reading(suffix: string, labels: readonly string[]): FamilySample {
    const text = this.#token();
    const value = /[pP_]/.test(text) ? undefined : parseGoFloat(text);
    if (value === undefined) throw new LineProblem(`expected float as value, got ${quote(text)}`);
    if (this.#char() === "\n") return { suffix, labels, value };
    // Any text after the value is read as a timestamp. Trailing blanks are an invalid timestamp.
    this.#skipBlanks();
    const time = this.#token();
    if (!isInt64(time)) throw new LineProblem(`expected integer as timestamp, got ${quote(time)}`);
    const rest = this.#at;
    this.#skipLine();
    if (this.#at > rest) {
      throw new LineProblem(`spurious string after timestamp: ${quoteBytes(this.#bytes, rest, this.#at)}`);
    }
    return { suffix, labels, value, timestampMs: Number(time) };
  }
}

function isInt64(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false;
  const digits = text.replace(/^[+-]/, "");
  return fitsInt64(digits) || (text.startsWith("-") && /^0*9223372036854775808$/.test(digits));
}
