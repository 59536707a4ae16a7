import { mayHave, printExpression, resultLabels } from "@narthex/promql";
import { formatDuration, METRIC_NAME } from "@narthex/model";
import { selectorsOf } from "../expression/nodes.ts";
import type { LintedRule } from "../linted-rule.ts";
import type { RuleCheck } from "../rule-check.ts";

const labelsText = ({ spec }: LintedRule): string => JSON.stringify([...spec.labels]);

/** Returns a rule as a user finds it: its name, its group and its file. */
export const ruleText = ({ spec, group, file }: LintedRule): string =>
  `${spec.name} in group ${JSON.stringify(group.name)} of ${file}`;

export const duplicateRule: RuleCheck = {
  name: "duplicate-rule",
  severity: "warning",
  help: "Two rules have the same name and labels. Two such alerts with equal labels are one alert, and of two recorded samples one is dropped.",
  check(rule, context, report) {
    const named = (rule.spec.kind === "alerting" ? context.alerts : context.recorded).get(rule.spec.name) ?? [];
    const labels = labelsText(rule);
    const first = named.find((other) => other === rule || (labelsText(other) === labels && mayOverlap(other, rule)));
    if (first === undefined || first === rule) return;
    const isEqual = printExpression(first.spec.expr) === printExpression(rule.spec.expr);
    report(
      { part: "rule" },
      `another rule has the same name and labels${isEqual ? " and the same expression" : ""}: ${ruleText(first)}`,
      isEqual ? "remove one of them" : "give one of them another name or another label",
    );
  },
};

/**
 * Reports whether two rules may have results with equal labels. Rules that select different values of a label, and keep
 * this label, have different results, such as one rule for `code=~"2.."` and one for `code=~"5.."`.
 */
function mayOverlap({ spec: one }: LintedRule, { spec: other }: LintedRule): boolean {
  const [mine, theirs] = [matcherTexts(one), matcherTexts(other)];
  return [...mine].every(([label, text]) => {
    const opposite = theirs.get(label);
    const isKept = mayHave(resultLabels(one.expr), label) && mayHave(resultLabels(other.expr), label);
    return opposite === undefined || opposite === text || !isKept;
  });
}

/** Returns the matchers of a rule by label, as text, except for matchers that only exclude values. */
function matcherTexts({ expr }: LintedRule["spec"]): ReadonlyMap<string, string> {
  const texts = new Map<string, Set<string>>();
  for (const { selector } of selectorsOf(expr)) {
    for (const matcher of selector.matchers) {
      if (matcher.name === METRIC_NAME || matcher.matchesEmpty) continue;
      const own = texts.get(matcher.name) ?? new Set();
      texts.set(matcher.name, own.add(matcher.toString()));
    }
  }
  return new Map([...texts].map(([label, own]) => [label, [...own].toSorted().join()]));
}

export const duplicateExpression: RuleCheck = {
  name: "duplicate-expression",
  severity: "warning",
  help: "Two rules of the same kind have the same expression under different names.",
  check(rule, context, report) {
    const { spec } = rule;
    const first = context.expressions
      .wholes(printExpression(spec.expr))
      .find((other) => other.spec.kind === spec.kind && isSameUse(other, rule));
    if (first === undefined || first === rule || first.spec.name === spec.name) return;
    report(
      { part: "expr", node: spec.expr },
      spec.kind === "recording"
        ? `the expression is already recorded as ${ruleText(first)}`
        : `the alert fires at the same time as ${ruleText(first)}: both have this expression and ${forText(spec.forMs)}`,
      spec.kind === "recording" ? `use ${first.spec.name}` : "remove one of them",
    );
  },
};

const forText = (forMs: number): string => (forMs === 0 ? "no `for`" : `for: ${formatDuration(forMs)}`);

function isSameUse({ spec: one }: LintedRule, { spec: other }: LintedRule): boolean {
  if (one.kind === "alerting" && other.kind === "alerting") return one.forMs === other.forMs;
  return JSON.stringify([...one.labels]) === JSON.stringify([...other.labels]);
}
