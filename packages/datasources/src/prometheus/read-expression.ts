import { type ExpressionResult, parseExpression, type ParserOptions } from "@narthex/promql/syntax";

/** What any server may know: an expression is the server's to refuse, not ours. */
export const WIDEST_LANGUAGE: ParserOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** Reads an expression that a source's server is asked, to look into it. */
export const readExpression = (expr: string): ExpressionResult => parseExpression(expr, WIDEST_LANGUAGE);
