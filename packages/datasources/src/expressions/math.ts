import type { Labels } from "@narthex/dashboards";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { ExpressionItem, ExpressionValue } from "./expression-value.ts";
import { type MathNode, type MathOperator, parseMath } from "./math-syntax.ts";

/** Largest number of pairs of numbers or series that an operation may combine. */
const MAX_PAIRS = 100_000;
/** Work of comparing the labels of a pair, as a number of computed values that take the same time. */
const VALUES_OF_PAIR = 10;

const truth = (value: boolean): number => (value ? 1 : 0);
const OPERATORS: Readonly<Record<MathOperator, (left: number, right: number) => number>> = {
  "||": (left, right) => truth(left !== 0 || right !== 0),
  "&&": (left, right) => truth(left !== 0 && right !== 0),
  "==": (left, right) => truth(left === right),
  "!=": (left, right) => truth(left !== right),
  "<": (left, right) => truth(left < right),
  "<=": (left, right) => truth(left <= right),
  ">": (left, right) => truth(left > right),
  ">=": (left, right) => truth(left >= right),
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "**": (left, right) => left ** right,
};

const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["null", NaN],
  ["inf", Infinity],
  ["infn", -Infinity],
]);
const FUNCTIONS: ReadonlyMap<string, (value: number) => number> = new Map<string, (value: number) => number>([
  ["abs", Math.abs],
  ["log", Math.log],
  // Halves are rounded away from zero, as in Go.
  ["round", (value) => Math.sign(value) * Math.round(Math.abs(value))],
  ["ceil", Math.ceil],
  ["floor", Math.floor],
  ["is_nan", (value) => truth(Number.isNaN(value))],
  ["is_null", (value) => truth(Number.isNaN(value))],
  ["is_inf", (value) => truth(value === Infinity || value === -Infinity)],
  ["is_number", (value) => truth(Number.isFinite(value))],
]);

/** Returns the refIds that a formula uses. Throws QueryFailure if it is invalid. */
export function mathReferences(text: string): readonly string[] {
  const found = new Set<string>();
  const visit = (node: MathNode): void => {
    if (node.kind === "reference") found.add(node.refId);
    else if (node.kind === "unary") visit(node.of);
    else if (node.kind === "binary") [node.left, node.right].forEach(visit);
    else if (node.kind === "call") node.args.forEach(visit);
  };
  visit(parseMath(text));
  return [...found];
}

/**
 * Evaluates a formula. An operation combines the numbers and series of both sides whose labels match. Throws
 * QueryFailure.
 */
export function evaluateMath(
  text: string,
  valueOf: (refId: string) => ExpressionValue,
  budget: ValueBudget,
): ExpressionValue {
  const evaluate = (node: MathNode): ExpressionValue => {
    switch (node.kind) {
      case "number":
        return scalar(node.value);
      case "reference":
        return valueOf(node.refId);
      case "unary":
        return mapped(evaluate(node.of), node.op === "-" ? (value) => -value : (value) => truth(value === 0), budget);
      case "binary":
        return joined(evaluate(node.left), evaluate(node.right), OPERATORS[node.op], budget);
      case "call":
        return called(node.name, node.args.map(evaluate), budget);
    }
  };
  return evaluate(parseMath(text));
}

const scalar = (value: number): ExpressionValue => [{ labels: {}, values: Float64Array.of(value) }];

const mapped = (value: ExpressionValue, of: (value: number) => number, budget: ValueBudget): ExpressionValue =>
  value.map((item) => {
    budget.take(item.values.length);
    return { ...item, values: item.values.map(of) };
  });

function called(name: string, args: readonly ExpressionValue[], budget: ValueBudget): ExpressionValue {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined && args.length === 0) return scalar(constant);
  const compute = FUNCTIONS.get(name);
  if (compute !== undefined && args.length === 1) return mapped(args[0]!, compute, budget);
  const known = [...CONSTANTS.keys(), ...FUNCTIONS.keys()].join(", ");
  throw new QueryFailure(400, `there is no function ${name} of ${args.length} arguments; there are ${known}`);
}

function joined(
  left: ExpressionValue,
  right: ExpressionValue,
  compute: (left: number, right: number) => number,
  budget: ValueBudget,
): ExpressionValue {
  if (left.length * right.length > MAX_PAIRS)
    throw new QueryFailure(422, `the expression joins more than ${MAX_PAIRS} pairs of series; ask for fewer`);
  budget.take(left.length * right.length * VALUES_OF_PAIR);
  return left.flatMap((a) =>
    right.flatMap((b): readonly ExpressionItem[] => {
      const labels = commonLabels(a.labels, b.labels, left.length === 1 || right.length === 1);
      if (labels === undefined) return [];
      budget.take(Math.max(a.values.length, b.values.length));
      return [combined(a, b, labels, compute)];
    }),
  );
}

/**
 * Returns the labels of the result if two items match, otherwise undefined. Two items match if the labels of one item
 * are a subset of the labels of the other item, or if `isOnly` is set.
 */
function commonLabels(a: Labels, b: Labels, isOnly: boolean): Labels | undefined {
  if (isWithin(a, b)) return b;
  if (isWithin(b, a)) return a;
  return isOnly ? { ...a, ...b } : undefined;
}

const isWithin = (few: Labels, many: Labels): boolean =>
  Object.keys(few).every((name) => Object.hasOwn(many, name) && many[name] === few[name]);

/** Combines two series. The result has values only at times at which both series have a value. */
function combined(
  a: ExpressionItem,
  b: ExpressionItem,
  labels: Labels,
  compute: (left: number, right: number) => number,
): ExpressionItem {
  if (a.times === undefined && b.times === undefined)
    return { labels, values: Float64Array.of(compute(a.values[0]!, b.values[0]!)) };
  if (b.times === undefined)
    return { labels, times: a.times!, values: a.values.map((value) => compute(value, b.values[0]!)) };
  if (a.times === undefined)
    return { labels, times: b.times, values: b.values.map((value) => compute(a.values[0]!, value)) };
  const times = new Float64Array(Math.min(a.times.length, b.times.length));
  const values = new Float64Array(times.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.times.length && j < b.times.length;) {
    if (a.times[i]! < b.times[j]!) i++;
    else if (a.times[i]! > b.times[j]!) j++;
    else {
      times[count] = a.times[i]!;
      values[count++] = compute(a.values[i++]!, b.values[j++]!);
    }
  }
  return { labels, times: times.slice(0, count), values: values.slice(0, count) };
}
