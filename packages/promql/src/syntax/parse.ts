import type { Labels, Matcher } from "@narthex/model";
import type { Expr } from "./ast.ts";
import { checkTypes } from "./check-types.ts";
import type { ParseError } from "./parse-error.ts";
import { parseExpr } from "./parse-expression.ts";
import { parseLabelSet, parseVectorSelector } from "./parse-selector.ts";
import { QUERY_LIMITS, SELECTOR_LIMITS, TextBudget, type TextLimits } from "./text-budget.ts";
import { type ParserOptions, SyntaxAbort, TokenStream, TOO_DEEP } from "./token-stream.ts";

export interface ParseFailure {
  readonly ok: false;
  /** The errors, at least one. The first one is shown to users. */
  readonly errors: readonly [ParseError, ...ParseError[]];
}

export type ExpressionResult = { readonly ok: true; readonly expr: Expr } | ParseFailure;
export type SelectorResult = { readonly ok: true; readonly matchers: readonly Matcher[] } | ParseFailure;
export type SelectorsResult = { readonly ok: true; readonly selectors: readonly (readonly Matcher[])[] } | ParseFailure;
export type MetricResult = { readonly ok: true; readonly labels: Labels } | ParseFailure;

/**
 * Parses a whole text with the function `rule`, and checks the result with `check`. Returns undefined if parsing or the
 * check fails.
 */
function parseWhole<T>(stream: TokenStream, rule: () => T, check?: (result: T) => void): T | undefined {
  try {
    stream.charge({ start: 0, end: 0 }, stream.budget.takeText(stream.text));
    const result = rule();
    if (stream.peek().type !== "end") stream.unexpected();
    if (stream.errors.length === 0) check?.(result);
    return result;
  } catch (error) {
    // The depth limit prevents a stack overflow on a normal stack. If the caller's stack is already deep, an overflow
    // is reported like a syntax error.
    if (error instanceof RangeError) stream.report(stream.last, TOO_DEEP);
    else if (!(error instanceof SyntaxAbort)) throw error;
    return undefined;
  }
}

function failureOf(stream: TokenStream): ParseFailure | undefined {
  const [first, ...rest] = stream.errors;
  return first && { ok: false, errors: [first, ...rest] };
}

/**
 * Parses and type-checks a PromQL expression.
 *
 * ```ts
 * const result = parseExpression("sum by (job) (rate(http_requests_total[5m]))");
 * if (!result.ok) throw new Error(result.errors[0].toString()); // `1:5: parse error: …`
 * ```
 */
export function parseExpression(
  text: string,
  options: ParserOptions = {},
  limits: TextLimits = QUERY_LIMITS,
): ExpressionResult {
  const stream = new TokenStream(text, options, new TextBudget(limits));
  const expr = parseWhole(
    stream,
    () => {
      if (stream.peek().type === "end") stream.refuse({ start: 0, end: 0 }, "no expression found in input");
      return parseExpr(stream);
    },
    (tree) => checkTypes(tree, text, (position, message) => stream.report(position, message)),
  );
  return failureOf(stream) ?? { ok: true, expr: expr! };
}

/**
 * Parses the selectors of a request (`match[]`), such as `up` or `{job="x"}`. Modifiers are not allowed, but a selector
 * may match all series. Stops at the first invalid selector. All selectors share the limits of one request, so that
 * parsing cannot block other work.
 */
export function parseSelectors(texts: readonly string[], limits: TextLimits = SELECTOR_LIMITS): SelectorsResult {
  const budget = new TextBudget(limits);
  const selectors: (readonly Matcher[])[] = [];
  for (const text of texts) {
    const stream = new TokenStream(text, {}, budget);
    const selector = parseWhole(stream, () => parseVectorSelector(stream));
    const failure = failureOf(stream);
    if (failure !== undefined) return failure;
    selectors.push(selector!.matchers);
  }
  return { ok: true, selectors };
}

/** Parses one series selector without modifiers. */
export function parseSelector(text: string): SelectorResult {
  const parsed = parseSelectors([text]);
  return parsed.ok ? { ok: true, matchers: parsed.selectors[0]! } : parsed;
}

/** Parses the labels of one series: `up{job="x"}`. */
export function parseMetric(text: string): MetricResult {
  const stream = new TokenStream(text, {});
  const labels = parseWhole(stream, () => parseLabelSet(stream));
  return failureOf(stream) ?? { ok: true, labels: labels! };
}
