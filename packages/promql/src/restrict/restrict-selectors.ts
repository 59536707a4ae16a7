import { Matcher, METRIC_NAME } from "@narthex/model";
import type { Call, Expr, VectorSelector } from "../syntax/ast.ts";
import { mapSelectors } from "../syntax/map-selectors.ts";

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
  return mapSelectors(
    expr,
    (selector) => restrictSelector(selector, matchers),
    (call, restrict) => (call.func === "info" ? restrictInfo(call, matchers, restrict) : undefined),
  );
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
function restrictInfo(call: Call, matchers: readonly Matcher[], restrict: (arg: Expr) => Expr): Call {
  const [series, given] = call.args;
  const info = given?.kind === "vectorSelector" ? given : allInfoSeries(call);
  const names = matchers.some((matcher) => matcher.name === METRIC_NAME) ? impliedNames(info) : [];
  const restricted = restrictSelector({ ...info, matchers: [...names, ...info.matchers] }, matchers);
  const args = series === undefined ? [restricted] : [restrict(series), restricted];
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
