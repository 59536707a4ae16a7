import { type BinaryExpr, type Expr, type VectorSelector, valueTypeOf, walk } from "@narthex/promql";
import { COMPARISONS, metricOf, unwrapped } from "../expression/nodes.ts";
import type { RuleCheck } from "../rule-check.ts";
import { sourceText } from "./counter-function.ts";

export const rawCounter: RuleCheck = {
  name: "raw-counter",
  severity: "warning",
  help: "An alert compares the value of a counter with a number. The value depends on the time since the start of the process.",
  async check({ spec }, context, report) {
    if (spec.kind !== "alerting") return;
    const found: { readonly comparison: BinaryExpr; readonly selector: VectorSelector }[] = [];
    walk(spec.expr, (node) => {
      if (node.kind !== "binary" || !COMPARISONS.has(node.op)) return;
      const [left, right] = [unwrapped(node.lhs), unwrapped(node.rhs)];
      // A comparison with 0 finds counters that were ever, or never, increased.
      if (right.kind !== "number" || right.value === 0) return;
      const selector = valueTypeOf(left) === "vector" ? rawSelector(left) : undefined;
      if (selector !== undefined) found.push({ comparison: node, selector });
    });
    for (const { comparison, selector } of found) {
      const metric = metricOf(selector);
      const kind = metric === undefined ? undefined : await context.kindOf(metric);
      if (kind?.kind !== "counter" || metric!.endsWith("_bucket")) continue;
      report(
        { part: "expr", node: comparison },
        `${metric} is a counter${sourceText(kind)}: once its value fulfils the condition, the alert fires until the process restarts`,
        `compare increase(${metric}[1h]) or rate(${metric}[5m])`,
      );
    }
  },
};

/** Returns the selector whose values an expression has, or sums; undefined if it computes other values. */
function rawSelector(expr: Expr): VectorSelector | undefined {
  const inner = unwrapped(expr);
  if (inner.kind === "vectorSelector") return inner;
  const isSummary = inner.kind === "aggregate" && ["sum", "min", "max", "avg", "topk", "bottomk"].includes(inner.op);
  return isSummary ? rawSelector(inner.expr) : undefined;
}
