import { byteLength } from "./byte-length.ts";
import type { Expr } from "./ast.ts";
import { printAggregation, printExpression, printOperator, printSubquerySuffix } from "./printer.ts";
import { childrenOf } from "./walk.ts";

/** Maximum length in bytes of an expression on one line. A longer expression is divided into several lines. */
const MAX_LINE = 100;
/** Maximum length in UTF-16 units of a formatted text with line breaks. A longer text is printed on one line. */
const MAX_SPREAD = 2 ** 24;

/**
 * Returns the canonical text of an expression. Long expressions are on several lines, indented by two blanks for each
 * level, as in the format_query API.
 */
export function prettyPrint(expr: Expr): string {
  const printer = new PrettyPrinter();
  printer.print(expr, 0);
  return printer.text ?? printExpression(expr);
}

/**
 * Collects the lines of a formatted expression. Each part is measured only once, so that the time is linear for any
 * depth.
 */
class PrettyPrinter {
  readonly #pieces: string[] = [];
  #length = 0;
  readonly #widths = new Map<Expr, number>();

  /** The formatted text, or undefined if it would be too long. */
  get text(): string | undefined {
    return this.#length > MAX_SPREAD ? undefined : this.#pieces.join("");
  }

  /** @param led whether the expression follows other text on its line, so that it is not indented */
  print(expr: Expr, level: number, led = false): void {
    if (this.#length > MAX_SPREAD) return;
    const fits = this.#width(expr) <= MAX_LINE;
    // Prints a short subquery without indentation, as Prometheus does.
    if (fits && expr.kind === "subquery") return this.#write(printExpression(expr));
    const margin = indent(level);
    if (expr.kind === "unary") {
      this.#write(led ? "" : margin, expr.op);
      return this.print(expr.expr, level, true);
    }
    if (fits || childrenOf(expr).length === 0 || expr.kind === "matrixSelector") {
      return this.#write(led ? "" : margin, printExpression(expr));
    }
    switch (expr.kind) {
      case "aggregate":
        this.#write(led ? "" : margin, printAggregation(expr));
        return this.#arguments(expr.param === null ? [expr.expr] : [expr.param, expr.expr], level);
      case "binary":
        this.print(expr.lhs, level + 1, led);
        this.#write("\n", margin, printOperator(expr), "\n");
        return this.print(expr.rhs, level + 1);
      case "call":
        this.#write(led ? "" : margin, expr.func);
        return this.#arguments(expr.args, level);
      case "paren":
        this.#write(led ? "" : margin);
        return this.#arguments([expr.expr], level);
      case "subquery":
        this.print(expr.expr, level, led);
        return this.#write(printSubquerySuffix(expr));
    }
  }

  #arguments(list: readonly Expr[], level: number): void {
    this.#write("(");
    list.forEach((one, i) => {
      this.#write(i === 0 ? "\n" : ",\n");
      this.print(one, level + 1);
    });
    this.#write("\n", indent(level), ")");
  }

  #write(...pieces: string[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
  }

  /** Returns the length in bytes that an expression has on one line. */
  #width(expr: Expr): number {
    const known = this.#widths.get(expr);
    if (known !== undefined) return known;
    const width = this.#measure(expr);
    this.#widths.set(expr, width);
    return width;
  }

  #measure(expr: Expr): number {
    switch (expr.kind) {
      case "aggregate": {
        const param = expr.param === null ? 0 : this.#width(expr.param) + 2;
        return byteLength(printAggregation(expr)) + param + this.#width(expr.expr) + 2;
      }
      case "binary":
        return this.#width(expr.lhs) + byteLength(printOperator(expr)) + this.#width(expr.rhs) + 2;
      case "call":
        return expr.args.reduce((sum, arg, i) => sum + this.#width(arg) + (i === 0 ? 0 : 2), expr.func.length + 2);
      case "paren":
        return this.#width(expr.expr) + 2;
      case "subquery":
        return this.#width(expr.expr) + byteLength(printSubquerySuffix(expr));
      case "unary":
        return this.#width(expr.expr) + 1;
      default:
        return byteLength(printExpression(expr));
    }
  }
}

const indent = (level: number): string => "  ".repeat(level);
