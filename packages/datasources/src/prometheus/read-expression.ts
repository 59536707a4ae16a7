import { type ExpressionResult, parseExpression, type ParserOptions } from "@narthex/promql/syntax";

/**
 * Parser options that accept all extensions of PromQL. Whether an expression is valid is decided by the source's
 * server.
 */
export const WIDEST_LANGUAGE: ParserOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** Parses an expression in order to analyse it. Accepts all extensions of PromQL. */
export const readExpression = (expr: string): ExpressionResult => parseExpression(expr, WIDEST_LANGUAGE);
