import { type AggregateExpr, walk } from "@narthex/promql";
import type { RuleCheck } from "../rule-check.ts";

const CHOOSING: ReadonlySet<string> = new Set(["topk", "bottomk", "limitk", "limit_ratio"]);

export const changingSeries: RuleCheck = {
  name: "changing-series",
  severity: "info",
  help: "An alert selects series with topk(), bottomk(), limitk() or limit_ratio(). Others may be selected each time, so the alert starts again.",
  check({ spec }, _context, report) {
    if (spec.kind !== "alerting") return;
    walk(spec.expr, (node, path) => {
      if (node.kind !== "aggregate" || !CHOOSING.has(node.op)) return;
      // An aggregation around it that keeps no label has one series, whichever series were selected.
      if (path.some((around) => around.kind === "aggregate" && !CHOOSING.has(around.op) && keepsNoLabel(around)))
        return;
      report(
        { part: "expr", node },
        `${node.op}() may select other series at each evaluation, so the alert flaps`,
        "compare all series with a number instead",
      );
    });
  },
};

const keepsNoLabel = ({ without, grouping }: AggregateExpr): boolean => !without && grouping.length === 0;
