/** A way to reduce the values of a column to one value. */
export interface Reducer {
  /** Id of the reducer in a dashboard's JSON. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Id of the reducer in old dashboards. */
  readonly alias?: string;
  /** Whether the result has the column's unit. A count, for example, has no unit. */
  readonly preservesUnit: boolean;
}

const named = (id: string, name: string, description: string, alias?: string): Reducer => ({
  id,
  name,
  description,
  preservesUnit: true,
  ...(alias === undefined ? {} : { alias }),
});

const unitless = (id: string, name: string, description: string): Reducer => ({
  id,
  name,
  description,
  preservesUnit: false,
});

/** Returns the ordinal number in English: `1st`, `2nd`, `11th`. */
function ordinal(n: number): string {
  const teen = n > 10 && n < 14;
  const ending = teen ? undefined : (["st", "nd", "rd"] as const)[(n % 10) - 1];
  return `${n}${ending ?? "th"}`;
}

const percentile = (n: number): Reducer => named(`p${n}`, `${ordinal(n)} %`, `${ordinal(n)} percentile`);

/**
 * All reducers, in the order of a picker. To add one: (1) a line here; (2) its value in `reduce-field.ts`; (3) a line
 * of the reference in its test.
 */
export const reducers: readonly Reducer[] = [
  named("lastNotNull", "Last *", "The last value that is neither null nor NaN", "current"),
  named("last", "Last", "The last value"),
  named("firstNotNull", "First *", "The first value that is neither null nor NaN"),
  named("first", "First", "The first value"),
  named("min", "Min", "The least value"),
  named("max", "Max", "The greatest value"),
  named("mean", "Mean", "The average of the values", "avg"),
  named("median", "Median", "The middle of the values in order"),
  named("variance", "Variance", "The variance of the values"),
  named("stdDev", "StdDev", "The standard deviation of the values"),
  named("sum", "Total", "The sum of the values", "total"),
  unitless("count", "Count", "How many values there are, nulls left out"),
  unitless("countAll", "Count all", "How many rows there are, empty ones too"),
  named("range", "Range", "From the least to the greatest value"),
  named("delta", "Delta", "How far the values rose, resets of counters left out"),
  named("step", "Step", "The least difference from one value to the next"),
  named("diff", "Difference", "From the first to the last value"),
  named("logmin", "Min (above zero)", "The least value above zero, where a logarithmic scale begins"),
  named("allIsZero", "All Zeros", "Whether all values are zero"),
  unitless("allIsNull", "All Nulls", "Whether all values are null"),
  unitless("changeCount", "Change Count", "How often the value changes"),
  unitless("distinctCount", "Distinct Count", "How many different values there are"),
  unitless("diffperc", "Difference percent", "From the first to the last value, in percent of the first"),
  unitless("allValues", "All values", "All values as a list"),
  unitless("uniqueValues", "All unique values", "All different values as a list"),
  ...Array.from({ length: 99 }, (_, i) => percentile(i + 1)),
];

const byId = new Map(
  reducers.flatMap((reducer) => [
    [reducer.id, reducer] as const,
    ...(reducer.alias === undefined ? [] : [[reducer.alias, reducer] as const]),
  ]),
);

/** Returns the reducer with an id, or with this alias from old dashboards. */
export const findReducer = (id: string): Reducer | undefined => byId.get(id);

const counts = new Set(["count", "countAll", "changeCount", "distinctCount"]);

/**
 * Returns the type of a reducer's results: number for counts, boolean for the tests `allIsZero` and `allIsNull`,
 * otherwise the type of the reduced values.
 */
export function reducedType<T extends string>(id: string, type: T): T | "number" | "boolean" {
  if (counts.has(id)) return "number";
  return id === "allIsZero" || id === "allIsNull" ? "boolean" : type;
}
