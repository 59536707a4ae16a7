import { type BinaryExpr, type Expr, printExpression, walk } from "@narthex/promql";
import { COMPARISONS, selectorText, unwrapped } from "../expression/nodes.ts";
import {
  acceptedBy,
  intersection,
  isEmptyRange,
  isWithin,
  type ValueRange,
  valueRange,
} from "../expression/value-range.ts";
import type { ReportFinding, RuleCheck } from "../rule-check.ts";

export const contradiction: RuleCheck = {
  name: "contradiction",
  severity: "error",
  help: "The expression, or a part of it, can never have a result: for example `x > 5 and x < 3`, or `count(x) == 0`.",
  check({ spec }, _context, report) {
    walk(spec.expr, (node, path) => {
      if (node.kind === "vectorSelector") {
        const one = node.matchers.find(
          ({ type, name, value }) =>
            type === "=" && node.matchers.some((other) => other.name === name && !other.matches(value)),
        );
        if (one !== undefined)
          report(
            { part: "expr", node },
            `no series matches ${selectorText(node)}: its matchers of ${one.name} exclude each other`,
            "remove one of the matchers",
          );
      }
      if (node.kind !== "binary") return;
      if (COMPARISONS.has(node.op)) checkComparison(node, report);
      if (node.op === "and" && !isOperandOfAnd(path)) checkConjunction(node, report);
      if (node.op === "unless") checkExclusion(node, report);
    });
  },
};

function checkComparison(node: BinaryExpr, report: ReportFinding): void {
  if (node.returnBool || !isEmptyRange(valueRange(node))) return;
  const sides = [unwrapped(node.lhs), unwrapped(node.rhs)];
  // An inner comparison without a result is reported itself.
  if (sides.some((side) => isEmptyRange(valueRange(side)))) return;
  const counting = sides.find((side) => side.kind === "aggregate" && side.op === "count");
  const text = `${printExpression(node)} is never true`;
  if (counting !== undefined)
    report(
      { part: "expr", node },
      `${text}: count() of no series has no result, so it is never below 1`,
      "use absent(), or add `or vector(0)` to the count",
    );
  else
    report(
      { part: "expr", node },
      `${text}: ${sides.map((side) => `${printExpression(side)} ${rangeText(valueRange(side))}`).join(", and ")}`,
      "correct the comparison",
    );
}

function rangeText({ low, high }: ValueRange): string {
  if (low === high) return `is ${low}`;
  if (low === -Infinity) return high === Infinity ? "is any number" : `is at most ${high}`;
  return high === Infinity ? `is at least ${low}` : `is between ${low} and ${high}`;
}

const isOperandOfAnd = (path: readonly Expr[]): boolean => {
  const around = path.findLast(({ kind }) => kind !== "paren");
  return around?.kind === "binary" && around.op === "and";
};

/** Returns the operands of nested `and` operators that match on all labels. */
function conjuncts(expr: Expr): readonly Expr[] {
  const inner = unwrapped(expr);
  if (inner.kind !== "binary" || inner.op !== "and" || !matchesOnAll(inner)) return [inner];
  return [...conjuncts(inner.lhs), ...conjuncts(inner.rhs)];
}

const matchesOnAll = ({ matching }: BinaryExpr): boolean =>
  matching !== null && !matching.on && matching.labels.length === 0;

/** Returns the text of the expression whose values a comparison with a number filters, and the numbers that remain. */
function filterOf(expr: Expr): { readonly base: string; readonly range: ValueRange } {
  let inner = unwrapped(expr);
  while (inner.kind === "binary" && COMPARISONS.has(inner.op) && !inner.returnBool) {
    const [left, right] = [unwrapped(inner.lhs), unwrapped(inner.rhs)];
    if (right.kind === "number") inner = left;
    else if (left.kind === "number") inner = right;
    else break;
  }
  return { base: printExpression(inner), range: valueRange(expr) };
}

function checkConjunction(node: BinaryExpr, report: ReportFinding): void {
  const ranges = new Map<string, ValueRange>();
  for (const operand of conjuncts(node)) {
    const { base, range } = filterOf(operand);
    if (isEmptyRange(range)) continue;
    const before = ranges.get(base);
    const both = before === undefined ? range : intersection(before, range);
    ranges.set(base, both);
    if (!isEmptyRange(both)) continue;
    report(
      { part: "expr", node },
      `the conditions on ${base} exclude each other, so the expression never has a result`,
      "use `or` if one of them is enough, or correct the numbers",
    );
    return;
  }
}

function checkExclusion(node: BinaryExpr, report: ReportFinding): void {
  if (!matchesOnAll(node)) return;
  const [kept, removed] = [filterOf(node.lhs), filterOf(node.rhs)];
  const isNotEqual = hasNotEqual(node.rhs);
  if (kept.base !== removed.base || isNotEqual || isEmptyRange(kept.range) || !isWithin(kept.range, removed.range))
    return;
  report(
    { part: "expr", node },
    `${printExpression(node)} never has a result: unless removes all series that its left side has`,
    "correct the numbers",
  );
}

/** Reports whether a filter has `!=`, whose accepted numbers are not one range. */
function hasNotEqual(expr: Expr): boolean {
  const inner = unwrapped(expr);
  return (
    inner.kind === "binary" &&
    COMPARISONS.has(inner.op) &&
    (inner.op === "!=" || hasNotEqual(inner.lhs) || hasNotEqual(inner.rhs))
  );
}

/** Reports whether a comparison with a number accepts all numbers of a range. */
export const acceptsAll = (op: string, value: number, range: ValueRange): boolean =>
  op === "!=" ? false : isWithin(range, acceptedBy(op, value));
