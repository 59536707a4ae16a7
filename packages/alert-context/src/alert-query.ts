import { type Expr, parseExpression, printExpression } from "@narthex/promql/syntax";

/** Query for the values of an alert, and the value at which the alert fires. */
export interface AlertQuery {
  readonly query: string;
  /** Undefined if the alert does not compare with a number. */
  readonly threshold: number | undefined;
}

/** Longer expressions are not requested. */
const MAX_LENGTH = 4096;

const COMPARISONS: ReadonlySet<string> = new Set([">", "<", ">=", "<=", "==", "!="]);

/** Returns the expression in the source link of an alert, or undefined. The host of the link has no meaning. */
export function expressionIn(generatorUrl: string): string | undefined {
  if (generatorUrl.length > 4 * MAX_LENGTH) return undefined;
  const start = generatorUrl.indexOf("?");
  if (start < 0) return undefined;
  const expression = new URLSearchParams(generatorUrl.slice(start + 1).split("#", 1)[0]).get("g0.expr") ?? "";
  return expression === "" || expression.length > MAX_LENGTH ? undefined : expression;
}

/**
 * Returns the query for the values of an alert. An expression such as `errors > 5` has values only while the alert
 * fires, so the query is `errors`. Returns undefined if the expression is invalid.
 */
export function alertQuery(expression: string): AlertQuery | undefined {
  const parsed = parseExpression(expression);
  if (!parsed.ok) return undefined;
  const outer = withoutParentheses(parsed.expr);
  if (outer.kind !== "binary" || !COMPARISONS.has(outer.op)) return { query: expression, threshold: undefined };
  const [left, right] = [numberOf(outer.lhs), numberOf(outer.rhs)];
  if (right !== undefined && left === undefined) return { query: printExpression(outer.lhs), threshold: right };
  if (left !== undefined && right === undefined) return { query: printExpression(outer.rhs), threshold: left };
  return { query: expression, threshold: undefined };
}

function withoutParentheses(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === "paren") inner = inner.expr;
  return inner;
}

/** Returns the value of a number with or without a sign, or undefined. */
function numberOf(expr: Expr): number | undefined {
  const inner = withoutParentheses(expr);
  if (inner.kind === "number") return inner.value;
  if (inner.kind !== "unary") return undefined;
  const value = withoutParentheses(inner.expr);
  if (value.kind !== "number") return undefined;
  return inner.op === "-" ? -value.value : value.value;
}
