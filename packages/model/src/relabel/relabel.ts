import { Labels } from "../labels/labels.ts";
import { LabelsBuilder } from "../labels/labels-builder.ts";
import type { NameValidation } from "../labels/metric-name.ts";
import type { CapturingPattern } from "../pattern/pattern.ts";
import { Relabeling } from "./relabeling.ts";

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

/** The labels after one rule, and whether the rules so far keep what they belong to. */
export interface RelabelStep {
  readonly rule: RelabelRule;
  /** None once a rule has dropped their owner. */
  readonly output: Labels;
  readonly keep: boolean;
  /** What the rule looked at: its source labels' values, joined. */
  readonly value: string;
}

/** Results that a list's rules remember for good. */
const KEPT = 64;

/** Rules made ready, by list; a list is made ready once for each scheme. */
const ready: Readonly<Record<NameValidation, WeakMap<readonly RelabelRule[], Relabeling>>> = {
  utf8: new WeakMap(),
  legacy: new WeakMap(),
};

/**
 * Applies the rules in order, each to the result of the ones before; undefined when one of them drops the labels' owner.
 * For many sets of labels in one go use Relabeling.
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
  let relabeling = ready[scheme].get(rules);
  if (relabeling === undefined) ready[scheme].set(rules, (relabeling = new Relabeling(rules, scheme, KEPT)));
  const builder = new LabelsBuilder(labels);
  return relabeling.apply(builder) ? builder.labels() : undefined;
}

/** As relabel(), with the labels after each rule. */
export function relabelSteps(
  labels: Labels,
  rules: readonly RelabelRule[],
  scheme: NameValidation = "utf8",
): RelabelStep[] {
  const builder = new LabelsBuilder(labels);
  let keep = true;
  return rules.map((rule) => {
    const value = keep ? rule.sourceLabels.map((name) => builder.get(name)).join(rule.separator) : "";
    keep &&= new Relabeling([rule], scheme).apply(builder);
    return { rule, output: keep ? builder.labels() : Labels.EMPTY, keep, value };
  });
}
