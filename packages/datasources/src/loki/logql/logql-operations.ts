/** Describes the arguments of an operation over a range of lines. */
export interface RangeOperation {
  /** Whether the operation computes with values of an unwrapped label. */
  readonly unwrap: "required" | "allowed" | "refused";
  readonly takesGrouping: boolean;
  readonly takesParameter: boolean;
}

const lines: RangeOperation = { unwrap: "refused", takesGrouping: false, takesParameter: false };
const values: RangeOperation = { unwrap: "required", takesGrouping: true, takesParameter: false };

/** Operations over a range of log lines, by name. */
export const RANGE_OPERATIONS: ReadonlyMap<string, RangeOperation> = new Map<string, RangeOperation>([
  ["rate", { ...lines, unwrap: "allowed" }],
  ["absent_over_time", { ...lines, unwrap: "allowed" }],
  ["count_over_time", lines],
  ["bytes_rate", lines],
  ["bytes_over_time", lines],
  ["rate_counter", { ...values, takesGrouping: false }],
  ["sum_over_time", { ...values, takesGrouping: false }],
  ["avg_over_time", values],
  ["min_over_time", values],
  ["max_over_time", values],
  ["first_over_time", values],
  ["last_over_time", values],
  ["stdvar_over_time", values],
  ["stddev_over_time", values],
  ["quantile_over_time", { ...values, takesParameter: true }],
]);

/** Aggregations of series. The value says whether the first argument is a number of series. */
export const VECTOR_OPERATIONS: ReadonlyMap<string, boolean> = new Map([
  ["sum", false],
  ["avg", false],
  ["count", false],
  ["max", false],
  ["min", false],
  ["stddev", false],
  ["stdvar", false],
  ["sort", false],
  ["sort_desc", false],
  ["topk", true],
  ["bottomk", true],
  ["approx_topk", true],
]);

/** Aggregations that accept no `by` and no `without`. */
export const WITHOUT_GROUPING: ReadonlySet<string> = new Set(["sort", "sort_desc", "approx_topk"]);

/** Precedence of binary operators. A higher number binds closer. */
export const BINARY_OPERATORS: ReadonlyMap<string, number> = new Map([
  ["or", 1],
  ["and", 2],
  ["unless", 2],
  ["==", 3],
  ["!=", 3],
  [">", 3],
  [">=", 3],
  ["<", 3],
  ["<=", 3],
  ["+", 4],
  ["-", 4],
  ["*", 5],
  ["/", 5],
  ["%", 5],
  ["^", 6],
]);
