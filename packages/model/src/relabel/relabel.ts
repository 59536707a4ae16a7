import { Labels } from "../labels/labels.ts";
import { LabelsBuilder } from "../labels/labels-builder.ts";
import type { NameValidation } from "../labels/metric-name.ts";
import type { CapturingPattern } from "../pattern/pattern.ts";
import { Relabeling } from "./relabeling.ts";

type RelabelAction =
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

/** One rule of relabel_configs or a similar list of the configuration. Missing settings have their defaults. */
export interface RelabelRule {
  readonly sourceLabels: readonly string[];
  /** Text between the joined values of the source labels. Default `;`. */
  readonly separator: string;
  /** Regular expression that the whole joined value must match. Default `(.*)`. */
  readonly regex: CapturingPattern;
  /** Divisor of the hash for the action hashmod. Other actions ignore it. */
  readonly modulus: number;
  readonly targetLabel: string;
  /** Text that replaces the match. References such as `$1` are expanded. Default `$1`. */
  readonly replacement: string;
  readonly action: RelabelAction;
}

/** Result of one relabeling rule: the labels, and whether the target or series is kept. */
export interface RelabelStep {
  readonly rule: RelabelRule;
  /** Labels after the rule. Empty if a rule has dropped the target or series. */
  readonly output: Labels;
  readonly keep: boolean;
  /** Joined values of the rule's source labels. */
  readonly value: string;
}

/** Maximum number of results that are cached for each relabeling rule. */
const KEPT = 64;

/** Compiled lists of relabeling rules, by the rule for valid names and by list. */
const ready: Readonly<Record<NameValidation, WeakMap<readonly RelabelRule[], Relabeling>>> = {
  utf8: new WeakMap(),
  legacy: new WeakMap(),
};

/**
 * Applies relabeling rules in order, each to the result of the previous one. Returns undefined if a rule drops the
 * target or series. For many label sets, use the class Relabeling.
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

/** Returns the labels after each relabeling rule, so that a page can show the steps. */
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
