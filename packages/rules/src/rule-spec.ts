import type { Expr } from "@narthex/promql";

/** Names to texts, sorted by name; an empty text is kept, since it takes the label away. */
export type LabelTexts = ReadonlyMap<string, string>;

interface Spec {
  /** Metric or alert name. */
  readonly name: string;
  /** The expression as it stands in the file. */
  readonly query: string;
  readonly expr: Expr;
  /** The rule's own labels over the group's. */
  readonly labels: LabelTexts;
}

/** `record:` a series for each element of the result. */
export interface RecordingSpec extends Spec {
  readonly kind: "recording";
}

/** `alert:` an alert for each element of the result. */
export interface AlertingSpec extends Spec {
  readonly kind: "alerting";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: LabelTexts;
}

export type RuleSpec = RecordingSpec | AlertingSpec;

/** One group as its file has it. */
export interface GroupSpec {
  readonly name: string;
  /** undefined: as the global section says. */
  readonly intervalMs: number | undefined;
  /** undefined: as the global section says. */
  readonly queryOffsetMs: number | undefined;
  /** Most series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly labels: LabelTexts;
  readonly rules: readonly RuleSpec[];
}
