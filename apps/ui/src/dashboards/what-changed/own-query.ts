import { parser } from "@prometheus-io/lezer-promql";
import type { SyntaxNode } from "@lezer/common";
import type { ChangeQuery } from "@narthex/dashboards";
import { withoutVariables } from "../edit/panel/queries/prometheus/read-parts.ts";

const promql = parser.configure({ top: "PromQL" });

/** Maximum length of an expression that is parsed. */
const MAX_CHARS = 10_000;

const rootOf = (expr: string): SyntaxNode | null =>
  expr.length > MAX_CHARS ? null : promql.parse(withoutVariables(expr)).topNode.firstChild;

/**
 * Returns the expression inside an outer sum or average. The series of this expression still have the labels that show
 * the cause of a change.
 */
function summedIn(expr: string): { readonly inner: string; readonly together: "sum" | "mean" } | undefined {
  const root = rootOf(expr);
  const op = root?.name === "AggregateExpr" ? root.getChild("AggregateOp") : null;
  const body = op === null ? null : root!.getChild("FunctionCallBody");
  const [only, second] = [body?.firstChild ?? null, body?.lastChild ?? null];
  if (op === null || only === null || second === null || only.from !== second.from) return undefined;
  // Returns undefined if the text between the parentheses is empty or incomplete.
  if (only.type.isError || only.from === only.to) return undefined;
  const name = expr.slice(op.from, op.to).toLowerCase();
  if (name !== "sum" && name !== "avg") return undefined;
  return { inner: expr.slice(only.from, only.to), together: name === "sum" ? "sum" : "mean" };
}

/** Reports whether a query is a rate or a count, whose values can be added. */
const isRate = (expr: string): boolean => /\b(?:rate|irate|increase|delta|count)\s*[({]|\bcount\b/i.test(expr);

/** Adds matchers to each selector of an expression. */
export function withMatchers(expr: string, matchers: readonly string[]): string {
  if (matchers.length === 0 || expr.length > MAX_CHARS) return expr;
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const own = matchers.join(",");
  promql.parse(withoutVariables(expr)).iterate({
    enter: ({ name, node }) => {
      if (name !== "VectorSelector") return;
      const braces = node.getChild("LabelMatchers");
      if (braces === null) insertions.push({ at: node.to, text: `{${own}}` });
      else {
        const inside = expr.slice(braces.from + 1, braces.to - 1).trim();
        insertions.push({ at: braces.from + 1, text: inside === "" ? own : `${own},` });
      }
    },
  });
  return insertions
    .toReversed()
    .reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), expr);
}

/**
 * Returns the query in which changes are searched: the expression without outer sums and averages, so that the series
 * before aggregation can be compared.
 */
export function ownQuery(expr: string, unit: string): ChangeQuery {
  const outer = summedIn(expr);
  let inner = expr;
  for (let step = outer; step !== undefined; step = summedIn(inner)) inner = step.inner;
  return {
    title: expr,
    together: outer?.together ?? (isRate(expr) ? "sum" : "mean"),
    unit: unit === "" ? "short" : unit,
    exprWith: (matchers) => withMatchers(inner, matchers),
  };
}
