import {
  type CounterResetHint,
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  HistogramBuilder,
  IncompatibleSchemaError,
  quote,
  type Span,
} from "@narthex/model";
import { quoteChar } from "./lexer.ts";
import type { SeriesScanner } from "./series-scanner.ts";

const INTEGER_KEYS = ["schema", "offset", "n_offset"];
const NUMBER_KEYS = ["sum", "count", "z_bucket", "z_bucket_w"];
const LIST_KEYS = ["buckets", "n_buckets", "custom_values"];

const HINTS: ReadonlyMap<string, CounterResetHint> = new Map([
  ["unknown", "unknown"],
  ["reset", "reset"],
  ["not_reset", "not-reset"],
  ["gauge", "gauge"],
]);

interface Description {
  readonly numbers: Map<string, number>;
  readonly lists: Map<string, number[]>;
  hint: CounterResetHint | undefined;
}

/** Reads the description of a histogram after its opening braces: `schema:1 count:3 buckets:[1 2]}}`. */
export function scanHistogram(scanner: SeriesScanner): { histogram: FloatHistogram; hintSet: boolean } {
  const description: Description = { numbers: new Map(), lists: new Map(), hint: undefined };
  if (scanner.skipSpace()) {
    if (!scanner.take("}}")) scanner.unexpected("series values");
  } else if (!scanner.take("}}")) {
    for (;;) {
      scanEntry(scanner, description);
      scanner.skipSpace();
      if (scanner.take("}}")) break;
    }
  }
  return { histogram: histogramOf(description), hintSet: description.hint !== undefined };
}

function scanEntry(scanner: SeriesScanner, description: Description): void {
  const start = scanner.index;
  const key = scanner.key();
  if (key === undefined) {
    if (!/[\d:[-]/.test(scanner.peek)) {
      const problem = `histogram description incomplete unexpected: ${quoteChar(scanner.character)}`;
      scanner.fail(start, problem);
    }
    scanner.unexpected("histogram description", "histogram description key, e.g. buckets:[5 10 7]");
  }
  const name = key.toLowerCase();
  const known = [...INTEGER_KEYS, ...NUMBER_KEYS, ...LIST_KEYS, "counter_reset_hint"].includes(name);
  if (!known) scanner.fail(start, `bad histogram descriptor found: ${quote(key)}`);
  if (!scanner.take(":")) scanner.fail(start, "missing `:` for histogram descriptor");
  const repeated =
    description.numbers.has(name) ||
    description.lists.has(name) ||
    (name === "counter_reset_hint" && description.hint !== undefined);
  if (repeated) scanner.report(0, `duplicate key "${name}" in histogram`);
  if (name === "counter_reset_hint") description.hint = scanHint(scanner);
  else if (LIST_KEYS.includes(name)) description.lists.set(name, scanList(scanner));
  else description.numbers.set(name, scanSigned(scanner));
}

function scanHint(scanner: SeriesScanner): CounterResetHint {
  const start = scanner.index;
  const word = scanner.key();
  const hint = HINTS.get(word?.toLowerCase() ?? "");
  return hint ?? scanner.fail(start, `bad histogram descriptor found: ${quote(word ?? "")}`);
}

function scanSigned(scanner: SeriesScanner): number {
  const sign = scanner.take("-") ? -1 : 1;
  const word = scanner.word()?.toLowerCase();
  if (word === "inf") return sign * Infinity;
  if (word === "nan") return NaN;
  const context = "histogram description";
  const text = word === undefined ? scanner.number() : undefined;
  return sign * scanner.value(text ?? scanner.unexpected(context, "histogram description key, e.g. buckets:[5 10 7]"));
}

function scanList(scanner: SeriesScanner): number[] {
  const list: number[] = [];
  if (!scanner.take("["))
    scanner.unexpected("histogram description", "histogram description key, e.g. buckets:[5 10 7]");
  for (;;) {
    list.push(scanSigned(scanner));
    const spaced = scanner.skipSpace();
    if (scanner.take("]")) return list;
    if (!spaced)
      scanner.fail(scanner.index, `invalid character in buckets description: ${quoteChar(scanner.character)}`);
  }
}

function histogramOf({ numbers, lists, hint }: Description): FloatHistogram {
  const number = (key: string): number => numbers.get(key) ?? 0;
  const buckets = (key: string): Float64Array => Float64Array.from(lists.get(key) ?? []);
  const spans = (key: string, offsetKey: string): Span[] => {
    const length = lists.get(key)?.length ?? 0;
    return length === 0 ? [] : [{ offset: number(offsetKey), length }];
  };
  const schema = number("schema");
  return {
    resetHint: hint ?? "unknown",
    schema,
    zeroThreshold: number("z_bucket_w"),
    zeroCount: number("z_bucket"),
    count: number("count"),
    sum: number("sum"),
    positiveSpans: spans("buckets", "offset"),
    positiveBuckets: buckets("buckets"),
    negativeSpans: spans("n_buckets", "n_offset"),
    negativeBuckets: buckets("n_buckets"),
    customBounds: lists.has("custom_values") || schema === CUSTOM_BUCKETS_SCHEMA ? buckets("custom_values") : undefined,
  };
}

/**
 * Returns the histograms that `{{base}}±{{step}}xN` describes: the base, and N further histograms, each of which adds
 * or subtracts the step once more.
 */
export function combineHistograms(
  scanner: SeriesScanner,
  base: FloatHistogram,
  step: FloatHistogram,
  sign: 1 | -1,
  times: number,
): FloatHistogram[] {
  const sequence = [base];
  let current = base;
  for (let i = 0; i < times; i++) {
    if (current.schema > step.schema) {
      scanner.fail(
        scanner.index,
        `error combining histograms: cannot merge from schema ${step.schema} to ${current.schema}`,
      );
    }
    const builder = new HistogramBuilder(current);
    try {
      if (sign === 1) builder.add(step);
      else builder.subtract(step);
    } catch (error) {
      if (!(error instanceof IncompatibleSchemaError)) throw error;
      scanner.fail(scanner.index, error.message);
    }
    current = builder.toHistogram();
    sequence.push(current);
  }
  return sequence;
}
