import type { DurationExpr, Expr, ValueType } from "./ast.ts";
import { functionSignature } from "./signatures.ts";

/** Returns the type of an expression's value; `none` for a call of an unknown function. */
export function valueTypeOf(expr: Expr | DurationExpr): ValueType {
  switch (expr.kind) {
    case "number":
    case "duration":
      return "scalar";
    case "string":
      return "string";
    case "vectorSelector":
    case "aggregate":
      return "vector";
    case "matrixSelector":
    case "subquery":
      return "matrix";
    case "call":
      return functionSignature(expr.func)?.returnType ?? "none";
    case "paren":
    case "unary":
      return valueTypeOf(expr.expr);
    case "binary":
      return valueTypeOf(expr.lhs) === "scalar" && valueTypeOf(expr.rhs) === "scalar" ? "scalar" : "vector";
  }
}

/** Returns the name of a value type for error messages. */
export function documentedType(type: ValueType): string {
  if (type === "vector") return "instant vector";
  return type === "matrix" ? "range vector" : type;
}
