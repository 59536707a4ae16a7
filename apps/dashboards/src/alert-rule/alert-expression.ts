import { filteredExpression, QueryFailure, readExpression } from "@narthex/datasources";
import type { JsonObject } from "@narthex/dashboards";
import { type Expr, prettyPrint, printExpression, valueTypeOf } from "@narthex/promql/syntax";

/** When a rule's alerts are active: colours of thresholds begin at their value, so that value belongs to what is above. */
export interface Condition {
  readonly isAbove: boolean;
  readonly value: number;
}

/** A rule's expression; of the result nothing is known where the query cannot be read. */
export interface AlertExpression {
  readonly text: string;
  readonly query: Expr | undefined;
}

/** Operators that bind no more strongly than a comparison. */
const LOOSE: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">=", "and", "or", "unless"]);

const comparison = ({ isAbove, value }: Condition): string => `${isAbove ? ">=" : "<"} ${String(value)}`;

/**
 * A query compared with a threshold. One that cannot be read stays as it is written, for the checker to say what is wrong.
 *
 * @param source of a query: its `expr`, and the filters that its selectors take on
 */
export function alertExpression(source: JsonObject, condition: Condition): AlertExpression {
  const { expr } = source;
  const written = typeof expr === "string" ? expr.trim() : "";
  // A comment at the query's end would swallow what follows it.
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

/** Longer queries are spread over lines. */
const MAX_LINE = 100;

/** A query as the left side of a comparison. A number becomes a vector: a comparison of numbers drops nothing. */
function operand(query: Expr): string {
  const text = printExpression(query);
  if (valueTypeOf(query) === "scalar") return `vector(${text})`;
  const isSpread = text.length > MAX_LINE;
  const needsParens = query.kind === "binary" && (isSpread || LOOSE.has(query.op));
  const { position } = query;
  const whole: Expr = needsParens ? { kind: "paren", expr: query, position } : query;
  return isSpread ? `${prettyPrint(whole)}\n` : printExpression(whole);
}
