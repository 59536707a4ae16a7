import { type AggregateExpr, type BinaryExpr, type Call, type Expr, valueTypeOf } from "@narthex/promql/syntax";

/**
 * The label names that the series of a result may have: only `names` if `isOnly` is set, otherwise all names except
 * `names`.
 */
export interface ResultLabels {
  readonly isOnly: boolean;
  readonly names: ReadonlySet<string>;
}

const only = (names: Iterable<string>): ResultLabels => ({ isOnly: true, names: new Set(names) });
const allBut = (names: Iterable<string>): ResultLabels => ({ isOnly: false, names: new Set(names) });

/** Reports whether a series of the result may have a label of this name. */
export const mayHave = ({ isOnly, names }: ResultLabels, name: string): boolean => names.has(name) === isOnly;

const kept = (labels: ResultLabels, names: readonly string[]): ResultLabels =>
  only(names.filter((name) => mayHave(labels, name)));

function without({ isOnly, names }: ResultLabels, gone: Iterable<string>): ResultLabels {
  const taken = new Set(gone);
  return isOnly ? only([...names].filter((name) => !taken.has(name))) : allBut([...names, ...taken]);
}

function plus({ isOnly, names }: ResultLabels, added: readonly string[]): ResultLabels {
  return isOnly ? only([...names, ...added]) : allBut([...names].filter((name) => !added.includes(name)));
}

/** Aggregation operators that select some of their input series and keep all labels. */
const CHOOSING: ReadonlySet<string> = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

function ofAggregate({ op, expr, param, grouping, without: isWithout }: AggregateExpr): ResultLabels {
  const inner = resultLabels(expr);
  if (CHOOSING.has(op)) return inner;
  const grouped = isWithout ? without(inner, grouping) : kept(inner, grouping);
  return op === "count_values" && param?.kind === "string" ? plus(grouped, [param.value]) : grouped;
}

function ofBinary({ op, lhs, rhs, matching }: BinaryExpr): ResultLabels {
  if (valueTypeOf(lhs) === "scalar") return resultLabels(rhs);
  const left = resultLabels(lhs);
  if (matching === null || op === "and" || op === "or" || op === "unless") return left;
  const { card, on, labels, include } = matching;
  if (card === "many-to-one") return plus(left, include);
  if (card === "one-to-many") return plus(resultLabels(rhs), include);
  return on ? kept(left, labels) : without(left, labels);
}

function ofCall({ func, args }: Call): ResultLabels {
  const vector = args.find((arg) => valueTypeOf(arg) === "vector" || valueTypeOf(arg) === "matrix");
  if (vector === undefined) return only([]);
  const inner = resultLabels(vector);
  if (func === "histogram_quantile") return without(inner, ["le"]);
  const target = func === "label_replace" || func === "label_join" ? args[1] : undefined;
  return target?.kind === "string" ? plus(inner, [target.value]) : inner;
}

/**
 * Derives the labels that the result series of an expression may have. The expression is only analysed, not executed.
 */
export function resultLabels(expr: Expr): ResultLabels {
  switch (expr.kind) {
    case "aggregate":
      return ofAggregate(expr);
    case "binary":
      return ofBinary(expr);
    case "call":
      return ofCall(expr);
    case "paren":
    case "unary":
    case "subquery":
      return resultLabels(expr.expr);
    case "matrixSelector":
    case "vectorSelector":
      return allBut(["__name__"]);
    case "number":
    case "string":
      return only([]);
  }
}
