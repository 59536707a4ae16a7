import { METRIC_NAME, quote } from "@narthex/model";
import type { AggregateExpr, BinaryExpr, Call, Expr, Position, ValueType, VectorSelector } from "./ast.ts";
import { argumentCount, functionSignature } from "./signatures.ts";
import { documentedType, valueTypeOf } from "./value-type.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const SET_OPERATORS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Report = (position: Position, message: string) => void;

/**
 * Checks the types in a parsed expression. Also sets properties that depend on types: `matching` is null unless both
 * sides are vectors, and set operators match many-to-many.
 */
export function checkTypes(root: Expr, query: string, report: Report): void {
  new TypeChecker(query, report).check(root);
}

class TypeChecker {
  readonly #query: string;
  #bytes: Uint8Array | undefined;
  readonly #report: Report;
  /** The second arguments of info(). Unlike other selectors, these selectors may match all series. */
  readonly #labelSelectors = new Set<Expr>();

  constructor(query: string, report: Report) {
    this.#query = query;
    this.#report = report;
  }

  /** Checks an expression and returns its type. The type of each part is computed only once. */
  check(expr: Expr): ValueType {
    switch (expr.kind) {
      case "aggregate":
        this.#aggregate(expr);
        break;
      case "binary":
        return this.#binary(expr);
      case "call":
        this.#call(expr);
        break;
      case "paren":
        return this.check(expr.expr);
      case "unary": {
        const operand = this.check(expr.expr);
        if (operand !== "scalar" && operand !== "vector") {
          this.#report(
            expr.position,
            `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(documentedType(operand))}`,
          );
        }
        return operand;
      }
      case "subquery": {
        const inner = this.check(expr.expr);
        if (inner !== "vector")
          this.#report(expr.position, `subquery is only allowed on instant vector, got ${inner} instead`);
        break;
      }
      case "matrixSelector":
        this.check(expr.selector);
        break;
      case "vectorSelector":
        this.#vectorSelector(expr);
        break;
      case "number":
      case "string":
        break;
    }
    return valueTypeOf(expr);
  }

  #expect(expr: Expr, wanted: ValueType, context: string): void {
    const type = this.check(expr);
    if (type !== wanted) {
      this.#report(expr.position, `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(type)}`);
    }
  }

  #aggregate(expr: AggregateExpr): void {
    this.#expect(expr.expr, "vector", "aggregation expression");
    if (expr.param !== null)
      this.#expect(expr.param, expr.op === "count_values" ? "string" : "scalar", "aggregation parameter");
  }

  #binary(expr: BinaryExpr): ValueType {
    const left = this.check(expr.lhs);
    const right = this.check(expr.rhs);
    const matching = expr.matching!;
    const comparison = COMPARISONS.has(expr.op);
    if (expr.returnBool && !comparison) {
      this.#report(this.#operatorPosition(expr), "bool modifier can only be used on comparison operators");
    }
    if (comparison && !expr.returnBool && left === "scalar" && right === "scalar") {
      this.#report(this.#operatorPosition(expr), "comparisons between scalars must use BOOL modifier");
    }
    const included = new Set(matching.include);
    for (const label of matching.on ? matching.labels : []) {
      if (included.has(label)) {
        this.#report(
          this.#operatorPosition(expr),
          `label ${quote(label)} must not occur in ON and GROUP clause at once`,
        );
      }
    }
    const operandTypes = "binary expression must contain only scalar and instant vector types";
    if (left !== "scalar" && left !== "vector") this.#report(expr.lhs.position, operandTypes);
    if (right !== "scalar" && right !== "vector") this.#report(expr.rhs.position, operandTypes);
    if (left === "vector" && right === "vector") this.#vectorMatching(expr);
    else this.#noMatching(expr, left === "scalar" || right === "scalar");
    return left === "scalar" && right === "scalar" ? "scalar" : "vector";
  }

  #vectorMatching(expr: BinaryExpr): void {
    const matching = expr.matching!;
    if (!SET_OPERATORS.has(expr.op)) return;
    if (matching.card === "many-to-one" || matching.card === "one-to-many") {
      this.#report(expr.position, `no grouping allowed for ${quote(expr.op)} operation`);
      this.#report(expr.position, "set operations must always be many-to-many");
    }
    if (matching.fillLeft !== null || matching.fillRight !== null) {
      this.#report(expr.position, "filling in missing series not allowed for set operators");
    }
    (expr as Mutable<BinaryExpr>).matching = { ...matching, card: "many-to-many" };
  }

  #noMatching(expr: BinaryExpr, hasScalar: boolean): void {
    const matching = expr.matching!;
    if (matching.labels.length > 0) this.#report(expr.position, "vector matching only allowed between instant vectors");
    if (matching.fillLeft !== null || matching.fillRight !== null) {
      this.#report(expr.position, "filling in missing series only allowed between instant vectors");
    }
    if (hasScalar && SET_OPERATORS.has(expr.op)) {
      this.#report(expr.position, `set operator ${quote(expr.op)} not allowed in binary scalar expression`);
    }
    (expr as Mutable<BinaryExpr>).matching = null;
  }

  /** Returns the position of a binary operator with its modifiers, without surrounding blanks. */
  #operatorPosition(expr: BinaryExpr): Position {
    const bytes = (this.#bytes ??= new TextEncoder().encode(this.#query));
    const blank = (at: number): boolean => BLANKS.has(bytes[at] ?? 0);
    let start = expr.lhs.position.end;
    while (blank(start)) start++;
    let end = expr.rhs.position.start - 1;
    while (blank(end)) end--;
    return { start, end };
  }

  #call(expr: Call): void {
    const signature = functionSignature(expr.func)!;
    const { argTypes, variadic, name } = signature;
    const { min, max } = argumentCount(signature);
    const count = expr.args.length;
    const called = `argument(s) in call to ${quote(name)}, got ${count}`;
    if (variadic === 0 && count !== min) this.#report(expr.position, `expected ${min} ${called}`);
    else if (count < min) this.#report(expr.position, `expected at least ${min} ${called}`);
    else if (count > max) this.#report(expr.position, `expected at most ${max} ${called}`);
    if (name === "info" && count > 1) this.#infoSelector(expr, expr.args[1]!);
    expr.args.forEach((arg, i) => {
      if (i >= argTypes.length && variadic === 0) return;
      const wanted = argTypes[Math.min(i, argTypes.length - 1)]!;
      this.#expect(arg, wanted, `call to function ${quote(name)}`);
    });
  }

  #infoSelector(call: Call, arg: Expr): void {
    const type = valueTypeOf(arg);
    if (type !== "vector") {
      this.#report(
        call.position,
        `expected type instant vector in call to function "info", got ${documentedType(type)}`,
      );
    }
    if (arg.kind !== "vectorSelector") this.#report(arg.position, "expected label selectors only");
    else if (arg.name !== "") this.#report(arg.position, "expected label selectors only, got vector selector instead");
    else this.#labelSelectors.add(arg);
  }

  #vectorSelector(expr: VectorSelector): void {
    if (expr.name !== "") {
      for (const matcher of expr.matchers.slice(0, -1)) {
        if (matcher.name !== METRIC_NAME) continue;
        this.#report(
          expr.position,
          `metric name must not be set twice: ${quote(expr.name)} or ${quote(matcher.value)}`,
        );
      }
    } else if (!this.#labelSelectors.has(expr) && expr.matchers.every((matcher) => matcher.matchesEmpty)) {
      this.#report(expr.position, "vector selector must contain at least one non-empty matcher");
    }
  }
}
