import type { Expr } from "@narthex/promql";

/** The behaviour of the alerts of a rule without data. */
export type OnNoData = "keep" | "fire" | "resolve";

export const ON_NO_DATA: readonly OnNoData[] = ["keep", "fire", "resolve"];

/** An expression of a behaviour, with its canonical text. */
export interface BehaviourQuery {
  readonly expr: Expr;
  readonly text: string;
}

/** Condition under which a firing alert recovers. */
export interface Recovery extends BehaviourQuery {
  /** The limit, such as `< 80`. Undefined if the file contains an expression. */
  readonly threshold: string | undefined;
}

/** Limits how often an alert begins or stops to fire. */
export interface FlapDamping {
  /** Largest number of changes in a window. At least 2. */
  readonly maxChanges: number;
  readonly windowMs: number;
}

/** How the alerts of one rule differ from those of Prometheus. */
export interface AlertBehaviour {
  /** Undefined if a label set without data is treated like one whose comparison is false. */
  readonly onNoData: OnNoData | undefined;
  /**
   * Returns the label sets that have data. Undefined if all label sets always have data, because the expression of the
   * rule asks for missing data.
   */
  readonly data: BehaviourQuery | undefined;
  readonly recovery: Recovery | undefined;
  readonly damping: FlapDamping | undefined;
  /** Place of the entry. */
  readonly file: string;
  readonly line: number;
}

/** Returns a behaviour as a text that is equal for equal behaviours. The place is not part of it. */
export const behaviourIdentity = ({ onNoData, data, recovery, damping }: AlertBehaviour): string =>
  JSON.stringify([onNoData, data?.text, recovery?.text, damping]);
