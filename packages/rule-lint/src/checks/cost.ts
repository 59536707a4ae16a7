import { printExpression } from "@narthex/promql";
import { DataError } from "../data/stored-data.ts";
import { matcherText, selectorsOf } from "../expression/nodes.ts";
import type { LintContext } from "../lint-context.ts";
import type { LintedRule } from "../linted-rule.ts";
import type { RuleCheck } from "../rule-check.ts";

/** The number of series and samples that one evaluation of a rule reads. */
export interface RuleCost {
  /** Number of series that the selectors match now. */
  readonly series: number;
  readonly samples: number;
}

/** Measures one evaluation of a rule. Resolves with undefined without stored data, or if the evaluation fails. */
export async function costOf({ spec }: LintedRule, { options }: LintContext): Promise<RuleCost | undefined> {
  const { data, now } = options;
  if (data === undefined) return undefined;
  try {
    const texts = new Set(selectorsOf(spec.expr).map(({ selector }) => matcherText(selector)));
    let series = 0;
    for (const text of texts) series += (await data.instant(`count(${text})`, now)).greatest ?? 0;
    const { samplesRead } = await data.instant(printExpression(spec.expr), now);
    return { series, samples: samplesRead };
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

export const cost: RuleCheck = {
  name: "cost",
  severity: "warning",
  help: "One evaluation of the rule selects more series or reads more samples than the policy allows (by default 10,000 and 1,000,000). Needs stored series.",
  async check(rule, context, report) {
    const measured = await costOf(rule, context);
    if (measured === undefined) return;
    const { series, samples } = measured;
    const { maxSeries, maxSamples } = context.options.policy;
    if (series <= maxSeries && samples <= maxSamples) return;
    report(
      { part: "expr", node: rule.spec.expr },
      `each evaluation selects ${series} series and reads ${samples} samples`,
      "select fewer series, use a shorter window, or use a recording rule",
    );
  },
};
