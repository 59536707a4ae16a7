import {
  compareBytewise,
  formatDuration,
  formatFloat,
  formatPlain,
  isLegacyLabelName,
  METRIC_NAME,
  quote,
} from "@narthex/model";
import type {
  AggregateExpr,
  AtModifier,
  BinaryExpr,
  DurationExpr,
  DurationOperand,
  Expr,
  NumberLiteral,
  SubqueryExpr,
  VectorSelector,
} from "./ast.ts";
import { millisecondsOf } from "./parse-duration.ts";

/**
 * Returns the canonical text of an expression on one line, as in rules, logs and links. Parsing this text gives the
 * same syntax tree.
 */
export function printExpression(expr: Expr): string {
  switch (expr.kind) {
    case "aggregate": {
      const param = expr.param === null ? "" : `${printExpression(expr.param)}, `;
      return `${printAggregation(expr)}(${param}${printExpression(expr.expr)})`;
    }
    case "binary":
      return `${printExpression(expr.lhs)} ${printOperator(expr)} ${printExpression(expr.rhs)}`;
    case "call":
      return `${expr.func}(${expr.args.map(printExpression).join(", ")})`;
    case "matrixSelector": {
      const { selector } = expr;
      const range = printSpan(expr.rangeMs, expr.rangeExpr);
      return `${printSeries(selector)}[${range}]${printExtension(selector)}${printAt(selector.at)}${printOffset(selector)}`;
    }
    case "number":
      return printNumber(expr);
    case "paren":
      return `(${printExpression(expr.expr)})`;
    case "string":
      return quote(expr.value);
    case "subquery":
      return printExpression(expr.expr) + printSubquerySuffix(expr);
    case "unary":
      return expr.op + printExpression(expr.expr);
    case "vectorSelector":
      return printSeries(expr) + printAt(expr.at) + printExtension(expr) + printOffset(expr);
  }
}

/** Prints an aggregation up to its opening parenthesis: `sum by (a, b) `. */
export function printAggregation(expr: AggregateExpr): string {
  if (expr.without) return `${expr.op} without (${printLabels(expr.grouping)}) `;
  return expr.grouping.length > 0 ? `${expr.op} by (${printLabels(expr.grouping)}) ` : expr.op;
}

/** Prints a binary operator with its modifiers: `== bool on (a) group_left (b)`. */
export function printOperator(expr: BinaryExpr): string {
  let text: string = expr.op;
  if (expr.returnBool) text += " bool";
  const { matching } = expr;
  if (matching === null) return text;
  const grouped = matching.card === "many-to-one" || matching.card === "one-to-many";
  if (matching.labels.length > 0 || matching.on || grouped)
    text += ` ${matching.on ? "on" : "ignoring"} (${printLabels(matching.labels)})`;
  if (grouped)
    text += ` group_${matching.card === "many-to-one" ? "left" : "right"} (${printLabels(matching.include)})`;
  const { fillLeft, fillRight } = matching;
  if (fillLeft !== null && fillLeft === fillRight) return `${text} fill (${formatFloat(fillLeft)})`;
  if (fillLeft !== null) text += ` fill_left (${formatFloat(fillLeft)})`;
  if (fillRight !== null) text += ` fill_right (${formatFloat(fillRight)})`;
  return text;
}

/** Prints the part of a subquery after its expression: `[5m:1m] @ end() offset 1h`. */
export function printSubquerySuffix(expr: SubqueryExpr): string {
  const step = expr.stepMs === 0 && expr.stepExpr === null ? "" : printSpan(expr.stepMs, expr.stepExpr);
  return `[${printSpan(expr.rangeMs, expr.rangeExpr)}:${step}]${printAt(expr.at)}${printOffset(expr)}`;
}

function printLabels(names: readonly string[]): string {
  return names.map((name) => (isLegacyLabelName(name) ? name : quote(name))).join(", ");
}

function printNumber({ value, duration }: NumberLiteral): string {
  return duration ? formatDuration(millisecondsOf(value)) : formatPlain(value);
}

const printSpan = (ms: number, expr: DurationExpr | null): string =>
  expr === null ? formatDuration(ms) : printDuration(expr);

function printAt(at: AtModifier | null): string {
  if (at === null) return "";
  return at.kind === "timestamp" ? ` @ ${(at.ms / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function printOffset({ offsetMs, offsetExpr }: Pick<VectorSelector, "offsetMs" | "offsetExpr">): string {
  if (offsetExpr !== null) return ` offset ${printDuration(offsetExpr)}`;
  return offsetMs === 0 ? "" : ` offset ${formatDuration(offsetMs)}`;
}

function printExtension(selector: VectorSelector): string {
  if (selector.anchored) return " anchored";
  return selector.smoothed ? " smoothed" : "";
}

function printSeries({ name, matchers }: VectorSelector): string {
  const shown = matchers
    .filter(
      (matcher) => !(matcher.name === METRIC_NAME && matcher.type === "=" && matcher.value === name && name !== ""),
    )
    .map(String)
    .sort(compareBytewise);
  // Prints braces for a selector of all series, such as info()'s second argument, so that the text can be parsed.
  return shown.length === 0 && name !== "" ? name : `${name}{${shown.join(",")}}`;
}

/** Prints a computed duration as it was written, including parentheses. */
function printDuration(duration: DurationOperand): string {
  if (duration.kind === "number") return printNumber(duration);
  const text = printArithmetic(duration);
  return duration.wrapped ? `(${text})` : text;
}

function printArithmetic({ op, lhs, rhs }: DurationExpr): string {
  if (lhs === null || rhs === null) {
    if (op === "step" || op === "range") return `${op}()`;
    return (op === "-" ? "-" : "") + (rhs === null ? "" : printDuration(rhs));
  }
  if (op === "min_of" || op === "max_of") return `${op}(${printDuration(lhs)}, ${printDuration(rhs)})`;
  return `${printDuration(lhs)} ${op} ${printDuration(rhs)}`;
}
