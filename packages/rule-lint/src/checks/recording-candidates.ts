import { type Expr, printExpression, walk } from "@narthex/promql";
import { containsNode, readsRange, unwrapped } from "../expression/nodes.ts";
import type { LintContext } from "../lint-context.ts";
import type { LintedRule } from "../linted-rule.ts";
import type { RuleCheck } from "../rule-check.ts";
import { ruleText } from "./duplicates.ts";

/** Number of rules from which on a recording rule for a common part is proposed. */
const MIN_RULES = 3;

/** Reports whether an expression is costly enough for a recording rule: an aggregation of many samples. */
const isCostly = (expr: Expr): boolean => containsNode(expr, ({ kind }) => kind === "aggregate") && readsRange(expr);

export const recordedExpression: RuleCheck = {
  name: "recorded-expression",
  severity: "info",
  help: "A recording rule already computes a part of the expression.",
  check(rule, context, report) {
    walk(rule.spec.expr, (node) => {
      const recorder = isCostly(node) && node.kind !== "paren" ? recorderOf(node, rule, context) : undefined;
      if (recorder === undefined) return undefined;
      report(
        { part: "expr", node },
        `this part is already recorded as ${ruleText(recorder)}`,
        `use ${recorder.spec.name}`,
      );
      return false;
    });
  },
};

function recorderOf(node: Expr, rule: LintedRule, context: LintContext): LintedRule | undefined {
  return context.expressions
    .wholes(printExpression(node))
    .find(({ spec }) => spec.kind === "recording" && spec.labels.size === 0 && spec !== rule.spec);
}

export const repeatedExpression: RuleCheck = {
  name: "repeated-expression",
  severity: "info",
  help: `At least ${MIN_RULES} rules compute the same costly part. A recording rule would compute it once.`,
  check(rule, context, report) {
    walk(rule.spec.expr, (node, path) => {
      if (node.kind !== "aggregate" && node.kind !== "binary" && node.kind !== "call") return undefined;
      if (!isCostly(node)) return false;
      const text = printExpression(node);
      const uses = context.expressions.uses(text);
      if (uses.length < MIN_RULES || uses[0]!.rule !== rule) return undefined;
      // If all rules repeat a larger part, only the larger part is reported.
      const { around } = uses[0]!;
      if (around !== undefined && context.expressions.uses(around).length >= uses.length) return undefined;
      const isRecorded = context.expressions.wholes(text).some(({ spec }) => spec.kind === "recording");
      if (isRecorded || (path.length === 0 && unwrapped(rule.spec.expr) === node && isWholeOfAll(text, context)))
        return false;
      const others = uses.slice(1, 4).map((use) => use.rule.spec.name);
      const more = uses.length - 1 - others.length;
      report(
        { part: "expr", node },
        `${uses.length} rules compute this part, also ${others.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
        "add a recording rule for it",
      );
      return false;
    });
  },
};

/** Reports whether the expression is only ever a whole rule. Equal rules are reported as duplicates. */
const isWholeOfAll = (text: string, { expressions }: LintContext): boolean =>
  expressions.wholes(text).length === expressions.uses(text).length;
