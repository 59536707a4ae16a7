import type { ValueType } from "./ast.ts";

/** Types of the arguments and the result of a function. */
export interface FunctionSignature {
  readonly name: string;
  readonly argTypes: readonly ValueType[];
  /**
   * Number of optional or repeated arguments at the end. 0 means exactly the arguments in `argTypes`; -1 means no
   * limit. A positive n means that the last argument may be missing or repeated, up to `argTypes.length - 1 + n`
   * arguments in total.
   */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Whether the function is refused unless experimental functions are enabled. */
  readonly experimental: boolean;
}

type Row = readonly [
  names: string,
  argTypes: readonly ValueType[],
  more?: { variadic?: number; returns?: ValueType; experimental?: true },
];

const V = "vector";
const M = "matrix";
const S = "scalar";
const T = "string";

const ROWS: readonly Row[] = [
  // Functions that process each value separately.
  ["abs ceil floor exp sqrt ln log2 log10 sgn deg rad", [V]],
  ["sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh", [V]],
  ["round", [V, S], { variadic: 1 }],
  ["clamp", [V, S, S]],
  ["clamp_min clamp_max", [V, S]],
  // Functions that return scalars or convert between scalars and vectors.
  ["pi time", [], { returns: S }],
  ["scalar", [V], { returns: S }],
  ["vector", [S]],
  ["start end range step", [], { returns: S, experimental: true }],
  ["max_of min_of", [S, S], { returns: S, experimental: true }],
  // Functions for calendar dates and sample times.
  ["days_in_month day_of_month day_of_week day_of_year hour minute month year", [V], { variadic: 1 }],
  ["timestamp", [V]],
  ["start_timestamp", [V], { experimental: true }],
  // Functions for presence, order and labels.
  ["absent sort sort_desc", [V]],
  ["absent_over_time", [M]],
  ["sort_by_label sort_by_label_desc", [V, T], { variadic: -1, experimental: true }],
  ["label_replace", [V, T, T, T, T]],
  ["label_join", [V, T, T, T], { variadic: -1 }],
  ["info", [V, V], { variadic: 1, experimental: true }],
  // Functions of histograms.
  ["histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar", [V]],
  ["histogram_fraction", [S, S, V]],
  ["histogram_quantile", [S, V]],
  ["histogram_quantiles", [V, T, S, S], { variadic: 9, experimental: true }],
  // Functions of range vectors.
  ["rate increase delta irate idelta deriv changes resets", [M]],
  ["avg_over_time count_over_time first_over_time last_over_time max_over_time min_over_time", [M]],
  ["present_over_time stddev_over_time stdvar_over_time sum_over_time", [M]],
  [
    "mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time",
    [M],
    { experimental: true },
  ],
  ["quantile_over_time", [S, M]],
  ["predict_linear", [M, S]],
  ["double_exponential_smoothing", [M, S, S], { experimental: true }],
];

function signaturesByName(): ReadonlyMap<string, FunctionSignature> {
  const byName = new Map<string, FunctionSignature>();
  for (const [names, argTypes, more] of ROWS) {
    for (const name of names.split(" ")) {
      byName.set(name, {
        name,
        argTypes,
        variadic: more?.variadic ?? 0,
        returnType: more?.returns ?? V,
        experimental: more?.experimental ?? false,
      });
    }
  }
  return byName;
}

/** Every function of the language, by name. */
export const FUNCTION_SIGNATURES: ReadonlyMap<string, FunctionSignature> = signaturesByName();

/** Returns the signature of a function; undefined if there is no function with this name. Names are case-sensitive. */
export function functionSignature(name: string): FunctionSignature | undefined {
  return FUNCTION_SIGNATURES.get(name);
}

/** Returns the smallest and the largest number of arguments. `max` is Infinity if there is no limit. */
export function argumentCount(signature: FunctionSignature): { readonly min: number; readonly max: number } {
  const declared = signature.argTypes.length;
  if (signature.variadic === 0) return { min: declared, max: declared };
  return { min: declared - 1, max: signature.variadic < 0 ? Infinity : declared - 1 + signature.variadic };
}
