import type { JsonObject } from "@narthex/dashboards";
import { listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ExpressionItem, ExpressionValue } from "./expression-value.ts";

/** A condition of an alert of old versions of Grafana: a reduced query that is compared with numbers. */
interface Condition {
  readonly refId: string;
  readonly isOr: boolean;
  readonly reduce: Reduce;
  readonly holds: (value: number | undefined) => boolean;
}

const newest = (values: Float64Array): number | undefined => values.at(-1);

/** Compares the newest with the oldest number. One number alone has the difference 0, as in Grafana. */
const difference =
  (of: (newest: number, oldest: number) => number) =>
  (values: Float64Array): number | undefined =>
    values.length === 0 ? undefined : values.length === 1 ? 0 : of(values.at(-1)!, values[0]!);

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const extremeOf =
  (isBetter: (a: number, b: number) => boolean) =>
  (values: Float64Array): number | undefined =>
    values.length === 0 ? undefined : values.reduce((best, value) => (isBetter(value, best) ? value : best));

function medianOf(values: Float64Array): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

type Reduce = (values: Float64Array) => number | undefined;

/** Reducers of classic conditions over the values of a series that are numbers. `count` counts all values. */
const REDUCERS: ReadonlyMap<string, Reduce> = new Map<string, Reduce>([
  ["avg", (values) => (values.length === 0 ? undefined : sumOf(values) / values.length)],
  ["sum", (values) => (values.length === 0 ? undefined : sumOf(values))],
  ["min", extremeOf((a, b) => a < b)],
  ["max", extremeOf((a, b) => a > b)],
  ["last", newest],
  ["median", medianOf],
  ["diff", difference((a, b) => a - b)],
  ["diff_abs", difference((a, b) => Math.abs(a - b))],
  ["percent_diff", difference((a, b) => ((a - b) / Math.abs(b)) * 100)],
  ["percent_diff_abs", difference((a, b) => Math.abs(((a - b) / b) * 100))],
  ["count_non_null", (values) => (values.length === 0 ? undefined : values.length)],
]);

/** Returns the refIds that the conditions use. */
export const conditionReferences = (source: JsonObject): readonly string[] => [
  ...new Set(objectsAt(source, "conditions").flatMap((one) => refIdOf(one) || [])),
];

const refIdOf = (condition: JsonObject): string => {
  const [refId] = listAt(objectAt(condition, "query") ?? {}, "params");
  return typeof refId === "string" ? refId : "";
};

/**
 * Evaluates classic conditions: 1 if they are true, otherwise 0, and NaN if the queries have no values. A condition
 * is true if it is true for one of its series. Throws QueryFailure.
 */
export function classicConditions(source: JsonObject, valueOf: (refId: string) => ExpressionValue): ExpressionValue {
  const conditions = objectsAt(source, "conditions").map(readCondition);
  if (conditions.length === 0) throw new QueryFailure(400, "classic conditions need at least one condition; add one");
  let isFiring = false;
  let isEmpty = false;
  conditions.forEach((condition, at) => {
    const outcome = outcomeOf(condition, valueOf(condition.refId));
    const { isOr } = condition;
    isFiring = at === 0 ? outcome.holds : isOr ? isFiring || outcome.holds : isFiring && outcome.holds;
    isEmpty = at === 0 ? outcome.isEmpty : isOr ? isEmpty || outcome.isEmpty : isEmpty && outcome.isEmpty;
  });
  return [{ labels: {}, values: Float64Array.of(isEmpty ? Number.NaN : isFiring ? 1 : 0) }];
}

/**
 * Returns whether a condition is true for a series or number, and whether all series have no value. `no_value` is true
 * for a series without values, which then counts as a value.
 */
function outcomeOf(
  { reduce, holds }: Condition,
  items: ExpressionValue,
): { readonly holds: boolean; readonly isEmpty: boolean } {
  if (items.length === 0) return { holds: holds(undefined), isEmpty: !holds(undefined) };
  const reduced = items.map((item) => reducedItem(item, reduce));
  return { holds: reduced.some(holds), isEmpty: reduced.every((value) => value === undefined && !holds(value)) };
}

function reducedItem({ times, values }: ExpressionItem, reduce: Condition["reduce"]): number | undefined {
  if (times !== undefined) return reduce(values);
  return Number.isNaN(values[0]) ? undefined : values[0];
}

function readCondition(condition: JsonObject, at: number): Condition {
  const refId = refIdOf(condition);
  if (refId === "") throw new QueryFailure(400, `condition ${at + 1} is missing the query RefID argument`);
  const operator = textAt(objectAt(condition, "operator") ?? {}, "type");
  if (at > 0 && operator !== "and" && operator !== "or")
    throw new QueryFailure(400, `condition ${at + 1} operator must be \`and\` or \`or\``);
  const reducer = textAt(objectAt(condition, "reducer") ?? {}, "type");
  return { refId, isOr: operator === "or", reduce: reducerOf(reducer, at), holds: evaluatorOf(condition) };
}

function reducerOf(type: string, at: number): Condition["reduce"] {
  if (type === "count") return (values) => (values.length === 0 ? undefined : values.length);
  const reduce = REDUCERS.get(type);
  if (reduce === undefined)
    throw new QueryFailure(
      400,
      `invalid reducer '${type}' in condition ${at + 1}; there are count, ${[...REDUCERS.keys()].join(", ")}`,
    );
  return (values) => reduce(values.filter((value) => !Number.isNaN(value)));
}

function evaluatorOf(condition: JsonObject): Condition["holds"] {
  const evaluator = objectAt(condition, "evaluator") ?? {};
  const type = textAt(evaluator, "type");
  if (type === "no_value") return (value) => value === undefined;
  const [first = Number.NaN, second = Number.NaN] = listAt(evaluator, "params").map(Number);
  const isRange = RANGES.has(type);
  if (Number.isNaN(first) || (isRange && Number.isNaN(second)))
    throw new QueryFailure(400, `evaluator '${type}' needs ${isRange ? "two numbers" : "a number"} under params`);
  const holds = (isRange ? RANGES : COMPARISONS).get(type);
  if (holds === undefined)
    throw new QueryFailure(
      400,
      `evaluator invalid evaluator type: ${type}; there are no_value, ${[...COMPARISONS.keys(), ...RANGES.keys()].join(", ")}`,
    );
  return (value) => value !== undefined && holds(value, Math.min(first, second), Math.max(first, second), first);
}

/** Compares a value with a range, or with the first parameter. */
type Comparison = (value: number, low: number, high: number, first: number) => boolean;

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["gt", (value, _low, _high, first) => value > first],
  ["lt", (value, _low, _high, first) => value < first],
  ["eq", (value, _low, _high, first) => value === first],
  ["ne", (value, _low, _high, first) => value !== first],
  ["ge", (value, _low, _high, first) => value >= first],
  ["le", (value, _low, _high, first) => value <= first],
]);

const RANGES: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["within_range", (value, low, high) => value > low && value < high],
  ["outside_range", (value, low, high) => value < low || value > high],
  ["within_range_included", (value, low, high) => value >= low && value <= high],
  ["outside_range_included", (value, low, high) => value <= low || value >= high],
]);
