import { type Expr, valueTypeOf } from "@narthex/promql";

type Comparison = Extract<Expr, { readonly kind: "binary" }>;

/** A comparison of a vector with a scalar, with the vector on the left side. */
interface Limit {
  readonly vector: Expr;
  readonly op: ">" | ">=" | "<" | "<=";
  readonly scalar: Expr;
}

const MIRRORED: ReadonlyMap<string, Limit["op"]> = new Map([
  [">", "<"],
  [">=", "<="],
  ["<", ">"],
  ["<=", ">="],
]);

/** Returns the comparison of a rule's expression with a limit, or undefined if the expression is no such comparison. */
function limitOf(expr: Expr): Limit | undefined {
  let inner = expr;
  while (inner.kind === "paren") inner = inner.expr;
  if (inner.kind !== "binary" || inner.matching !== null || inner.returnBool) return undefined;
  const { lhs, op, rhs } = inner;
  const mirrored = MIRRORED.get(op);
  if (mirrored === undefined) return undefined;
  if (valueTypeOf(lhs) === "vector") return { vector: lhs, op: op as Limit["op"], scalar: rhs };
  return valueTypeOf(rhs) === "vector" ? { vector: rhs, op: mirrored, scalar: lhs } : undefined;
}

/** The condition of a recovery threshold, or why the expression of the rule cannot have this threshold. */
export type ThresholdCondition =
  | { readonly ok: true; readonly expr: Expr; readonly threshold: string }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/**
 * Returns the expression that selects the label sets that have recovered: an alert `x > 90` with the threshold 80 recovers
 * if `x < 80`.
 */
export function thresholdCondition(expr: Expr, threshold: number): ThresholdCondition {
  const limit = limitOf(expr);
  if (limit === undefined)
    return {
      ok: false,
      message: "the expression of the rule is not a comparison with a number by <, <=, > or >=",
      hint: "write recovery_expr, an expression that returns the label sets that have recovered",
    };
  const isUpper = limit.op === ">" || limit.op === ">=";
  const fires = numberOf(limit.scalar);
  if (fires !== undefined && (isUpper ? threshold > fires : threshold < fires))
    return {
      ok: false,
      message: `the recovery threshold ${threshold} is ${isUpper ? "above" : "below"} ${fires}, at which the alert fires`,
      hint: `write ${fires} or a ${isUpper ? "smaller" : "larger"} number`,
    };
  const op = isUpper ? "<" : ">";
  return { ok: true, expr: comparison(limit.vector, op, threshold), threshold: `${op} ${threshold}` };
}

function comparison(vector: Expr, op: "<" | ">", value: number): Comparison {
  const { position } = vector;
  const lhs: Expr = vector.kind === "binary" ? { kind: "paren", expr: vector, position } : vector;
  const rhs: Expr = { kind: "number", value, duration: false, position };
  return { kind: "binary", op, lhs, rhs, matching: null, returnBool: false, position };
}

/** Returns the value of a number, also one with a sign or in parentheses. */
function numberOf(expr: Expr): number | undefined {
  let sign = 1;
  let inner = expr;
  while (inner.kind === "paren" || inner.kind === "unary") {
    if (inner.kind === "unary" && inner.op === "-") sign = -sign;
    inner = inner.expr;
  }
  return inner.kind === "number" ? sign * inner.value : undefined;
}
