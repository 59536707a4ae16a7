import { Labels } from "../labels/labels.ts";
import { LabelsBuilder } from "../labels/labels-builder.ts";
import type { NameValidation } from "../labels/metric-name.ts";
import type { CapturingPattern } from "../pattern/pattern.ts";
import { Relabeling } from "./relabeling.ts";

/** Action of a relabeling rule. */
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

/** One rule of relabel_configs and similar lists, with defaults filled in. */
export interface RelabelRule {
  readonly sourceLabels: readonly string[];
  /** Joins the source labels' values. Default `;`. */
  readonly separator: string;
  /** Anchored expression. Default `(.*)`. */
  readonly regex: CapturingPattern;
  /** Modulus of hashmod, where it is not 0. */
  readonly modulus: number;
  readonly targetLabel: string;
  /** Default `$1`. */
  readonly replacement: string;
  readonly action: RelabelAction;
}

/** The labels after one rule, and whether the rules so far keep the labels' owner. */
export interface RelabelStep {
  readonly rule: RelabelRule;
  /** Empty after a rule has dropped the labels' owner. */
  readonly output: Labels;
  readonly keep: boolean;
  /** Input of the rule: its source labels' values, joined. */
  readonly value: string;
}

/** Maximum number of results that a list's rules cache permanently. */
const KEPT = 64;

/** Compiled rules by list, once for each scheme. */
const ready: Readonly<Record<NameValidation, WeakMap<readonly RelabelRule[], Relabeling>>> = {
  utf8: new WeakMap(),
  legacy: new WeakMap(),
};

/**
 * Applies the rules in order, each to the result of the ones before. Returns undefined if one of them drops the labels'
 * owner. Use Relabeling for many sets of labels.
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

/** Like relabel(), but returns the labels after each rule. */
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
