import type { Problem } from "@narthex/config";
import { formatValue, joinFormatted, type JsonObject, safeAddress } from "@narthex/dashboards";
import { WIDEST_LANGUAGE } from "@narthex/datasources";
import { mayHave, type ResultLabels, resultLabels } from "@narthex/promql/syntax";
import { parseRuleFile } from "@narthex/rules";
import { alertExpression, type Condition } from "./alert-expression.ts";
import { oneLine, ruleContent, type RuleContent, type RuleText, ruleYaml } from "./rule-yaml.ts";
import { labelTemplate, valueTemplate, verbatimText } from "./template-text.ts";

export interface ThresholdRequest {
  /** A query of the panel, with its variables replaced. */
  readonly query: JsonObject;
  readonly condition: Condition;
  readonly group: string;
  readonly name: string;
  /** Time for which the condition must hold, as a duration. If empty, the alert fires immediately. */
  readonly wait: string;
  readonly severity: string;
  /** Texts of the alert, which may contain templates. An empty text is replaced by a generated one. */
  readonly summary: string;
  readonly description: string;
  readonly unit: string;
  /** Labels whose values distinguish the panel's series, if known. */
  readonly labels: readonly string[];
  readonly panel: {
    readonly title: string;
    readonly id: string;
    readonly dashboardUid: string;
    /** URL of the panel; empty if unknown. */
    readonly address: string;
  };
}

/** An error in the rule, with its position in the rule file. */
type RuleProblem = Pick<Problem, "line" | "column" | "message" | "hint">;

export interface ThresholdRule {
  readonly yaml: string;
  /** The rule of the file, which a client can add to another group. */
  readonly content: RuleContent;
  readonly expr: string;
  readonly forMs: number;
  readonly summary: string;
  readonly description: string;
  readonly problems: readonly RuleProblem[];
  readonly warnings: readonly string[];
}

const FILE = "rules.yml";
/** Maximum number of labels in the text of an alert. */
const MAX_LABELS = 3;

/** Generates a rule file for a threshold, and checks it with the parser of rule files. */
export function thresholdRule(request: ThresholdRequest): ThresholdRule {
  const { condition, panel } = request;
  const { text: expr, query } = alertExpression(request.query, condition);
  const labels = namedLabels(request.labels, query === undefined ? undefined : resultLabels(query));
  const summary = request.summary.trim() || summaryOf(request, labels);
  const description = request.description.trim() || descriptionOf(request);
  const address = safeAddress(panel.address) ?? "";
  const rule: RuleText = {
    group: oneLine(request.group) || oneLine(panel.title) || "dashboard",
    alert: request.name,
    expr,
    for: request.wait,
    labels: new Map([["severity", request.severity]]),
    annotations: new Map([
      ["summary", summary],
      ["description", description],
      ["dashboard", /^https?:/i.test(address) ? verbatimText(address) : ""],
      ["__dashboardUid__", verbatimText(panel.dashboardUid)],
      ["__panelId__", verbatimText(panel.id)],
    ]),
  };
  const content = ruleContent(rule);
  const yaml = ruleYaml(content);
  return { yaml, content, expr, summary, description, ...checked(yaml) };
}

/**
 * Parses the rule file as a server without feature flags does, and returns the errors. If a server with all flags
 * accepts the rule, returns a warning instead.
 */
function checked(yaml: string): Pick<ThresholdRule, "problems" | "warnings" | "forMs"> {
  const usual = parseRuleFile(yaml, FILE);
  const loaded = usual.ok ? usual : parseRuleFile(yaml, FILE, { parser: WIDEST_LANGUAGE });
  if (!loaded.ok) {
    const problems = loaded.problems.map(({ line, column, message, hint }) => ({ line, column, message, hint }));
    return { problems, warnings: [], forMs: 0 };
  }
  const rule = loaded.value[0]?.rules[0];
  const forMs = rule?.kind === "alerting" ? rule.forMs : 0;
  const needed =
    "The expression needs what is experimental in PromQL: the server has to be started with --enable-feature.";
  return { problems: [], warnings: usual.ok ? loaded.warnings : [needed, ...loaded.warnings], forMs };
}

/**
 * Returns the labels that the alert's text shows: those that distinguish the series, otherwise those by which the query
 * groups, otherwise `instance`.
 */
function namedLabels(given: readonly string[], known: ResultLabels | undefined): readonly string[] {
  if (known === undefined) return [];
  const named = given.filter((name) => mayHave(known, name));
  if (named.length > 0) return named.slice(0, MAX_LABELS);
  if (known.isOnly) return [...known.names].slice(0, MAX_LABELS);
  return mayHave(known, "instance") ? ["instance"] : [];
}

const thresholdText = ({ unit, condition: { isAbove, value } }: ThresholdRequest): string => {
  const shown = joinFormatted(formatValue(unit, value)).trim();
  return `${isAbove ? "at or above" : "below"} ${verbatimText(shown)}`;
};

const subjectOf = ({ panel, name }: ThresholdRequest): string => verbatimText(oneLine(panel.title) || name);

function summaryOf(request: ThresholdRequest, labels: readonly string[]): string {
  const of = labels.length === 0 ? "" : ` of ${labels.map(labelTemplate).join(", ")}`;
  return `${subjectOf(request)}${of} is ${thresholdText(request)}`;
}

function descriptionOf(request: ThresholdRequest): string {
  const wait = request.wait.trim();
  const since = /^[0-9a-z]+$/.test(wait) && Number.parseInt(wait, 10) > 0 ? ` for ${wait}` : "";
  return `${subjectOf(request)} has been ${thresholdText(request)}${since}; it is ${valueTemplate(request.unit)} now.`;
}
