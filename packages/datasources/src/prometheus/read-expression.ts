import { type ExpressionResult, parseExpression } from "@narthex/promql";

/** What any server may know: an expression is the server's to refuse, not ours. */
const LANGUAGE = { experimentalFunctions: true, extendedRangeSelectors: true, binopFillModifiers: true } as const;

/** Reads an expression that a source's server is asked, to look into it. */
export const readExpression = (expr: string): ExpressionResult => parseExpression(expr, LANGUAGE);
