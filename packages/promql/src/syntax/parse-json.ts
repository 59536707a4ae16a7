import { formatPlain, type Matcher } from "@narthex/model";
import type { AtModifier, DurationOperand, Expr, SubqueryExpr, VectorSelector } from "./ast.ts";
import { functionSignature } from "./signatures.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Converts an expression to the JSON format of the parse_query API, with keys in alphabetical order. */
export function expressionToJson(expr: Expr): Json {
  switch (expr.kind) {
    case "aggregate": {
      const { op, grouping, without } = expr;
      const param = expr.param === null ? null : expressionToJson(expr.param);
      return { expr: expressionToJson(expr.expr), grouping, op, param, type: "aggregation", without };
    }
    case "binary":
      return binaryToJson(expr);
    case "call": {
      const { name, argTypes, variadic, returnType } = functionSignature(expr.func)!;
      return { args: expr.args.map(expressionToJson), func: { argTypes, name, returnType, variadic }, type: "call" };
    }
    case "matrixSelector":
      return sorted({
        ...selectorToJson(expr.selector),
        range: expr.rangeMs,
        rangeExpr: durationToJson(expr.rangeExpr),
        type: "matrixSelector",
      });
    case "number":
      return { type: "numberLiteral", val: formatPlain(expr.value) };
    case "paren":
      return { expr: expressionToJson(expr.expr), type: "parenExpr" };
    case "string":
      return { type: "stringLiteral", val: expr.value.toWellFormed() };
    case "subquery":
      return sorted({
        ...timeToJson(expr),
        expr: expressionToJson(expr.expr),
        range: expr.rangeMs,
        rangeExpr: durationToJson(expr.rangeExpr),
        step: expr.stepMs,
        stepExpr: durationToJson(expr.stepExpr),
        type: "subquery",
      });
    case "unary":
      return { expr: expressionToJson(expr.expr), op: expr.op, type: "unaryExpr" };
    case "vectorSelector":
      return sorted({ ...selectorToJson(expr), type: "vectorSelector" });
  }
}

function binaryToJson(expr: Extract<Expr, { kind: "binary" }>): Json {
  const { matching } = expr;
  return {
    bool: expr.returnBool,
    lhs: expressionToJson(expr.lhs),
    matching: matching && {
      card: matching.card,
      fillValues: { lhs: matching.fillLeft, rhs: matching.fillRight },
      include: matching.include,
      labels: matching.labels,
      on: matching.on,
    },
    op: expr.op,
    rhs: expressionToJson(expr.rhs),
    type: "binaryExpr",
  };
}

const sorted = (record: Readonly<Record<string, Json>>): Json =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

function selectorToJson(selector: VectorSelector): Record<string, Json> {
  const { name, anchored, smoothed, matchers } = selector;
  return { ...timeToJson(selector), name, anchored, smoothed, matchers: matchers.map(matcherToJson) };
}

const matcherToJson = ({ name, type, value }: Matcher): Json => ({
  name: name.toWellFormed(),
  type,
  value: value.toWellFormed(),
});

function timeToJson({
  offsetMs,
  offsetExpr,
  at,
}: Pick<SubqueryExpr, "offsetMs" | "offsetExpr" | "at">): Record<string, Json> {
  return {
    offset: offsetMs,
    offsetExpr: durationToJson(offsetExpr),
    startOrEnd: endOfRange(at),
    timestamp: at?.kind === "timestamp" ? at.ms : null,
  };
}

const endOfRange = (at: AtModifier | null): Json => (at === null || at.kind === "timestamp" ? null : at.kind);

function durationToJson(duration: DurationOperand | null): Json {
  if (duration === null) return null;
  if (duration.kind === "number")
    return { duration: duration.duration, type: "numberLiteral", val: formatPlain(duration.value) };
  const { op, lhs, rhs, wrapped } = duration;
  return { lhs: durationToJson(lhs), op, rhs: durationToJson(rhs), type: "durationExpr", wrapped };
}
