import { mayHave, type ParserOptions, parseExpression, resultLabels } from "@narthex/promql";
import { type AlertingSpec, templateReferences, type TemplateReference } from "@narthex/rules";
import type { LintContext } from "../lint-context.ts";
import type { ReportFinding, RuleCheck } from "../rule-check.ts";

/** Labels that a template can read although the result of the expression does not have them. */
const SPECIAL: ReadonlySet<string> = new Set(["__name__", "SortedPairs", "Names", "Values", "Remove"]);

/** Calls `use` with each reference of the templates of an alert. */
function eachReference(
  spec: AlertingSpec,
  use: (part: "labels" | "annotations", name: string, reference: TemplateReference) => void,
): void {
  for (const part of ["labels", "annotations"] as const)
    for (const [name, text] of spec[part]) for (const reference of templateReferences(text)) use(part, name, reference);
}

export const templateLabel: RuleCheck = {
  name: "template-label",
  severity: "warning",
  help: "A template shows a label that the result of the expression never has, for example because an aggregation removes it.",
  check({ spec }, { options }, report) {
    if (spec.kind !== "alerting") return;
    const labels = resultLabels(spec.expr);
    const { externalLabels } = options;
    eachReference(spec, (part, name, reference) => {
      const subject = { part, name, offset: "at" in reference ? reference.at : 0 };
      if (reference.kind === "label" && !SPECIAL.has(reference.name) && !mayHave(labels, reference.name))
        report(
          subject,
          `${part.slice(0, -1)} ${name} uses the label ${reference.name}, which the expression removes, so it is always empty`,
          `add ${reference.name} to the by() of the aggregation, or remove it from the template`,
        );
      if (reference.kind === "externalLabel" && externalLabels !== undefined && !externalLabels.has(reference.name))
        report(
          subject,
          `${part.slice(0, -1)} ${name} uses the external label ${reference.name}, which the configuration does not set`,
          `set ${reference.name} in external_labels, or remove it from the template`,
        );
    });
  },
};

export const templateQuery: RuleCheck = {
  name: "template-query",
  severity: "error",
  help: "A query in a template is not valid PromQL.",
  check({ spec }, context, report) {
    if (spec.kind !== "alerting") return;
    eachReference(spec, (part, name, reference) => {
      if (reference.kind === "query") checkQuery(part, name, reference, context, report);
    });
  },
};

function checkQuery(
  part: "labels" | "annotations",
  name: string,
  { text, at }: Extract<TemplateReference, { kind: "query" }>,
  { options }: LintContext,
  report: ReportFinding,
): void {
  const problem = queryProblem(text, options.parser);
  if (problem !== undefined)
    report(
      { part, name, offset: at },
      `the query of ${part.slice(0, -1)} ${name} is not valid: ${problem}`,
      "correct the query",
    );
}

function queryProblem(text: string, parser: ParserOptions): string | undefined {
  const parsed = parseExpression(text, parser);
  return parsed.ok ? undefined : parsed.errors[0].toString();
}

export const valueLabel: RuleCheck = {
  name: "value-label",
  severity: "error",
  help: "A label of an alert contains the value. Each new value is a new alert, so `for` starts again and receivers get many alerts.",
  check({ spec }, _context, report) {
    if (spec.kind !== "alerting") return;
    const told = new Set<string>();
    eachReference(spec, (part, name, reference) => {
      if (part !== "labels" || reference.kind !== "value" || isCondition(spec.labels.get(name)!) || told.has(name))
        return;
      told.add(name);
      report(
        { part, name, offset: reference.at },
        `label ${name} contains the value, so each new value is another alert`,
        "move the value to an annotation",
      );
    });
  },
};

/** Reports whether a template chooses between a few texts by the value, as in `{{ if gt $value 90.0 }}critical{{ end }}`. */
const isCondition = (text: string): boolean =>
  text.includes("{{ if") || text.includes("{{if") || text.includes("{{- if");
