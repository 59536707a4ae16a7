import { hash } from "node:crypto";
import { Labels } from "./labels.ts";
import { isLabelName, type NameValidation } from "./metric-name.ts";
import { type CapturingPattern, compilePattern, expandTemplate, type Pattern } from "./pattern.ts";

/** What a relabeling rule does. */
export type RelabelAction =
  | "replace"
  | "keep"
  | "drop"
  | "keepequal"
  | "dropequal"
  | "hashmod"
  | "labelmap"
  | "labeldrop"
  | "labelkeep"
  | "lowercase"
  | "uppercase";

/** One rule of relabel_configs and its kin, defaults filled in. */
export interface RelabelRule {
  readonly sourceLabels: readonly string[];
  /** Joins the source labels' values. Default `;`. */
  readonly separator: string;
  /** Anchored. Default `(.*)`. */
  readonly regex: CapturingPattern;
  /** Of hashmod; not 0 there. */
  readonly modulus: number;
  readonly targetLabel: string;
  /** Default `$1`. */
  readonly replacement: string;
  readonly action: RelabelAction;
}

/** The labels after one rule, and whether the rule keeps what they belong to. */
export interface RelabelStep {
  readonly rule: RelabelRule;
  readonly output: Labels;
  readonly keep: boolean;
}

/**
 * Applies the rules in order, each to the result of the ones before; undefined when one of them drops the labels' owner.
 *
 * ```ts
 * relabel(Labels.of({ __address__: "a:80" }), rules)?.get("instance");
 * ```
 */
export function relabel(
  labels: Labels,
  rules: readonly RelabelRule[],
  scheme: NameValidation = "utf8",
): Labels | undefined {
  let current: Labels | undefined = labels;
  for (const rule of rules) {
    current = applyRule(current, rule, scheme);
    if (current === undefined) return undefined;
  }
  return current;
}

/** As relabel(), with the labels after each rule; the step that drops is the last and has no labels. */
export function relabelSteps(
  labels: Labels,
  rules: readonly RelabelRule[],
  scheme: NameValidation = "utf8",
): RelabelStep[] {
  const steps: RelabelStep[] = [];
  let current = labels;
  for (const rule of rules) {
    const output = applyRule(current, rule, scheme);
    steps.push({ rule, output: output ?? Labels.EMPTY, keep: output !== undefined });
    if (output === undefined) break;
    current = output;
  }
  return steps;
}

function applyRule(labels: Labels, rule: RelabelRule, scheme: NameValidation): Labels | undefined {
  const value = sourceValue(labels, rule);
  switch (rule.action) {
    case "keep":
      return tester(rule.regex).test(value) ? labels : undefined;
    case "drop":
      return tester(rule.regex).test(value) ? undefined : labels;
    case "keepequal":
      return labels.get(rule.targetLabel) === value ? labels : undefined;
    case "dropequal":
      return labels.get(rule.targetLabel) === value ? undefined : labels;
    case "replace":
      return replace(labels, rule, value, scheme);
    case "lowercase":
      return labels.with([[rule.targetLabel, value.toLowerCase()]]);
    case "uppercase":
      return labels.with([[rule.targetLabel, value.toUpperCase()]]);
    case "hashmod":
      return labels.with([[rule.targetLabel, hashModulus(value, rule.modulus)]]);
    case "labelmap":
      return mapNames(labels, rule);
    case "labeldrop":
      return labels.filter((name) => !tester(rule.regex).test(name));
    case "labelkeep":
      return labels.filter((name) => tester(rule.regex).test(name));
  }
}

function sourceValue(labels: Labels, rule: RelabelRule): string {
  if (rule.sourceLabels.length === 1) return labels.get(rule.sourceLabels[0]!);
  return rule.sourceLabels.map((name) => labels.get(name)).join(rule.separator);
}

function replace(labels: Labels, rule: RelabelRule, value: string, scheme: NameValidation): Labels {
  const groups = match(rule.regex, value);
  if (groups === undefined) return labels;
  const expand = (template: string): string =>
    template.includes("$") ? expandTemplate(template, groups, (name) => rule.regex.groupIndex(name)) : template;
  const target = expand(rule.targetLabel);
  return isLabelName(target, scheme) ? labels.with([[target, expand(rule.replacement)]]) : labels;
}

/** The default expression matches everything: no engine needed to say so. */
const match = (pattern: CapturingPattern, value: string): readonly (string | undefined)[] | undefined =>
  pattern.source === "(.*)" ? [value, value] : pattern.exec(value);

function mapNames(labels: Labels, rule: RelabelRule): Labels {
  const changes: [string, string][] = [];
  for (const [name, value] of labels) {
    if (tester(rule.regex).test(name)) changes.push([rule.regex.replaceAll(name, rule.replacement), value]);
  }
  return changes.length === 0 ? labels : labels.with(changes);
}

/** The last 8 bytes of the MD5 sum, as a big-endian number, modulo `modulus`. */
function hashModulus(value: string, modulus: number): string {
  const tail = hash("md5", value, "hex").slice(16);
  return String(BigInt(`0x${tail}`) % BigInt(modulus));
}

const testers = new WeakMap<CapturingPattern, Pattern>();

/** The pattern for testing alone: literals and `.*` then need no engine. */
function tester(pattern: CapturingPattern): Pattern {
  let found = testers.get(pattern);
  if (found === undefined) testers.set(pattern, (found = compilePattern(pattern.source)));
  return found;
}
