import type { Expr } from "@narthex/promql";

/** Texts by name, sorted by name. An empty text is kept, because it removes the label. */
export type LabelTexts = ReadonlyMap<string, string>;

interface Spec {
  /** Metric or alert name. */
  readonly name: string;
  /** The expression as written in the file. */
  readonly query: string;
  readonly expr: Expr;
  /** The rule's own labels, merged over the group's. */
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

/** One group as in its file. */
export interface GroupSpec {
  readonly name: string;
  /** Undefined uses the global section. */
  readonly intervalMs: number | undefined;
  /** Undefined uses the global section. */
  readonly queryOffsetMs: number | undefined;
  /** Maximum number of series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly labels: LabelTexts;
  readonly rules: readonly RuleSpec[];
}
