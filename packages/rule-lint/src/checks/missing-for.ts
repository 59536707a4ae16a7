import { type Expr, walk } from "@narthex/promql";
import { formatDuration } from "@narthex/model";
import { containsNode, unwrapped } from "../expression/nodes.ts";
import type { RuleCheck } from "../rule-check.ts";

/** A condition over a window of this length in ms does not change between two scrapes. */
const LONG_WINDOW_MS = 300_000;

export const missingFor: RuleCheck = {
  name: "missing-for",
  severity: "info",
  help: "The alert has no `for`, so a single sample fires it. Alerts over windows of at least 5 minutes are excepted.",
  check({ spec, group }, { options }, report) {
    if (spec.kind !== "alerting" || spec.forMs > 0) return;
    const isAbsent = containsNode(spec.expr, (node) => node.kind === "call" && node.func === "absent");
    if (isAbsent)
      return report(
        { part: "rule" },
        "absent() without `for` fires after each restart of the server, before the first scrapes",
        "add `for` of at least two scrape intervals, for example `for: 5m`",
        "warning",
      );
    const interval = group.intervalMs ?? options.evaluationIntervalMs;
    if (isConstant(spec.expr) || longestWindow(spec.expr) >= LONG_WINDOW_MS || interval >= LONG_WINDOW_MS) return;
    report(
      { part: "rule" },
      `the alert has no \`for\`, so it fires as soon as one evaluation, every ${formatDuration(interval)}, has a result`,
      "add `for`, for example `for: 5m`, or switch this check off if each event must notify",
    );
  },
};

function longestWindow(expr: Expr): number {
  let longest = 0;
  walk(expr, (node) => {
    if (node.kind === "matrixSelector" || node.kind === "subquery") longest = Math.max(longest, node.rangeMs);
  });
  return longest;
}

function isConstant(expr: Expr): boolean {
  const inner = unwrapped(expr);
  return inner.kind === "call" && inner.func === "vector";
}
