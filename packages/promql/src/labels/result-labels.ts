import { METRIC_NAME } from "@narthex/model";
import type { AggregateExpr, BinaryExpr, Call, Expr, VectorSelector } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";

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

/** Returns the labels that a series may have if it comes from one of two results. */
function either(one: ResultLabels, other: ResultLabels): ResultLabels {
  if (one.isOnly) return other.isOnly ? only([...one.names, ...other.names]) : plus(other, [...one.names]);
  return other.isOnly ? plus(one, [...other.names]) : allBut([...one.names].filter((name) => other.names.has(name)));
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
  if (op === "or") return either(left, resultLabels(rhs));
  if (matching === null || op === "and" || op === "unless") return left;
  const { card, on, labels, include } = matching;
  if (card === "many-to-one") return plus(left, include);
  if (card === "one-to-many") return plus(resultLabels(rhs), include);
  return on ? kept(left, labels) : without(left, labels);
}

function ofCall({ func, args }: Call): ResultLabels {
  const vector = args.find((arg) => valueTypeOf(arg) === "vector" || valueTypeOf(arg) === "matrix");
  if (vector === undefined) return only([]);
  if (func === "absent" || func === "absent_over_time") return only(absentLabels(vector));
  const inner = resultLabels(vector);
  if (func === "info") return allBut([]);
  if (func === "histogram_quantiles" && args[1]?.kind === "string")
    return plus(without(inner, ["le"]), [args[1].value]);
  if (func === "histogram_quantile") return without(inner, ["le"]);
  const target = func === "label_replace" || func === "label_join" ? args[1] : undefined;
  return target?.kind === "string" ? plus(inner, [target.value]) : inner;
}

/** Returns the labels of a result of absent(): those that an equality matcher of the selector sets. */
export function absentLabels(argument: Expr): readonly string[] {
  const selector = argument.kind === "matrixSelector" ? argument.selector : argument;
  if (selector.kind === "paren") return absentLabels(selector.expr);
  if (selector.kind !== "vectorSelector") return [];
  const matchers = selector.matchers.filter(({ name }) => name !== METRIC_NAME);
  return matchers
    .filter(({ type, value, name }) => type === "=" && value !== "" && isOnce(matchers, name))
    .map(({ name }) => name);
}

const isOnce = (matchers: VectorSelector["matchers"], label: string): boolean =>
  matchers.filter(({ name }) => name === label).length === 1;

/** Returns the names of labels that the matchers of a selector exclude, such as `pod=""`. */
const excludedLabels = ({ matchers }: VectorSelector): readonly string[] =>
  matchers.filter(({ type, value }) => type === "=" && value === "").map(({ name }) => name);

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
      return resultLabels(expr.selector);
    case "vectorSelector":
      return allBut([METRIC_NAME, ...excludedLabels(expr)]);
    case "number":
    case "string":
      return only([]);
  }
}
