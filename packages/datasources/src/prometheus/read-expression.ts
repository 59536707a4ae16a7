import { type ExpressionResult, parseExpression, type ParserOptions } from "@narthex/promql/syntax";

/** All extensions of the language are accepted: the source's server decides whether an expression is valid. */
export const WIDEST_LANGUAGE: ParserOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** Parses an expression for a source's server, to analyse it. */
export const readExpression = (expr: string): ExpressionResult => parseExpression(expr, WIDEST_LANGUAGE);
