import type { FloatHistogram, Labels } from "@narthex/model";
import type { Expr } from "@narthex/promql";

/** One element of an instant query's answer. */
export interface QueryElement {
  readonly labels: Labels;
  /** 0 where there is a histogram. */
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}

/** The group that a query is for. */
export interface RuleGroupName {
  readonly file: string;
  readonly name: string;
}

/**
 * Evaluates an expression at one instant (ms). A scalar comes back as one element without labels; anything but vector
 * and scalar is refused with `rule result is not a vector or scalar`. Rejects with the query's error.
 */
export type RuleQuery = (
  expr: Expr,
  timeMs: number,
  signal: AbortSignal,
  group: RuleGroupName,
) => Promise<readonly QueryElement[]>;

/** An evaluation that went wrong by the rule's or the query's own fault; the message is shown as `lastError`. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** A sample a rule writes. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}
