import { type Field, type JsonObject, parseInterval, reduceTo } from "@narthex/dashboards";
import { asObject, listAt, numberAt, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";
import type { TimeRange } from "../data-source.ts";
import type { ExpressionItem, ExpressionValue } from "./expression-value.ts";

const MAX_POINTS = 100_000;
/** Reducers by the names that expressions use for them. */
const REDUCERS: ReadonlyMap<string, string> = new Map([
  ["", "mean"],
  ["avg", "mean"],
  ["mean", "mean"],
  ["sum", "sum"],
  ["min", "min"],
  ["max", "max"],
  ["count", "count"],
  ["last", "last"],
  ["median", "median"],
]);

export function reduceValue(source: JsonObject, value: ExpressionValue): ExpressionValue {
  const settings = objectAt(source, "settings") ?? {};
  const mode = textAt(settings, "mode");
  const replacement = numberAt(settings, "replaceWithValue") ?? 0;
  const reducer = reducerOf(textAt(source, "reducer"));
  return value.map(({ labels, times, values }) => {
    if (times === undefined)
      return {
        labels,
        values: mode === "replaceNN" ? values.map((one) => (Number.isFinite(one) ? one : replacement)) : values,
      };
    const kept =
      mode === "dropNN"
        ? values.filter(Number.isFinite)
        : mode === "replaceNN"
          ? values.map((one) => (Number.isFinite(one) ? one : replacement))
          : values;
    return { labels, values: Float64Array.of(reduced(kept, reducer, mode)) };
  });
}

function reducerOf(name: string): string {
  const reducer = REDUCERS.get(name);
  if (reducer !== undefined) return reducer;
  throw new QueryFailure(
    400,
    `there is no reducer "${name}"; there are ${[...REDUCERS.keys()].filter((key) => key !== "").join(", ")}`,
  );
}

/** Reduces the values of a series to one number. In strict mode, a value that is not a number makes the result NaN. */
function reduced(values: Float64Array, reducer: string, mode: string): number {
  if (reducer === "count") return values.length;
  if (reducer === "last") return values.at(-1) ?? NaN;
  if (reducer === "sum" && values.length === 0) return 0;
  if (values.length === 0 || (mode === "" && values.some(Number.isNaN))) return NaN;
  const field: Field = { name: "", type: "number", values, config: {} };
  const result = reduceTo(field, reducer);
  return typeof result === "number" ? result : NaN;
}

/**
 * Moves the points of series to another grid. If a step of the grid contains several points, they are reduced; if it
 * contains no point, it is filled.
 */
export function resampleValue(
  source: JsonObject,
  value: ExpressionValue,
  { from, to }: TimeRange,
  budget: ValueBudget,
): ExpressionValue {
  const windowMs = parseInterval(textAt(source, "window"));
  if (windowMs === undefined || windowMs <= 0)
    throw new QueryFailure(400, `the window "${textAt(source, "window")}" is not a duration; write for example 1m`);
  const count = Math.floor((to - from) / windowMs) + 1;
  if (count > MAX_POINTS)
    throw new QueryFailure(422, `resampling gives more than ${MAX_POINTS} points; choose a longer window`);
  budget.take(count * value.length);
  const down = reducerOf(textAt(source, "downsampler"));
  const up = textAt(source, "upsampler");
  return value.map((item) =>
    item.times === undefined ? item : resampled(item, item.times, { from, windowMs, count, down, up }),
  );
}

interface Resampling {
  readonly from: number;
  readonly windowMs: number;
  readonly count: number;
  readonly down: string;
  /**
   * How steps without points are filled: `pad` uses the previous value, `backfilling` the next value, `fillna` no
   * value.
   */
  readonly up: string;
}

function resampled(
  { labels, values }: ExpressionItem,
  given: Float64Array,
  { from, windowMs, count, down, up }: Resampling,
): ExpressionItem {
  const times = Float64Array.from({ length: count }, (_, i) => from + i * windowMs);
  let at = 0;
  let last = NaN;
  const filled = times.map((time) => {
    const first = at;
    while (at < given.length && given[at]! <= time) at++;
    if (at > first) last = values[at - 1]!;
    if (at > first) return reduced(values.subarray(first, at), down, "");
    if (up === "pad") return last;
    return up === "backfilling" && at < given.length ? values[at]! : NaN;
  });
  return { labels, times, values: filled };
}

/**
 * Replaces each value by 1 if the first condition of the expression is true for the value, otherwise by 0. NaN stays
 * NaN.
 */
export function thresholdValue(source: JsonObject, value: ExpressionValue): ExpressionValue {
  const condition = asObject(listAt(source, "conditions")[0]) ?? {};
  const evaluator = objectAt(condition, "evaluator") ?? {};
  const holds = conditionOf(textAt(evaluator, "type"), listAt(evaluator, "params").map(Number));
  return value.map((item) => ({
    ...item,
    values: item.values.map((one) => (Number.isNaN(one) ? NaN : holds(one) ? 1 : 0)),
  }));
}

function conditionOf(type: string, [low = NaN, high = NaN]: readonly number[]): (value: number) => boolean {
  switch (type) {
    case "gt":
      return (value) => value > low;
    case "lt":
      return (value) => value < low;
    case "gte":
      return (value) => value >= low;
    case "lte":
      return (value) => value <= low;
    case "eq":
      return (value) => value === low;
    case "ne":
      return (value) => value !== low;
    case "within_range":
      return (value) => value > low && value < high;
    case "outside_range":
      return (value) => value < low || value > high;
    case "within_range_included":
      return (value) => value >= low && value <= high;
    case "outside_range_included":
      return (value) => value <= low || value >= high;
    default:
      throw new QueryFailure(
        400,
        `there is no threshold of type "${type}"; there are gt, lt, gte, lte, eq, ne, within_range and outside_range`,
      );
  }
}
