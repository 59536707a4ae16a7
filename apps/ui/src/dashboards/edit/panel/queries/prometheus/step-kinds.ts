import type { Step } from "./promql-parts.ts";

/** An operation that the user can add to a query in the builder. */
export interface StepKind {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly make: () => Step;
}

const RATE = "$__rate_interval";
const SPAN = "$__interval";

const ranged = (name: string, description: string, range = SPAN, before: readonly string[] = []): StepKind => ({
  name,
  group: "Range functions",
  description,
  make: () => ({ kind: "function", name, before, after: [], range }),
});

const plain = (
  name: string,
  group: string,
  description: string,
  before: readonly string[] = [],
  after: readonly string[] = [],
): StepKind => ({
  name,
  group,
  description,
  make: () => ({ kind: "function", name, before, after }),
});

const aggregate = (name: string, description: string, before: readonly string[] = []): StepKind => ({
  name,
  group: "Aggregations",
  description,
  make: () => ({ kind: "aggregate", name, before, grouping: "all", labels: [] }),
});

const binary = (operator: string, description: string): StepKind => ({
  name: operator,
  group: "Binary operations",
  description,
  make: () => ({ kind: "binary", operator, right: "1" }),
});

/**
 * The operations that the builder offers. To offer another operation, add a line here. The builder can also read and
 * change operations that it does not offer.
 */
export const stepKinds: readonly StepKind[] = [
  ranged("rate", "How fast a counter rises, per second", RATE),
  ranged("irate", "How fast a counter rises between the last two samples, per second", RATE),
  ranged("increase", "How much a counter rises", RATE),
  ranged("delta", "How much a gauge changes"),
  ranged("deriv", "How fast a gauge changes, per second"),
  ranged("changes", "How often the value changes"),
  ranged("resets", "How often a counter is reset"),
  ranged("avg_over_time", "The mean over the range"),
  ranged("min_over_time", "The minimum over the range"),
  ranged("max_over_time", "The maximum over the range"),
  ranged("sum_over_time", "The sum over the range"),
  ranged("count_over_time", "How many samples there are in the range"),
  ranged("last_over_time", "The last sample of the range"),
  ranged("stddev_over_time", "The standard deviation over the range"),
  ranged("quantile_over_time", "A quantile over the range", SPAN, ["0.95"]),
  aggregate("sum", "The sum of series"),
  aggregate("avg", "The mean of series"),
  aggregate("min", "The minimum of series"),
  aggregate("max", "The maximum of series"),
  aggregate("count", "How many series there are"),
  aggregate("stddev", "The standard deviation of series"),
  aggregate("quantile", "A quantile of series", ["0.95"]),
  aggregate("topk", "The series with the greatest values", ["5"]),
  aggregate("bottomk", "The series with the smallest values", ["5"]),
  aggregate("count_values", "How many series have each value", ['"value"']),
  plain("histogram_quantile", "Functions", "A quantile of a histogram", ["0.95"]),
  plain("abs", "Functions", "The absolute value"),
  plain("ceil", "Functions", "Rounded up"),
  plain("floor", "Functions", "Rounded down"),
  plain("round", "Functions", "Rounded to a multiple", [], ["1"]),
  plain("clamp", "Functions", "Within two bounds", [], ["0", "1"]),
  plain("clamp_min", "Functions", "Raised to a minimum", [], ["0"]),
  plain("clamp_max", "Functions", "Lowered to a maximum", [], ["1"]),
  plain("sqrt", "Functions", "The square root"),
  plain("ln", "Functions", "The natural logarithm"),
  plain("log2", "Functions", "The logarithm to the base 2"),
  plain("log10", "Functions", "The logarithm to the base 10"),
  plain("exp", "Functions", "e to the power of the value"),
  plain("sgn", "Functions", "The sign: -1, 0 or 1"),
  plain("absent", "Functions", "1 if there is no series"),
  plain("timestamp", "Functions", "The time of each sample"),
  plain("sort", "Functions", "Sorted by value, the smallest first"),
  plain("sort_desc", "Functions", "Sorted by value, the greatest first"),
  plain(
    "label_replace",
    "Functions",
    "Sets a label from another one with a regular expression",
    [],
    ['"new"', '"$1"', '"old"', '"(.*)"'],
  ),
  plain(
    "label_join",
    "Functions",
    "Sets a label from the values of several others",
    [],
    ['"new"', '"-"', '"first"', '"second"'],
  ),
  binary("+", "Add"),
  binary("-", "Subtract"),
  binary("*", "Multiply"),
  binary("/", "Divide"),
  binary("%", "The remainder"),
  binary("^", "To the power of"),
  binary("==", "Keeps values that are equal"),
  binary("!=", "Keeps values that are not equal"),
  binary(">", "Keeps values that are greater"),
  binary("<", "Keeps values that are less"),
  binary(">=", "Keeps values that are greater or equal"),
  binary("<=", "Keeps values that are less or equal"),
  binary("and", "Keeps series that the other side also has"),
  binary("or", "Keeps the series of both sides"),
  binary("unless", "Keeps series that the other side does not have"),
];
