import { METRIC_NAME, parseGoFloat, quote } from "@narthex/model";
import { goUint64, LineProblem, TextScanner } from "./text-scanner.ts";
import {
  GAUGE_HISTOGRAM,
  HISTOGRAM,
  isHistogramType,
  partLabel,
  SUMMARY,
  UNTYPED,
  VALUE_FIELDS,
} from "../metrics/metric-type.ts";
import { MetricCount } from "./metric-count.ts";
import type { NameRules } from "./name-rules.ts";
import {
  histogramValue,
  noParts,
  type Parts,
  plainValue,
  type ReadFamily,
  type ReadMetric,
  summaryValue,
} from "../metrics/read-family.ts";
import type { Steps } from "@narthex/runtime";
import { METRICS_PER_STEP } from "../step-size.ts";

/** Number of bytes that are read before the task yields to other work. */
const BYTES_PER_TURN = 65_536;
/** From this number of labels on, repeated names are found with a set and not by comparing all pairs. */
const MANY_LABELS = 32;

/** The metrics of a pushed body, or an error with the message of Go's parser. */
export type FamiliesRead =
  | { readonly ok: true; readonly families: readonly ReadFamily[] }
  | { readonly ok: false; readonly message: string; readonly isTooLarge?: undefined };

/**
 * Reads a body in Prometheus' text format 0.0.4 as strictly as Pushgateway: it must end with a newline, and TYPE, HELP
 * and labels must not be repeated. Throws PushTooLarge.
 */
export function* textBodySteps(body: Uint8Array, names: NameRules, count = new MetricCount()): Steps<FamiliesRead> {
  const reading = new TextReading(body, names, count);
  try {
    return { ok: true, families: yield* reading.read() };
  } catch (error) {
    if (!(error instanceof LineProblem)) throw error;
    return { ok: false, message: `text format parsing error in line ${reading.line}: ${error.message}` };
  }
}

/** A metric of which only some lines have been read: a plain value, or parts of a summary or histogram. */
interface OpenMetric {
  readonly labels: string[];
  value: number;
  readonly parts: Parts | undefined;
}

interface OpenFamily {
  readonly name: string;
  help: string | undefined;
  type: number | undefined;
  readonly metrics: OpenMetric[];
  isTimed: boolean;
}

type ValueKind = "value" | "count" | "sum";

/** Identifies the summary or histogram to which a line belongs. */
interface Identity {
  readonly name: string;
  readonly labels: Map<string, string>;
  /** Name and labels of the summary or histogram as one text. Undefined until the text is needed. */
  key: string | undefined;
}

const keyOf = ({ name, labels }: Identity): string =>
  JSON.stringify([name, ...Array.from(labels, (pair) => JSON.stringify(pair)).sort()]);

const TYPES: ReadonlyMap<string, number> = new Map([
  ["COUNTER", 0],
  ["GAUGE", 1],
  ["SUMMARY", SUMMARY],
  ["UNTYPED", UNTYPED],
  ["HISTOGRAM", HISTOGRAM],
  ["GAUGE_HISTOGRAM", GAUGE_HISTOGRAM],
  ["GAUGEHISTOGRAM", GAUGE_HISTOGRAM],
]);

class TextReading {
  readonly #scanner: TextScanner;
  readonly #names: NameRules;
  readonly #count: MetricCount;
  readonly #families = new Map<string, OpenFamily>();
  #family: OpenFamily | undefined;
  /**
   * Metric family of the previous line. As in Pushgateway's parser, if a line begins with a brace, labels before the
   * metric name belong to this family.
   */
  #earlier: OpenFamily | undefined;
  /** Which part of a summary or histogram the current line contains, according to its name. */
  #valueKind: ValueKind = "value";
  #labels: string[] = [];
  /** Names of the labels in the current line. Undefined if there are few labels. */
  #labelNames: Set<string> | undefined;
  /** All summaries and histograms of the body, by name and labels as one text. */
  readonly #byIdentity = { summaries: new Map<string, OpenMetric>(), histograms: new Map<string, OpenMetric>() };
  /**
   * Name and labels of the summary or histogram of the current line. `#bound` is the value of `le` or `quantile`. As in
   * Pushgateway's parser, both are kept from the previous line if a line begins with a brace and the previous family
   * has another type.
   */
  #identity: Identity = { name: "", labels: new Map(), key: undefined };
  #bound = NaN;

  constructor(body: Uint8Array, names: NameRules, count: MetricCount) {
    this.#scanner = new TextScanner(body);
    this.#names = names;
    this.#count = count;
  }

  get line(): number {
    return this.#scanner.line;
  }

  *read(): Steps<ReadFamily[]> {
    const scanner = this.#scanner;
    for (let pause = BYTES_PER_TURN; ;) {
      if (scanner.position >= pause) {
        yield;
        pause = scanner.position + BYTES_PER_TURN;
      }
      scanner.line++;
      do scanner.step();
      while (scanner.isBlank);
      if (scanner.isAtEnd) break;
      if (scanner.is("#")) this.#comment();
      else if (!scanner.isAtNewline) this.#sample();
    }
    const families: ReadFamily[] = [];
    for (const family of this.#families.values()) if (family.metrics.length > 0) families.push(yield* closed(family));
    return families;
  }

  /** Reads a comment line up to its newline. */
  #comment(): void {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    if (scanner.isAtNewline) return;
    const keyword = scanner.token();
    if (scanner.isAtNewline) return;
    if (keyword !== "HELP" && keyword !== "TYPE") return scanner.skipLine();
    scanner.skipBlanks();
    const name = scanner.metricName();
    if (scanner.isAtNewline) return;
    if (!scanner.isBlank) throw new LineProblem("invalid metric name in comment");
    const family = this.#open(name);
    scanner.skipBlanks();
    if (scanner.isAtNewline) return;
    if (keyword === "HELP") this.#help(family);
    else this.#type(family);
  }

  #help(family: OpenFamily): void {
    if (family.help !== undefined) throw new LineProblem(`second HELP line for metric name ${quote(family.name)}`);
    family.help = this.#scanner.help();
  }

  #type(family: OpenFamily): void {
    if (family.type !== undefined) {
      throw new LineProblem(`second TYPE line for metric name ${quote(family.name)}, or TYPE reported after samples`);
    }
    const word = this.#scanner.rest();
    family.type = TYPES.get(word.toUpperCase());
    if (family.type === undefined) throw new LineProblem(`unknown metric type ${quote(word)}`);
  }

  /**
   * Returns the metric family for the name of a line. A line `x_sum`, `x_count` or `x_bucket` may belong to the summary
   * or histogram `x`.
   */
  #open(name: string): OpenFamily {
    if (!this.#names.isMetric(name)) throw new LineProblem(`invalid metric name ${quote(name)}`);
    this.#valueKind = "value";
    let family = this.#families.get(name) ?? this.#owner(name);
    if (family === undefined) {
      family = { name, help: undefined, type: undefined, metrics: [], isTimed: false };
      this.#families.set(name, family);
    }
    return (this.#family = family);
  }

  #owner(name: string): OpenFamily | undefined {
    const valueKind = name.endsWith("_count") ? "count" : name.endsWith("_sum") ? "sum" : undefined;
    if (valueKind === undefined && !name.endsWith("_bucket")) return undefined;
    const base = this.#families.get(name.slice(0, name.lastIndexOf("_")));
    if (base?.type === undefined) return undefined;
    if (isHistogramType(base.type) ? false : base.type !== SUMMARY || valueKind === undefined) return undefined;
    this.#valueKind = valueKind ?? "value";
    return base;
  }

  #sample(): void {
    const scanner = this.#scanner;
    this.#labels = [];
    this.#labelNames = undefined;
    const hasBraces = scanner.is("{");
    if (hasBraces) {
      this.#beginIdentity();
      this.#earlier = this.#family;
      this.#family = undefined;
    } else {
      const name = scanner.metricName();
      if (name === "") throw new LineProblem("invalid metric name");
      this.#open(name).type ??= UNTYPED;
      this.#beginIdentity();
      scanner.skipBlanksIfBlank();
    }
    if (scanner.is("{")) this.#readLabels(hasBraces);
    if (this.#family === undefined) throw new LineProblem("invalid metric name");
    this.#reading(this.#family);
  }

  #beginIdentity(): void {
    if (this.#family?.type === undefined || partLabel(this.#family.type) === undefined) return;
    this.#identity = { name: this.#family.name, labels: new Map(), key: undefined };
    this.#bound = NaN;
  }

  /** Reads the labels of a line, from `{` to the byte after `}`. */
  #readLabels(isNameInside: boolean): void {
    const scanner = this.#scanner;
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst && scanner.is("}")) break;
      scanner.skipBlanks();
      if (scanner.is("}")) break;
      const token = scanner.labelName();
      if (token === "") throw new LineProblem(`invalid label name for metric ${this.#shownName()}`);
      scanner.skipBlanksIfBlank();
      if (scanner.is("=")) this.#label(token);
      else if (isNameInside) this.#nameInside(token);
      else throw new LineProblem(`expected '=' after label name, found ${scanner.shown}`);
    }
    scanner.skipBlanks();
  }

  #shownName(): string {
    return quote(this.#family?.name ?? "");
  }

  /** Reads a metric's name inside the braces: `{"odd name",a="b"}`. */
  #nameInside(name: string): void {
    const scanner = this.#scanner;
    if (this.#family !== undefined) throw new LineProblem(`multiple metric names for metric ${this.#shownName()}`);
    if (!scanner.is(",") && !scanner.is("}")) throw new LineProblem(`unexpected end of metric name ${scanner.shown}`);
    this.#open(name).type ??= UNTYPED;
  }

  /** Reads a label's value from `=` to the comma or brace that follows. */
  #label(name: string): void {
    const scanner = this.#scanner;
    const family = this.#family ?? this.#earlier;
    if (name === METRIC_NAME) throw new LineProblem(`label name ${quote(name)} is reserved`);
    if (!this.#names.isLabel(name)) throw new LineProblem(`invalid label name ${quote(name)}`);
    const part = family?.type === undefined ? undefined : partLabel(family.type);
    if (name !== part && this.#hasLabel(name)) {
      throw new LineProblem(`duplicate label names for metric ${this.#shownName()}`);
    }
    scanner.skipBlanks();
    if (!scanner.is('"')) throw new LineProblem(`expected '"' at start of label value, found ${scanner.shown}`);
    const value = scanner.labelValue();
    if (!value.isWellFormed()) throw new LineProblem(`invalid label value ${quote(value)}`);
    if (name === part) this.#bound = this.#boundOf(part, value);
    else {
      this.#count.checkLabels(this.#labels.push(name, value) / 2);
      if (part !== undefined) {
        // Counts the labels of the whole identity, which may still contain labels of earlier lines.
        this.#count.checkLabels(this.#identity.labels.set(name, value).size);
        this.#identity.key = undefined;
      }
      this.#labelNames?.add(name);
    }
    scanner.skipBlanks();
    if (!scanner.is(",") && !scanner.is("}")) throw new LineProblem(`unexpected end of label value ${quote(value)}`);
  }

  #hasLabel(name: string): boolean {
    const labels = this.#labels;
    if (labels.length >= 2 * MANY_LABELS) this.#labelNames ??= new Set(labels.filter((_, i) => i % 2 === 0));
    return this.#labelNames?.has(name) ?? labels.some((other, i) => i % 2 === 0 && other === name);
  }

  #boundOf(part: string, value: string): number {
    const bound = floatOf(value);
    if (bound === undefined) {
      throw new LineProblem(`expected float as value for '${part}' label, got ${quote(value)}`);
    }
    return bound;
  }

  /** Reads the value and the timestamp at the end of a line. */
  #reading(family: OpenFamily): void {
    const scanner = this.#scanner;
    const metric = this.#metric(family);
    const text = scanner.token();
    const value = floatOf(text);
    if (value === undefined) throw new LineProblem(`expected float as value, got ${quote(text)}`);
    if (metric.parts === undefined) metric.value = value;
    else if (family.type === SUMMARY) addToSummary(metric.parts, this.#valueKind, this.#bound, value);
    else this.#addToHistogram(family, metric.parts, value);
    if (scanner.isAtNewline) return;
    scanner.skipBlanks();
    const time = scanner.token();
    if (!isInt64(time)) throw new LineProblem(`expected integer as timestamp, got ${quote(time)}`);
    family.isTimed = true;
    const rest = scanner.rest();
    if (rest !== "") throw new LineProblem(`spurious string after timestamp: ${quote(rest)}`);
  }

  /**
   * Returns the metric to which a line belongs: a new one, or an existing summary or histogram with the same labels.
   */
  #metric(family: OpenFamily): OpenMetric {
    const labels = this.#labels;
    if (partLabel(family.type!) === undefined) {
      this.#count.add();
      const metric = { labels, value: 0, parts: undefined };
      family.metrics.push(metric);
      return metric;
    }
    const known = family.type === SUMMARY ? this.#byIdentity.summaries : this.#byIdentity.histograms;
    const key = (this.#identity.key ??= keyOf(this.#identity));
    let metric = known.get(key);
    if (metric === undefined) {
      this.#count.add();
      this.#count.addKey(key);
      metric = { labels, value: 0, parts: noParts() };
      known.set(key, metric);
      family.metrics.push(metric);
    }
    return metric;
  }

  #addToHistogram(family: OpenFamily, parts: Parts, value: number): void {
    if (this.#valueKind === "sum") {
      parts.sum = value;
      return;
    }
    const isCount = this.#valueKind === "count";
    if (!isCount && Number.isNaN(this.#bound)) return;
    const isWhole = Number(goUint64(value)) === value;
    if (!isWhole && value < 0) {
      throw new LineProblem(`negative ${isCount ? "count" : "bucket population"} for histogram ${quote(family.name)}`);
    }
    const count = isWhole ? { count: goUint64(value) } : { countFloat: value };
    if (isCount) Object.assign(parts, count);
    else parts.parts.push({ bound: this.#bound, ...count });
  }
}

function addToSummary(parts: Parts, valueKind: ValueKind, quantile: number, value: number): void {
  if (valueKind === "count") parts.count = goUint64(value);
  else if (valueKind === "sum") parts.sum = value;
  else if (!Number.isNaN(quantile)) parts.parts.push({ bound: quantile, value });
}

function* closed({ name, help, type = UNTYPED, metrics, isTimed }: OpenFamily): Steps<ReadFamily> {
  const valueOf = (metric: OpenMetric): Uint8Array => {
    if (metric.parts === undefined) return plainValue(VALUE_FIELDS[type as 0], metric.value);
    return type === SUMMARY ? summaryValue(metric.parts) : histogramValue(metric.parts);
  };
  const read: ReadMetric[] = [];
  for (const metric of metrics) {
    read.push({ labels: metric.labels, value: valueOf(metric) });
    if (read.length % METRICS_PER_STEP === 0) yield;
  }
  return { name, help, type, isTimed, metrics: read };
}

/** Parses a number as Go does, except hexadecimal floats and digit separators. */
const floatOf = (text: string): number | undefined => (/[pP_]/.test(text) ? undefined : parseGoFloat(text));

const INT64_MAX = 2n ** 63n - 1n;

function isInt64(text: string): boolean {
  if (!/^[+-]?\d{1,40}$/.test(text)) return false;
  const value = BigInt(text.replace(/^\+/, ""));
  return value <= INT64_MAX && value >= -INT64_MAX - 1n;
}
