import { METRIC_NAME } from "@narthex/model";
import type { BinaryExpr, Expr, VectorSelector } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import { absentLabels } from "./result-labels.ts";

const NONE: ReadonlySet<string> = new Set();

/** Functions whose result may have other labels than their argument. */
const RELABELING: ReadonlySet<string> = new Set(["label_replace", "label_join", "info", "histogram_quantiles"]);

const CHOOSING: ReadonlySet<string> = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

/**
 * Derives labels that every result series of an expression has, with a value that is not empty. Only labels that
 * follow from the matchers of selectors are known.
 */
export function certainLabels(expr: Expr): ReadonlySet<string> {
  switch (expr.kind) {
    case "vectorSelector":
      return ofSelector(expr);
    case "matrixSelector":
      return ofSelector(expr.selector);
    case "paren":
    case "unary":
    case "subquery":
      return certainLabels(expr.expr);
    case "call": {
      const vector = expr.args.find((arg) => valueTypeOf(arg) === "vector" || valueTypeOf(arg) === "matrix");
      if (vector === undefined || RELABELING.has(expr.func)) return NONE;
      if (expr.func === "absent" || expr.func === "absent_over_time") return new Set(absentLabels(vector));
      return expr.func === "histogram_quantile" ? without(certainLabels(vector), ["le"]) : certainLabels(vector);
    }
    case "aggregate": {
      const inner = certainLabels(expr.expr);
      if (CHOOSING.has(expr.op)) return inner;
      return expr.without ? without(inner, expr.grouping) : within(inner, expr.grouping);
    }
    case "binary":
      return ofBinary(expr);
    case "number":
    case "string":
      return NONE;
  }
}

function ofSelector({ matchers }: VectorSelector): ReadonlySet<string> {
  const found = matchers.filter((matcher) => matcher.name !== METRIC_NAME && !matcher.matchesEmpty);
  return new Set(found.map(({ name }) => name));
}

function ofBinary({ op, lhs, rhs, matching }: BinaryExpr): ReadonlySet<string> {
  if (valueTypeOf(lhs) === "scalar") return certainLabels(rhs);
  if (valueTypeOf(rhs) === "scalar" || matching === null) return certainLabels(lhs);
  if (op === "or") return within(certainLabels(lhs), [...certainLabels(rhs)]);
  if (op === "and" || op === "unless") return certainLabels(lhs);
  if (matching.fillLeft !== null || matching.fillRight !== null) return NONE;
  if (matching.card === "one-to-many") return without(certainLabels(rhs), matching.include);
  if (matching.card === "many-to-one") return without(certainLabels(lhs), matching.include);
  const left = certainLabels(lhs);
  return matching.on ? within(left, matching.labels) : without(left, matching.labels);
}

const without = (labels: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> =>
  labels.difference(new Set(gone));

const within = (labels: ReadonlySet<string>, kept: readonly string[]): ReadonlySet<string> =>
  labels.intersection(new Set(kept));
