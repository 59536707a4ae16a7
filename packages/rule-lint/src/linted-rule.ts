import type { Expr } from "@narthex/promql";
import type { GroupSpec, RuleSpec } from "@narthex/rules";
import type { RulePlace } from "./places/rule-place.ts";

/** A rule that is checked, with its place in the rule files. */
export interface LintedRule {
  readonly file: string;
  readonly group: GroupSpec;
  /** Index of the rule in its group. */
  readonly index: number;
  readonly spec: RuleSpec;
  /** Positions in the text of the file. Undefined if the text is not known. */
  readonly place: RulePlace | undefined;
}

/** The part of a rule that a finding is about. Offsets are in the part's text. */
export type Subject =
  | { readonly part: "rule" }
  | { readonly part: "for" }
  | { readonly part: "expr"; readonly node: Expr }
  | { readonly part: "labels" | "annotations"; readonly name: string; readonly offset: number };
