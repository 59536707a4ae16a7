import type { Expr } from "@narthex/promql";
import type { AlertBehaviour } from "./behaviour/alert-behaviour.ts";

/**
 * Label or annotation texts by name, sorted by name. A text may be empty, because an empty label text removes the
 * label.
 */
export type LabelTexts = ReadonlyMap<string, string>;

interface Spec {
  readonly name: string;
  /** The expression as the rule file contains it. */
  readonly query: string;
  readonly expr: Expr;
  /** Labels of the group and of the rule. If both have a label with the same name, the rule's label is used. */
  readonly labels: LabelTexts;
}

/** A recording rule (`record:`), which writes a sample for each element of the query's result. */
export interface RecordingSpec extends Spec {
  readonly kind: "recording";
}

/** An alerting rule (`alert:`), which has an alert for each element of the query's result. */
export interface AlertingSpec extends Spec {
  readonly kind: "alerting";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: LabelTexts;
  /** Undefined if the alerts behave as those of Prometheus. */
  readonly behaviour?: AlertBehaviour | undefined;
}

export type RuleSpec = RecordingSpec | AlertingSpec;

/** Returns the expressions that an evaluation of a rule may read: its own, and those of its behaviour. */
export function expressionsOf(spec: RuleSpec): readonly Expr[] {
  if (spec.kind === "recording" || spec.behaviour === undefined) return [spec.expr];
  const { data, recovery } = spec.behaviour;
  return [spec.expr, ...[data, recovery].flatMap((query) => (query === undefined ? [] : [query.expr]))];
}

/** A rule group as the rule file contains it. */
export interface GroupSpec {
  readonly name: string;
  /** Evaluation interval, ms; undefined if the group uses the interval of the global section. */
  readonly intervalMs: number | undefined;
  /**
   * Time in ms by which a query's timestamp is earlier than the evaluation. Undefined if the global setting applies.
   */
  readonly queryOffsetMs: number | undefined;
  /** Maximum number of series or alerts of one rule; 0 for no limit. */
  readonly limit: number;
  readonly labels: LabelTexts;
  readonly rules: readonly RuleSpec[];
}
