import { byteLength } from "./byte-length.ts";
import type { Expr } from "./ast.ts";
import { printAggregation, printExpression, printOperator, printSubquerySuffix } from "./printer.ts";

/** Bytes beyond which an expression is spread over lines. */
const MAX_LINE = 100;

const indent = (level: number): string => "  ".repeat(level);

/** The canonical text with long expressions spread over lines, two blanks per level (the format_query API). */
export function prettyPrint(expr: Expr): string {
  return pretty(expr, 0);
}

function pretty(expr: Expr, level: number): string {
  const line = printExpression(expr);
  const fits = byteLength(line) <= MAX_LINE;
  const margin = indent(level);
  switch (expr.kind) {
    case "aggregate": {
      if (fits) return margin + line;
      const param = expr.param === null ? "" : `${pretty(expr.param, level + 1)},\n`;
      return `${margin}${printAggregation(expr)}(\n${param}${pretty(expr.expr, level + 1)}\n${margin})`;
    }
    case "binary":
      if (fits) return margin + line;
      return `${pretty(expr.lhs, level + 1)}\n${margin}${printOperator(expr)}\n${pretty(expr.rhs, level + 1)}`;
    case "call":
      if (fits) return margin + line;
      return `${margin}${expr.func}(\n${expr.args.map((arg) => pretty(arg, level + 1)).join(",\n")}\n${margin})`;
    case "paren":
      return fits ? margin + line : `${margin}(\n${pretty(expr.expr, level + 1)}\n${margin})`;
    case "subquery":
      // A short subquery carries no margin: the peer prints it so, and the text is compared byte by byte.
      return fits ? line : pretty(expr.expr, level) + printSubquerySuffix(expr);
    case "unary":
      return margin + expr.op + pretty(expr.expr, level).trim();
    case "matrixSelector":
    case "number":
    case "string":
    case "vectorSelector":
      return margin + line;
  }
}
