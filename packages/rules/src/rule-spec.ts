import type { Expr } from "@narthex/promql";

/** Texts of labels or annotations by name, sorted by name. May be empty, because an empty text removes a label. */
export type LabelTexts = ReadonlyMap<string, string>;

interface Spec {
  readonly name: string;
  /** The expression as written in the file. */
  readonly query: string;
  readonly expr: Expr;
  /** Labels of the group and of the rule. The rule's labels take precedence. */
  readonly labels: LabelTexts;
}

/** A recording rule (`record:`), which writes a series for each element of the result. */
export interface RecordingSpec extends Spec {
  readonly kind: "recording";
}

/** An alerting rule (`alert:`), which has an alert for each element of the result. */
export interface AlertingSpec extends Spec {
  readonly kind: "alerting";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: LabelTexts;
}

export type RuleSpec = RecordingSpec | AlertingSpec;

/** A rule group as written in its file. */
export interface GroupSpec {
  readonly name: string;
  /** Evaluation interval, ms; undefined if the group uses the interval of the global section. */
  readonly intervalMs: number | undefined;
  /**
   * Time in ms by which a query's timestamp is earlier than the evaluation. Undefined if the global setting applies.
   */
  readonly queryOffsetMs: number | undefined;
  /** Maximum number of series or alerts of one rule; 0 = no limit. */
  readonly limit: number;
  readonly labels: LabelTexts;
  readonly rules: readonly RuleSpec[];
}
