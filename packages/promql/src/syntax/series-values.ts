import { type FloatHistogram, Labels, METRIC_NAME, quote } from "@narthex/model";
import { combineHistograms, scanHistogram } from "./series-histogram.ts";
import { SeriesScanner, SeriesScanAbort } from "./series-scanner.ts";
import type { ParseFailure } from "./parse.ts";
import { parseLabelSet } from "./parse-selector.ts";
import { KEYWORDS, METRIC_NAME_TOKENS } from "./token.ts";
import { SyntaxAbort, TokenStream } from "./token-stream.ts";

/** One value in the description of a series: a gap, a number, the end of the series, or a histogram. */
export type SequenceValue =
  | { readonly kind: "omitted" }
  | { readonly kind: "stale" }
  | { readonly kind: "float"; readonly value: number }
  /**
   * A histogram. If `hintSet` is true, the text contains a counter reset hint, and a result must have the same hint.
   */
  | { readonly kind: "histogram"; readonly histogram: FloatHistogram; readonly hintSet: boolean };

export type SeriesResult =
  | { readonly ok: true; readonly labels: Labels; readonly values: readonly SequenceValue[] }
  | ParseFailure;

const OMITTED: SequenceValue = { kind: "omitted" };
const STALE: SequenceValue = { kind: "stale" };

/** Maximum number of values that one item may represent. Without a limit, a typing error could fill the memory. */
const MAX_REPETITIONS = 10_000_000;

/**
 * Parses the description of a series for tests, as in Prometheus: `up{job="a"} 0 1+2x3 _x2 stale {{schema:0 count:3
 * buckets:[1 2]}}x4`. `axN` means N+1 values, `_xN` N gaps.
 */
export function parseSeriesDescription(text: string): SeriesResult {
  const stream = new TokenStream(text, {});
  let labels = Labels.EMPTY;
  const values: SequenceValue[] = [];
  try {
    const name = /^[ \t\r\n]*([a-zA-Z_:][a-zA-Z0-9_:]*)?/.exec(text)!;
    let index = name[0].length;
    const type = KEYWORDS.get(name[1]?.toLowerCase() ?? "") ?? "identifier";
    const unnamed = name[1] === undefined && text[index] !== "{" && stream.peek().type !== "end";
    if (unnamed || !METRIC_NAME_TOKENS.has(type)) stream.unexpected("series values");
    if (text[index] === "{") {
      labels = parseLabelSet(stream);
      index = stream.index;
    } else if (name[1] !== undefined) {
      labels = Labels.of([[METRIC_NAME, name[1]]]);
    }
    scanValues(new SeriesScanner(stream, index), values);
  } catch (error) {
    if (!(error instanceof SyntaxAbort) && !(error instanceof SeriesScanAbort)) throw error;
  }
  const [first, ...rest] = stream.errors;
  return first === undefined ? { ok: true, labels, values } : { ok: false, errors: [first, ...rest] };
}

function scanValues(scanner: SeriesScanner, values: SequenceValue[]): void {
  for (let first = true; !scanner.atEnd; first = false) {
    if (!scanner.skipSpace()) scanner.unexpected(first ? "series values" : "");
    if (scanner.atEnd) return;
    if (scanner.peek === "_") scanGap(scanner, values);
    else if (scanner.take("{{")) scanHistograms(scanner, values);
    else scanNumbers(scanner, values);
  }
}

function repeat(values: SequenceValue[], value: SequenceValue, times: number): void {
  for (let i = 0; i < times; i++) values.push(value);
}

function scanRepetitions(scanner: SeriesScanner): number {
  const start = scanner.index;
  const text = scanner.number() ?? scanner.unexpected("series values");
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(count <= MAX_REPETITIONS)) {
    const why = Number.isNaN(count) ? "invalid syntax" : "value out of range";
    scanner.report(start, `invalid repetition in series values: strconv.ParseUint: parsing ${quote(text)}: ${why}`);
    return 0;
  }
  return count;
}

function scanGap(scanner: SeriesScanner, values: SequenceValue[]): void {
  scanner.take("_");
  repeat(values, OMITTED, scanner.take("x") ? scanRepetitions(scanner) : 1);
}

function scanNumbers(scanner: SeriesScanner, values: SequenceValue[]): void {
  const start = scanner.index;
  const sign = scanSign(scanner);
  if (sign === 0) {
    if (scanner.word() === "stale") {
      values.push(STALE);
      return;
    }
    scanner.index = start;
    if (!/^[\w.]/.test(scanner.peek) || scanner.peek === "x") scanner.unexpected("");
  }
  let value = scanValue(scanner, sign);
  if (scanner.take("x")) return repeat(values, { kind: "float", value }, scanRepetitions(scanner) + 1);
  const stepSign = scanSign(scanner);
  if (stepSign === 0) {
    values.push({ kind: "float", value });
    return;
  }
  const step = scanValue(scanner, stepSign);
  if (!scanner.take("x")) scanner.unexpected("series values");
  const times = scanRepetitions(scanner);
  for (let i = 0; i <= times; i++, value += step) values.push({ kind: "float", value });
}

/** Reads a sign. Returns 0 if it is missing. */
const scanSign = (scanner: SeriesScanner): -1 | 0 | 1 => (scanner.take("-") ? -1 : scanner.take("+") ? 1 : 0);

/** Reads a number, or a word such as `Inf` that means a number. */
function scanValue(scanner: SeriesScanner, sign: -1 | 0 | 1): number {
  const factor = sign === -1 ? -1 : 1;
  const start = scanner.index;
  const word = scanner.word();
  const lower = word?.toLowerCase();
  if (lower === "inf") return factor * Infinity;
  if (lower === "nan") return NaN;
  if (word !== undefined) {
    if (sign === 0) scanner.notANumber(word);
    scanner.index = start;
  }
  return factor * scanner.value(scanner.number() ?? scanner.unexpected("series values"));
}

function scanHistograms(scanner: SeriesScanner, values: SequenceValue[]): void {
  const base = scanHistogram(scanner);
  const sign = scanner.peek === "+" ? 1 : scanner.peek === "-" ? -1 : 0;
  if (sign === 0) {
    const times = scanner.take("x") ? scanRepetitions(scanner) : 0;
    return repeat(values, { kind: "histogram", ...base }, times + 1);
  }
  scanner.take(sign === 1 ? "+" : "-");
  if (!scanner.take("{{")) scanner.unexpected("series values");
  const step = scanHistogram(scanner);
  if (!scanner.take("x")) scanner.unexpected("series values");
  const sequence = combineHistograms(scanner, base.histogram, step.histogram, sign, scanRepetitions(scanner));
  for (const histogram of sequence) values.push({ kind: "histogram", histogram, hintSet: step.hintSet });
}
