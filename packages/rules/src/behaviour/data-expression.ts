import { type Expr, valueTypeOf } from "@narthex/promql";

/** Functions whose result exists because data is missing. */
const ABSENCE = new Set(["absent", "absent_over_time"]);
/** Functions that return a value without data. */
const ALWAYS = new Set(["scalar", "vector"]);
/** Aggregations that select some of their elements. */
const SELECTING = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

/**
 * Returns the expression whose result contains each label set for which the expression of a rule has data, even if its
 * comparisons are false. Returns undefined if the label sets of the expression always have data.
 *
 * A comparison with a scalar becomes its vector. A comparison of two vectors gets `bool`. `and` and `unless` become
 * their left side. Aggregations such as topk become their argument.
 */
export function dataExpression(expr: Expr): Expr | undefined {
  switch (expr.kind) {
    case "number":
    case "string":
      return undefined;
    case "vectorSelector":
    case "matrixSelector":
      return expr;
    case "paren":
    case "unary":
    case "subquery":
      return wrapped(expr);
    case "aggregate": {
      const inner = dataExpression(expr.expr);
      if (inner === undefined) return undefined;
      return SELECTING.has(expr.op) ? inner : { ...expr, expr: inner };
    }
    case "call":
      return dataOfCall(expr);
    case "binary":
      return dataOfOperator(expr);
  }
}

type Kind<K extends Expr["kind"]> = Extract<Expr, { readonly kind: K }>;

function wrapped(expr: Kind<"paren" | "unary" | "subquery">): Expr | undefined {
  const inner = dataExpression(expr.expr);
  return inner === undefined ? undefined : { ...expr, expr: expr.kind === "paren" ? inner : operand(inner) };
}

function dataOfCall(expr: Kind<"call">): Expr | undefined {
  if (ABSENCE.has(expr.func) || ALWAYS.has(expr.func)) return undefined;
  const args: Expr[] = [];
  let hasVector = false;
  for (const arg of expr.args) {
    const type = valueTypeOf(arg);
    if (type !== "vector" && type !== "matrix") {
      args.push(arg);
      continue;
    }
    const inner = dataExpression(arg);
    if (inner === undefined) return undefined;
    args.push(inner);
    hasVector = true;
  }
  return hasVector ? { ...expr, args } : undefined;
}

function dataOfOperator(expr: Kind<"binary">): Expr | undefined {
  const { op, lhs, rhs, matching } = expr;
  if (op === "and" || op === "unless") return dataExpression(lhs);
  if (matching === null) return dataOfScalarOperator(expr);
  const [left, right] = [dataExpression(lhs), dataExpression(rhs)];
  const isAlways = op === "or" ? left === undefined || right === undefined : left === undefined && right === undefined;
  if (isAlways) return undefined;
  const returnBool = expr.returnBool || COMPARISONS.has(op);
  return { ...expr, lhs: operand(left ?? lhs), rhs: operand(right ?? rhs), returnBool };
}

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** Returns the data of an operator of which at most one side is a vector. */
function dataOfScalarOperator(expr: Kind<"binary">): Expr | undefined {
  const isLeft = valueTypeOf(expr.lhs) === "vector";
  const side = isLeft ? expr.lhs : expr.rhs;
  if (valueTypeOf(side) !== "vector") return undefined;
  return dataExpression(side);
}

/** Puts an operator in parentheses, so that its text as an operand of another operator has the same meaning. */
const operand = (expr: Expr): Expr =>
  expr.kind === "binary" || expr.kind === "unary" ? { kind: "paren", expr, position: expr.position } : expr;
