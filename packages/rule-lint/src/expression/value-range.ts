import { type AggregateExpr, type BinaryExpr, type Call, type Expr, valueTypeOf } from "@narthex/promql";
import { COMPARISONS } from "./nodes.ts";

/** The numbers that the values of an expression can have: from `low` to `high`. A bound can be excluded. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
  readonly isLowOpen: boolean;
  readonly isHighOpen: boolean;
}

const range = (low: number, high: number, isLowOpen = false, isHighOpen = false): ValueRange => ({
  low,
  high,
  isLowOpen,
  isHighOpen,
});

const ANY = range(-Infinity, Infinity);
const NOT_NEGATIVE = range(0, Infinity);
const ONE = range(1, 1);

/** Ranges of functions and aggregations whose values do not depend on their argument. */
const KNOWN: ReadonlyMap<string, ValueRange> = new Map([
  ...["absent", "absent_over_time", "present_over_time", "group"].map((name) => [name, ONE] as const),
  ...["count", "count_values", "count_over_time"].map((name) => [name, range(1, Infinity)] as const),
  ...["changes", "resets", "abs", "sqrt", "stddev", "stdvar", "stddev_over_time", "stdvar_over_time"].map(
    (name) => [name, NOT_NEGATIVE] as const,
  ),
  ["sgn", range(-1, 1)],
  ["hour", range(0, 23)],
  ["minute", range(0, 59)],
  ["month", range(1, 12)],
  ["day_of_week", range(0, 6)],
  ["day_of_month", range(1, 31)],
  ["day_of_year", range(1, 366)],
  ["days_in_month", range(28, 31)],
]);

/** Functions and aggregations that return one of the values of their argument, or a value between them. */
const WITHIN: ReadonlySet<string> = new Set(
  (
    "min max avg topk bottomk limitk limit_ratio sort sort_desc sort_by_label sort_by_label_desc label_replace " +
    "label_join info min_over_time max_over_time avg_over_time last_over_time first_over_time scalar vector"
  ).split(" "),
);

/** Returns the numbers that the values of an expression can have. The result may be too large, but never too small. */
export function valueRange(expr: Expr): ValueRange {
  switch (expr.kind) {
    case "number":
      return range(expr.value, expr.value);
    case "paren":
    case "subquery":
      return valueRange(expr.expr);
    case "unary":
      return expr.op === "-" ? negated(valueRange(expr.expr)) : valueRange(expr.expr);
    case "aggregate":
      return ofAggregate(expr);
    case "call":
      return ofCall(expr);
    case "binary":
      return ofBinary(expr);
    default:
      return ANY;
  }
}

function ofAggregate({ op, expr }: AggregateExpr): ValueRange {
  const known = KNOWN.get(op);
  if (known !== undefined) return known;
  if (WITHIN.has(op)) return valueRange(expr);
  const inner = valueRange(expr);
  return op === "sum" && inner.low >= 0 ? range(inner.low, Infinity, inner.isLowOpen) : ANY;
}

const RATES: ReadonlySet<string> = new Set(["rate", "increase", "irate"]);

/** Returns the range of a rate. A range selector of a rate is assumed to select counters, which are not negative. */
function ofRate(argument: Expr): ValueRange {
  if (argument.kind === "paren") return ofRate(argument.expr);
  return argument.kind === "matrixSelector" || valueRange(argument).low >= 0 ? NOT_NEGATIVE : ANY;
}

function ofCall({ func, args }: Call): ValueRange {
  if (RATES.has(func)) return ofRate(args[0]!);
  const known = KNOWN.get(func);
  if (known !== undefined) return known;
  const argument = args.find((arg) => valueTypeOf(arg) !== "string");
  if (argument === undefined) return ANY;
  // scalar() returns NaN for a result without exactly one series. Comparisons do not accept NaN.
  if (WITHIN.has(func)) return valueRange(argument);
  const [, second, third] = args;
  if (func === "clamp_min" && second?.kind === "number") return range(second.value, Infinity);
  if (func === "clamp_max" && second?.kind === "number") return range(-Infinity, second.value);
  if (func === "clamp" && second?.kind === "number" && third?.kind === "number")
    return range(second.value, third.value);
  return ANY;
}

function ofBinary({ op, lhs, rhs, returnBool }: BinaryExpr): ValueRange {
  if (op === "and" || op === "unless") return valueRange(lhs);
  if (op === "or") return hull(valueRange(lhs), valueRange(rhs));
  if (!COMPARISONS.has(op)) return ofArithmetic(op, valueRange(lhs), valueRange(rhs));
  if (returnBool) return range(0, 1);
  // A comparison keeps the values of the vector. Between two vectors, those of the left one.
  if (valueTypeOf(lhs) === "scalar") return intersection(valueRange(rhs), accepted(mirrored(op), valueRange(lhs)));
  return intersection(valueRange(lhs), accepted(op, valueRange(rhs)));
}

function ofArithmetic(op: string, left: ValueRange, right: ValueRange): ValueRange {
  const isConstant = right.low === right.high && Number.isFinite(right.low);
  if (isConstant && op === "+") return { ...left, low: left.low + right.low, high: left.high + right.low };
  if (isConstant && op === "-") return { ...left, low: left.low - right.low, high: left.high - right.low };
  if (isConstant && right.low > 0 && op === "*")
    return { ...left, low: left.low * right.low, high: left.high * right.low };
  if (isConstant && right.low > 0 && op === "/")
    return { ...left, low: left.low / right.low, high: left.high / right.low };
  const isNotNegative = left.low >= 0 && right.low >= 0;
  return isNotNegative && (op === "+" || op === "*" || op === "/") ? NOT_NEGATIVE : ANY;
}

const negated = ({ low, high, isLowOpen, isHighOpen }: ValueRange): ValueRange =>
  range(-high, -low, isHighOpen, isLowOpen);

const mirrored = (op: string): string => op.replace(/[<>]/, (sign) => (sign === "<" ? ">" : "<"));

/** Returns the values for which a comparison with some value of `other` can be true. */
function accepted(op: string, other: ValueRange): ValueRange {
  switch (op) {
    case "==":
      return other;
    case ">":
      return range(other.low, Infinity, true);
    case ">=":
      return range(other.low, Infinity, other.isLowOpen);
    case "<":
      return range(-Infinity, other.high, false, true);
    case "<=":
      return range(-Infinity, other.high, false, other.isHighOpen);
    default:
      return ANY;
  }
}

function hull(one: ValueRange, other: ValueRange): ValueRange {
  const low = Math.min(one.low, other.low);
  const high = Math.max(one.high, other.high);
  return range(
    low,
    high,
    [one, other].every((each) => each.low > low || each.isLowOpen),
    [one, other].every((each) => each.high < high || each.isHighOpen),
  );
}

export function intersection(one: ValueRange, other: ValueRange): ValueRange {
  const low = Math.max(one.low, other.low);
  const high = Math.min(one.high, other.high);
  return range(
    low,
    high,
    [one, other].some((each) => each.low === low && each.isLowOpen),
    [one, other].some((each) => each.high === high && each.isHighOpen),
  );
}

/** Reports whether no number is in the range. */
export const isEmptyRange = ({ low, high, isLowOpen, isHighOpen }: ValueRange): boolean =>
  low > high || (low === high && (isLowOpen || isHighOpen));

/** Reports whether each number of a range is in another one. */
export const isWithin = (inner: ValueRange, outer: ValueRange): boolean =>
  (inner.low > outer.low || (inner.low === outer.low && (!outer.isLowOpen || inner.isLowOpen))) &&
  (inner.high < outer.high || (inner.high === outer.high && (!outer.isHighOpen || inner.isHighOpen)));

/** Returns the values that a comparison with a number accepts. `!=` accepts all values. */
export const acceptedBy = (op: string, value: number): ValueRange => accepted(op, range(value, value));
