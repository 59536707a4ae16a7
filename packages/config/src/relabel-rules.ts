import {
  compileCapturing,
  isLabelName,
  type NameValidation,
  PatternError,
  quote,
  type RelabelRule,
} from "@narthex/model";
import { type Codec, type Decoded, INVALID, scalarOf } from "./decode/codec.ts";
import { listOf } from "./decode/collections.ts";
import type { Report } from "./decode/decode-context.ts";
import { isNull } from "./yaml/node.ts";
import { text, wholeNumber } from "./decode/plain-values.ts";
import type { Position } from "./problem.ts";
import { field, type FieldPositions, section } from "./decode/section.ts";

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

const DEFAULT_REGEX = compileCapturing("(.*)");
const DEFAULT_SEPARATOR = ";";
const DEFAULT_REPLACEMENT = "$1";

const action: Codec<Action> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    const found = ACTIONS.find((name) => name === scalar.text.toLowerCase());
    if (found !== undefined) return found;
    const hint = `use one of ${ACTIONS.join(", ")}`;
    context.reportValue(node, "relabel-action", `unknown relabel action "${scalar.text}"`, hint);
    return INVALID;
  },
  // Decodes null as the action "", which the check of the rule refuses, as in Prometheus.
  whenNull: () => "" as Action,
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
  whenNull: () => compileCapturing(""),
  encode: (value) => value.source,
  // Prints a regex from the file even if it equals the default, as Prometheus does.
  isZero: (value) => value === DEFAULT_REGEX,
};

/**
 * Formats the error of a regular expression as in Prometheus, which quotes the expression with the anchors that it has
 * added if parentheses are unbalanced.
 */
const asWrapped = (message: string, source: string): string =>
  /missing closing \)|unexpected \)/.test(message)
    ? message.split(`\`${source}\``).join(`\`^(?s:${source})$\``)
    : message;

const labelName: Codec<string> = {
  ...text,
  decode(node, context) {
    const name = text.decode(node, context);
    if (name === INVALID || isLabelName(name) || isNull(node)) return name;
    context.reportValue(node, "bad-label-name", `"${name}" is not a valid label name`, "name a label");
    return INVALID;
  },
};

const relabelRule = section<RelabelRule>(
  "relabel.plain",
  {
    sourceLabels: field("source_labels", listOf(labelName, { flow: true, goType: "model.LabelNames" }), []),
    separator: field("separator", text, DEFAULT_SEPARATOR, true),
    regex: field("regex", regex, DEFAULT_REGEX),
    modulus: field("modulus", { ...wholeNumber, goType: "uint64" }, 0),
    targetLabel: field("target_label", text, ""),
    replacement: field("replacement", text, DEFAULT_REPLACEMENT, true),
    action: field("action", action, "replace"),
  },
  (rule, at, report) => checkRule(rule, at, report),
);

function checkRule(rule: RelabelRule, at: FieldPositions<RelabelRule>, report: Report): Decoded<RelabelRule> {
  // Counts an empty list of source labels as configured, as Prometheus does.
  const problem = shapeProblem(rule, at.sourceLabels !== at.self) ?? namesProblem(rule, "utf8");
  if (problem === undefined) return rule;
  report(at.self, "relabel-rule", problem, hintOf(rule));
  return INVALID;
}

/** Returns a hint that lists the keys which a relabeling rule with this action accepts. */
function hintOf({ action }: RelabelRule): string {
  if ((action as string) === "") return `use one of ${ACTIONS.join(", ")}`;
  const keys = KEYS_OF[action] ?? ["source_labels", "separator", "target_label", "regex", "replacement"];
  return `${action} takes ${keys.join(", ")}`;
}

const KEYS_OF: Readonly<Partial<Record<Action, readonly string[]>>> = {
  keep: ["source_labels", "separator", "regex"],
  drop: ["source_labels", "separator", "regex"],
  keepequal: ["source_labels", "target_label"],
  dropequal: ["source_labels", "target_label"],
  hashmod: ["source_labels", "separator", "target_label", "modulus"],
  labelmap: ["regex", "replacement"],
  labeldrop: ["regex"],
  labelkeep: ["regex"],
  lowercase: ["source_labels", "separator", "target_label"],
  uppercase: ["source_labels", "separator", "target_label"],
};

const NEEDS_TARGET: ReadonlySet<Action> = new Set<Action>([
  "replace",
  "keepequal",
  "dropequal",
  "hashmod",
  "lowercase",
  "uppercase",
]);
const NO_REPLACEMENT: ReadonlySet<Action> = new Set<Action>(["lowercase", "uppercase", "keepequal", "dropequal"]);

function shapeProblem(rule: RelabelRule, sources: boolean): string | undefined {
  if ((rule.action as string) === "") return "relabel action cannot be empty";
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
    if (otherFields || rule.regex !== DEFAULT_REGEX) {
      return `${rule.action} action requires only 'source_labels' and \`target_label\`, and no other fields`;
    }
  }
  if (rule.action === "labeldrop" || rule.action === "labelkeep") {
    if (otherFields || sources || rule.targetLabel !== "") {
      return `${rule.action} action requires only 'regex', and no other fields`;
    }
  }
  return undefined;
}

/** Matches a label name of the legacy scheme in which any part may refer to a group of the match, such as `${1}`. */
const LEGACY_TEMPLATE = /^(?:[a-zA-Z_]|\$\{\w+\}|\$\w)(?:\w|\$\{\w+\}|\$\w)*$/;

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

/** Returns the codec of relabeling rules; `nullItem` is Prometheus' message for an empty entry. */
export const relabelRules = (nullItem: string): Codec<readonly RelabelRule[]> =>
  listOf(relabelRule, { goType: "[]*relabel.Config", nullItem });

/**
 * Reports the first relabeling rule whose names the legacy scheme does not allow. Returns true if all names are
 * allowed.
 */
export function checkLegacyNames(
  rules: readonly RelabelRule[],
  scheme: NameValidation,
  at: Position,
  report: Report,
): boolean {
  if (scheme !== "legacy") return true;
  for (const [i, rule] of rules.entries()) {
    const problem = namesProblem(rule, "legacy");
    if (problem === undefined) continue;
    const hint = `in rule ${i + 1} use a name of letters, digits and underscores, or validate names as utf8`;
    report(at, "relabel-rule", problem, hint);
    return false;
  }
  return true;
}
