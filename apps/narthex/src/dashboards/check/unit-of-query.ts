import { type AggregateExpr, type BinaryExpr, type Call, type Expr, walk } from "@narthex/promql";

/** The quantity of a query's values: a base unit, and whether values are per second. Undefined if it is not known. */
export interface Quantity {
  readonly unit: string;
  readonly perSecond: boolean;
}

export interface MetricMetadata {
  readonly type: string;
  readonly unit: string;
}

const BASE_UNITS = new Set([
  "bytes",
  "bits",
  "seconds",
  "celsius",
  "volts",
  "amperes",
  "joules",
  "watts",
  "hertz",
  "meters",
  "ratio",
  "percent",
]);
const WORDS: Readonly<Record<string, string>> = { byte: "bytes", second: "seconds", percentage: "percent" };

/** Matches suffixes that follow the unit in a metric name. */
const ENDS = /_(?:total|sum|max|min|avg)$/;

/** Returns the quantity that a metric's name or metadata states. */
function metricQuantity(name: string, metadata: MetricMetadata | undefined): Quantity | undefined {
  if (/_(?:count|info|bucket|created)$/.test(name)) return undefined;
  const said = metadata?.unit ?? "";
  // A metric of timestamps has the unit seconds in its name, but its values are not durations, so its quantity is
  // unknown.
  if (/_(?:timestamp|time)_seconds$/.test(name) && !name.endsWith("cpu_time_seconds")) return undefined;
  const bare = name.replace(ENDS, "");
  const word = said !== "" ? said : bare.slice(bare.lastIndexOf("_") + 1);
  const unit = WORDS[word] ?? word;
  // A metric whose name contains `speed`, `rate` or `bandwidth` counts as a rate: node exporter reports the speed of a
  // link in bytes per second.
  return BASE_UNITS.has(unit) ? { unit, perSecond: /_(?:speed|rate|bandwidth)_/.test(name) } : undefined;
}

/** Functions whose result has the unit of their argument. */
const KEEPING =
  /^(?:(?:avg|min|max|sum|last|first|quantile|stddev|mad)_over_time|increase|delta|idelta|abs|ceil|floor|round|clamp(?:_min|_max)?|sort(?:_desc|_by_label|_by_label_desc)?|label_replace|label_join|predict_linear)$/;
const RATES = /^(?:rate|irate|deriv)$/;
const AGGREGATES = new Set([
  "sum",
  "avg",
  "min",
  "max",
  "topk",
  "bottomk",
  "quantile",
  "stddev",
  "limitk",
  "limit_ratio",
]);

type MetricLookup = (name: string) => MetricMetadata | undefined;

function ofCall({ func, args }: Call, lookup: MetricLookup): Quantity | undefined {
  const vector = args.find((arg) => arg.kind !== "number" && arg.kind !== "string");
  if (vector === undefined) return undefined;
  if (/^histogram_(?:avg|sum|quantile|stddev)$/.test(func)) return observed(vector, lookup);
  const inner = quantityOf(vector, lookup);
  if (KEEPING.test(func)) return inner;
  if (!RATES.test(func) || inner === undefined || inner.perSecond) return undefined;
  return inner.unit === "seconds" ? { unit: "ratio", perSecond: false } : { unit: inner.unit, perSecond: true };
}

/** Returns the quantity that a histogram observes. `vector` is an expression over the histogram's buckets. */
function observed(vector: Expr, lookup: MetricLookup): Quantity | undefined {
  let name = "";
  walk(vector, (one) => {
    if (one.kind === "vectorSelector" && name === "") name = one.name;
  });
  return metricQuantity(name.replace(/_bucket$/, ""), lookup(name));
}

function ofBinary({ op, lhs, rhs }: BinaryExpr, lookup: MetricLookup): Quantity | undefined {
  const [left, right] = [quantityOf(lhs, lookup), quantityOf(rhs, lookup)];
  if (["==", "!=", "<", "<=", ">", ">=", "and", "unless"].includes(op)) return left;
  if (op === "+" || op === "-" || op === "or") {
    if (left === undefined || right === undefined) return undefined;
    return left.unit === right.unit && left.perSecond === right.perSecond ? left : undefined;
  }
  if (op === "*") {
    const [value, factor] =
      rhs.kind === "number" ? [left, rhs.value] : lhs.kind === "number" ? [right, lhs.value] : [undefined, 0];
    if (value?.unit === "bytes" && factor === 8) return { ...value, unit: "bits" };
    if (value?.unit === "ratio" && factor === 100) return { ...value, unit: "percent" };
  }
  return undefined;
}

function ofAggregate({ op, expr }: AggregateExpr, lookup: MetricLookup): Quantity | undefined {
  return AGGREGATES.has(op) ? quantityOf(expr, lookup) : undefined;
}

/** Returns the quantity of an expression's values, from the names and the metadata of its metrics. */
export function quantityOf(expr: Expr, lookup: MetricLookup): Quantity | undefined {
  switch (expr.kind) {
    case "vectorSelector":
      return expr.name === "" ? undefined : metricQuantity(expr.name, lookup(expr.name));
    case "matrixSelector":
      return quantityOf(expr.selector, lookup);
    case "subquery":
    case "paren":
    case "unary":
      return quantityOf(expr.expr, lookup);
    case "call":
      return ofCall(expr, lookup);
    case "aggregate":
      return ofAggregate(expr, lookup);
    case "binary":
      return ofBinary(expr, lookup);
    default:
      return undefined;
  }
}
