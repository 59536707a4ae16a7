import { type Call, type Expr, walk } from "@narthex/promql";
import { COMPARISONS, containsNode, metricOf, unwrapped } from "../expression/nodes.ts";
import type { LintContext } from "../lint-context.ts";
import type { MetricKind } from "../metric-kind.ts";
import type { ReportFinding, RuleCheck } from "../rule-check.ts";

const FOR_COUNTERS: ReadonlySet<string> = new Set(["rate", "irate", "increase"]);
const FOR_GAUGES: ReadonlySet<string> = new Set(["delta", "idelta", "deriv", "predict_linear"]);

export const counterFunction: RuleCheck = {
  name: "counter-function",
  severity: "warning",
  help: "A function for counters, such as rate(), gets a gauge; or a function for gauges, such as delta(), gets a counter.",
  async check({ spec }, context, report) {
    const calls: Call[] = [];
    walk(spec.expr, (node) => {
      if (node.kind === "call" && (FOR_COUNTERS.has(node.func) || FOR_GAUGES.has(node.func))) calls.push(node);
    });
    for (const call of calls) await checkCall(call, context, report);
  },
};

async function checkCall(call: Call, context: LintContext, report: ReportFinding): Promise<void> {
  const argument = call.args.map(unwrapped).find(({ kind }) => kind === "matrixSelector" || kind === "subquery");
  if (argument?.kind === "subquery") return checkSubquery(call, argument.expr, report);
  if (argument?.kind !== "matrixSelector") return;
  const metric = metricOf(argument.selector);
  const kind = metric === undefined ? undefined : await context.kindOf(metric);
  if (metric === undefined || kind === undefined) return;
  if (kind.kind === "gauge" && FOR_COUNTERS.has(call.func))
    report(
      { part: "expr", node: call },
      `${call.func}() is for counters, but ${metric} is a gauge${sourceText(kind)}: a decrease counts as a reset`,
      call.func === "increase" ? "use delta()" : "use deriv() or delta()",
    );
  if (kind.kind === "counter" && FOR_GAUGES.has(call.func))
    report(
      { part: "expr", node: call },
      `${call.func}() is for gauges, but ${metric} is a counter${sourceText(kind)}: a reset to 0 counts as a decrease`,
      call.func === "delta" ? "use increase()" : "use rate(), or predict_linear() over a subquery of a rate",
    );
}

export function sourceText({ source }: MetricKind): string {
  if (source === "metadata") return " by its metadata";
  return source === "rule" ? " by the rule that records it" : " by its name";
}

/** Reports rate(sum(…)[5m:]): if one series is reset, the sum decreases, and the rate is wrong. */
function checkSubquery(call: Call, expr: Expr, report: ReportFinding): void {
  const inner = unwrapped(expr);
  if (!FOR_COUNTERS.has(call.func) || inner.kind !== "aggregate" || inner.op !== "sum") return;
  if (containsNode(inner, (node) => node.kind === "call" || (node.kind === "binary" && COMPARISONS.has(node.op))))
    return;
  report(
    { part: "expr", node: call },
    `${call.func}() of a sum is wrong: if one of the counters is reset, the whole sum decreases`,
    `use sum(${call.func}(…))`,
  );
}
