import { type Expr, printExpression, valueTypeOf, type VectorSelector } from "@narthex/promql";
import { COMPARISONS, metricOf, unwrapped } from "../expression/nodes.ts";
import { valueRange } from "../expression/value-range.ts";
import type { RuleCheck } from "../rule-check.ts";
import { acceptsAll } from "./contradiction.ts";

export const noCondition: RuleCheck = {
  name: "no-condition",
  severity: "warning",
  help: "The alert has no condition: it fires for each series, whatever its value is.",
  check({ spec }, _context, report) {
    if (spec.kind !== "alerting") return;
    const { expr } = spec;
    const unconditional = unfiltered(expr);
    if (unconditional === undefined || isConstant(expr)) return;
    if (unconditional.kind === "binary" && COMPARISONS.has(unconditional.op))
      return unconditional.returnBool
        ? report(
            { part: "expr", node: unconditional },
            `${printExpression(unconditional)} returns 0 or 1 for each series because of bool, so the alert always fires`,
            "remove bool",
            "error",
          )
        : report(
            { part: "expr", node: unconditional },
            `${printExpression(unconditional)} is true for each series, so the alert always fires`,
            "correct the comparison",
          );
    report(
      { part: "expr", node: expr },
      "the expression has no comparison, so the alert fires for each series, even if its value is 0",
      "compare with a number, for example `> 0`",
    );
  },
};

/** Calls whose result itself is the condition. */
const CONDITIONS: ReadonlySet<string> = new Set(["absent", "absent_over_time"]);

/** Series that exist only while something is wrong. */
const EVENTS: ReadonlySet<string> = new Set(["ALERTS", "ALERTS_FOR_STATE"]);

/** Reports whether a selector selects info series by a label, such as `listener_info{state="down"}`. Their value is 1. */
const isFilteredInfo = (selector: VectorSelector): boolean =>
  /_(?:info|metadata)$/.test(metricOf(selector) ?? "") && selector.matchers.length > 1;

/**
 * Returns a part of the expression because of which the expression has a result for every value of its series.
 * Returns undefined if the expression depends on a condition.
 */
function unfiltered(expr: Expr): Expr | undefined {
  const inner = unwrapped(expr);
  switch (inner.kind) {
    case "aggregate":
    case "subquery":
    case "unary":
      return unfiltered(inner.expr);
    case "matrixSelector":
      return unfiltered(inner.selector);
    case "vectorSelector":
      return EVENTS.has(metricOf(inner) ?? "") || isFilteredInfo(inner) ? undefined : inner;
    case "call": {
      if (CONDITIONS.has(inner.func)) return undefined;
      const vectors = inner.args.filter((arg) => ["vector", "matrix"].includes(valueTypeOf(arg)));
      return vectors.some((arg) => unfiltered(arg) === undefined) ? undefined : inner;
    }
    case "binary": {
      if (COMPARISONS.has(inner.op)) return ofComparison(inner);
      if (inner.op === "unless") return undefined;
      const sides = [inner.lhs, inner.rhs].filter((side) => valueTypeOf(side) === "vector").map(unfiltered);
      if (inner.op === "or") return sides.find((side) => side !== undefined);
      const isFiltered = sides.includes(undefined);
      return isFiltered ? undefined : (sides.find((side) => isAlwaysTrue(side!)) ?? inner);
    }
    default:
      return inner;
  }
}

const isAlwaysTrue = (expr: Expr): boolean => expr.kind === "binary" && COMPARISONS.has(expr.op);

function ofComparison(expr: Extract<Expr, { kind: "binary" }>): Expr | undefined {
  const [left, right] = [unwrapped(expr.lhs), unwrapped(expr.rhs)];
  if (expr.returnBool) {
    const inner = [left, right].filter((side) => valueTypeOf(side) === "vector");
    return inner.some((side) => unfiltered(side) === undefined) ? undefined : expr;
  }
  if (right.kind !== "number" || isPresence(left)) return undefined;
  const isFiltered = unfiltered(left) === undefined;
  return !isFiltered && acceptsAll(expr.op, right.value, valueRange(left)) ? expr : undefined;
}

/** Reports whether an expression has a result only if a series exists, so that `count(x) > 0` is a usual condition. */
const isPresence = (expr: Expr): boolean =>
  (expr.kind === "aggregate" && (expr.op === "count" || expr.op === "group")) ||
  (expr.kind === "call" &&
    (expr.func.startsWith("absent") || expr.func === "present_over_time" || expr.func === "count_over_time"));

/** Reports whether the alert fires on purpose all the time, such as a watchdog with vector(1). */
function isConstant(expr: Expr): boolean {
  const inner = unwrapped(expr);
  return inner.kind === "number" || (inner.kind === "call" && inner.func === "vector" && isConstant(inner.args[0]!));
}
