import { filteredExpression, QueryFailure, readExpression } from "@narthex/datasources";
import type { JsonObject } from "@narthex/dashboards";
import { type Expr, prettyPrint, printExpression, valueTypeOf } from "@narthex/promql/syntax";

/**
 * The threshold condition of an alerting rule. "Above" includes the threshold itself, because a threshold's colour
 * begins at its value.
 */
export interface Condition {
  readonly isAbove: boolean;
  readonly value: number;
}

/** The expression of an alerting rule, with the parsed query. The query is undefined if it cannot be parsed. */
export interface AlertExpression {
  readonly text: string;
  readonly query: Expr | undefined;
}

/** Operators whose precedence is at most that of a comparison. A query with such an operator is put in parentheses. */
const LOOSE: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "and", "or", "unless"]);

const comparison = ({ isAbove, value }: Condition): string => `${isAbove ? ">=" : "<"} ${String(value)}`;

/**
 * Returns the comparison of a query with a threshold. If the query cannot be parsed, it is inserted unchanged, so that
 * the checker reports its error.
 * @param source a query's properties: its `expr`, and the filters for its selectors
 */
export function alertExpression(source: JsonObject, condition: Condition): AlertExpression {
  const { expr } = source;
  const written = typeof expr === "string" ? expr.trim() : "";
  // The newline ends a comment at the end of the query, which would otherwise hide the comparison.
  const asWritten = { text: `(${written}\n) ${comparison(condition)}`, query: undefined };
  let filtered: string;
  try {
    filtered = filteredExpression(source);
  } catch (error) {
    if (error instanceof QueryFailure) return asWritten;
    throw error;
  }
  const parsed = readExpression(filtered);
  if (!parsed.ok) return asWritten;
  const query = parsed.expr;
  const left = operand(query);
  return { text: `${left}${left.endsWith("\n") ? "" : " "}${comparison(condition)}`, query };
}

/** Maximum length of a query in one line, in characters. A longer query is split into several lines. */
const MAX_LINE = 100;

/**
 * Returns a query as the left side of a comparison. A scalar is converted to a vector, because a comparison of scalars
 * does not filter.
 */
function operand(query: Expr): string {
  const text = printExpression(query);
  if (valueTypeOf(query) === "scalar") return `vector(${text})`;
  const isSpread = text.length > MAX_LINE;
  const needsParens = query.kind === "binary" && (isSpread || LOOSE.has(query.op));
  const { position } = query;
  const whole: Expr = needsParens ? { kind: "paren", expr: query, position } : query;
  return isSpread ? `${prettyPrint(whole)}\n` : printExpression(whole);
}
