import {
  compileCapturing,
  isLabelName,
  isLegacyLabelName,
  type NameValidation,
  PatternError,
  quote,
  type RelabelRule,
} from "@narthex/model";
import { type Codec, type Decoded, INVALID, scalarOf } from "./codec.ts";
import { listOf } from "./collections.ts";
import type { Report } from "./decode-context.ts";
import { text, wholeNumber } from "./plain-values.ts";
import type { Position } from "./problem.ts";
import { field, type Places, section } from "./section.ts";

type Action = RelabelRule["action"];

const ACTIONS: readonly Action[] = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
];

const DEFAULT_REGEX = "(.*)";
const DEFAULT_SEPARATOR = ";";
const DEFAULT_REPLACEMENT = "$1";

const action: Codec<Action> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    const found = ACTIONS.find((name) => name === scalar.text.toLowerCase());
    if (found !== undefined) return found;
    const mend = `use one of ${ACTIONS.join(", ")}`;
    context.reportValue(node, "relabel-action", `unknown relabel action "${scalar.text}"`, mend);
    return INVALID;
  },
  encode: (value) => value,
  isZero: () => false,
};

const regex: Codec<RelabelRule["regex"]> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    try {
      return compileCapturing(scalar.text);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const wrapped = asWrapped(error.message, scalar.text);
      context.reportValue(node, "bad-regex", wrapped, "write a regular expression in RE2 syntax");
      return INVALID;
    }
  },
  encode: (value) => value.source,
  isZero: (value) => value.source === DEFAULT_REGEX,
};

/** Upstream wraps the expression before it compiles it, and quotes the whole where brackets do not close. */
const asWrapped = (message: string, source: string): string =>
  /missing closing \)|unexpected \)/.test(message)
    ? message.split(`\`${source}\``).join(`\`^(?s:${source})$\``)
    : message;

const labelName: Codec<string> = {
  ...text,
  decode(node, context) {
    const name = text.decode(node, context);
    if (name === INVALID || isLabelName(name)) return name;
    context.reportValue(node, "bad-label-name", `"${name}" is not a valid label name`, "name a label");
    return INVALID;
  },
};

const relabelRule = section<RelabelRule>(
  "relabel.plain",
  {
    sourceLabels: field("source_labels", listOf(labelName, { flow: true, goType: "model.LabelNames" }), []),
    separator: field("separator", text, DEFAULT_SEPARATOR, true),
    regex: field("regex", regex, compileCapturing(DEFAULT_REGEX)),
    modulus: field("modulus", { ...wholeNumber, goType: "uint64" }, 0),
    targetLabel: field("target_label", text, ""),
    replacement: field("replacement", text, DEFAULT_REPLACEMENT, true),
    action: field("action", action, "replace"),
  },
  (rule, at, report) => checkRule(rule, at, report),
);

function checkRule(rule: RelabelRule, at: Places<RelabelRule>, report: Report): Decoded<RelabelRule> {
  const problem = shapeProblem(rule) ?? namesProblem(rule, "utf8");
  if (problem === undefined) return rule;
  report(at.self, "relabel-rule", problem, "");
  return INVALID;
}

const NEEDS_TARGET: ReadonlySet<Action> = new Set<Action>([
  "replace",
  "keepequal",
  "dropequal",
  "hashmod",
  "lowercase",
  "uppercase",
]);
const NO_REPLACEMENT: ReadonlySet<Action> = new Set<Action>(["lowercase", "uppercase", "keepequal", "dropequal"]);

function shapeProblem(rule: RelabelRule): string | undefined {
  if (rule.action === "hashmod" && rule.modulus === 0) {
    return "relabel configuration for hashmod requires non-zero modulus";
  }
  if (NEEDS_TARGET.has(rule.action) && rule.targetLabel === "") {
    return `relabel configuration for ${rule.action} action requires 'target_label' value`;
  }
  const otherReplacement = rule.replacement !== DEFAULT_REPLACEMENT;
  if (NO_REPLACEMENT.has(rule.action) && otherReplacement) {
    return `'replacement' can not be set for ${rule.action} action`;
  }
  const otherFields = rule.modulus !== 0 || rule.separator !== DEFAULT_SEPARATOR || otherReplacement;
  if (rule.action === "keepequal" || rule.action === "dropequal") {
    if (otherFields || rule.regex.source !== DEFAULT_REGEX) {
      return `${rule.action} action requires only 'source_labels' and \`target_label\`, and no other fields`;
    }
  }
  if (rule.action === "labeldrop" || rule.action === "labelkeep") {
    if (otherFields || rule.sourceLabels.length > 0 || rule.targetLabel !== "") {
      return `${rule.action} action requires only 'regex', and no other fields`;
    }
  }
  return undefined;
}

/** A label name whose parts may be references to groups, in the classic alphabet. */
const LEGACY_TEMPLATE = /^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$/;

function namesProblem(rule: RelabelRule, scheme: NameValidation): string | undefined {
  const template = (name: string): boolean =>
    scheme === "legacy" ? LEGACY_TEMPLATE.test(name) : isLabelName(name, "utf8");
  const { action, targetLabel, replacement } = rule;
  if (action === "labelmap" && !template(replacement)) {
    return `${quote(replacement)} is invalid 'replacement' for labelmap action`;
  }
  if (!NEEDS_TARGET.has(action)) return undefined;
  const variable = action === "replace" && targetLabel.includes("$");
  const valid = variable ? template(targetLabel) : isLabelName(targetLabel, scheme);
  return valid ? undefined : `${quote(targetLabel)} is invalid 'target_label' for ${action} action`;
}

/** A list of relabeling rules; `nullItem` is what upstream says of an empty entry. */
export const relabelRules = (nullItem: string): Codec<readonly RelabelRule[]> =>
  listOf(relabelRule, { goType: "[]*relabel.Config", nullItem });

/** Reports rules whose names the legacy scheme does not allow; true when there are none. */
export function checkLegacyNames(rules: readonly RelabelRule[], at: Position, report: Report): boolean {
  for (const rule of rules) {
    const source = rule.sourceLabels.find((name) => !isLegacyLabelName(name));
    const problem = source === undefined ? namesProblem(rule, "legacy") : `"${source}" is not a valid label name`;
    if (problem === undefined) continue;
    report(at, "relabel-rule", problem, "use names of letters, digits and underscores, or validate as utf8");
    return false;
  }
  return true;
}
