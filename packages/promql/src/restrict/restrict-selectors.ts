import { Matcher, METRIC_NAME } from "@narthex/model";
import type { Call, Expr, VectorSelector } from "../syntax/ast.ts";

/**
 * Returns an expression that reads only series that the matchers accept. The matchers are added to each selector, also
 * within subqueries and aggregations. Matchers of the expression stay, so a selector that contradicts the added
 * matchers selects nothing.
 *
 * The function `info` also reads info series. The matchers are added to its second argument, which is created if it is
 * missing. PromQL then adds only the labels that this argument names, so `info(v)` adds only the labels of the
 * matchers.
 *
 * ```ts
 * const restricted = restrictSelectors(parse("sum(up)"), [new Matcher("=", "team", "a")]);
 * print(restricted); // sum(up{team="a"})
 * ```
 */
export function restrictSelectors(expr: Expr, matchers: readonly Matcher[]): Expr {
  if (matchers.length === 0) return expr;
  switch (expr.kind) {
    case "aggregate": {
      const param = expr.param === null ? null : restrictSelectors(expr.param, matchers);
      return { ...expr, param, expr: restrictSelectors(expr.expr, matchers) };
    }
    case "binary":
      return {
        ...expr,
        lhs: restrictSelectors(expr.lhs, matchers),
        rhs: restrictSelectors(expr.rhs, matchers),
      };
    case "call":
      return expr.func === "info"
        ? restrictInfo(expr, matchers)
        : { ...expr, args: expr.args.map((arg) => restrictSelectors(arg, matchers)) };
    case "matrixSelector":
      return { ...expr, selector: restrictSelector(expr.selector, matchers) };
    case "paren":
    case "subquery":
    case "unary":
      return { ...expr, expr: restrictSelectors(expr.expr, matchers) };
    case "vectorSelector":
      return restrictSelector(expr, matchers);
    case "number":
    case "string":
      return expr;
  }
}

/**
 * Adds matchers to a selector. The parser refuses a second metric name if the first one is in front of the braces, so a
 * matcher for the name moves the name into the braces.
 */
function restrictSelector(selector: VectorSelector, matchers: readonly Matcher[]): VectorSelector {
  const name = matchers.some((matcher) => matcher.name === METRIC_NAME) ? "" : selector.name;
  return { ...selector, name, matchers: [...matchers, ...selector.matchers] };
}

/** Adds matchers to both arguments of `info`. */
function restrictInfo(call: Call, matchers: readonly Matcher[]): Call {
  const [series, given] = call.args;
  const info = given?.kind === "vectorSelector" ? given : allInfoSeries(call);
  const names = matchers.some((matcher) => matcher.name === METRIC_NAME) ? impliedNames(info) : [];
  const restricted = restrictSelector({ ...info, matchers: [...names, ...info.matchers] }, matchers);
  const args = series === undefined ? [restricted] : [restrictSelectors(series, matchers), restricted];
  return { ...call, args };
}

/** Returns the selector `{}`, which `info` uses if it has no second argument. */
const allInfoSeries = ({ position }: Call): VectorSelector => ({
  kind: "vectorSelector",
  name: "",
  matchers: [],
  offsetMs: 0,
  offsetExpr: null,
  at: null,
  anchored: false,
  smoothed: false,
  position,
});

/** Returns the matchers for the names of info series that PromQL adds if the selector has none of its own. */
function impliedNames({ matchers }: VectorSelector): readonly Matcher[] {
  const written = matchers.filter(({ name }) => name === METRIC_NAME);
  if (written.length === 0) return [new Matcher("=", METRIC_NAME, "target_info")];
  const isPositive = written.some(({ type }) => type === "=" || type === "=~");
  return isPositive ? [] : [new Matcher("=~", METRIC_NAME, ".+_info")];
}
