import { type FloatHistogram, Labels } from "@narthex/model";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { type Expr, forEachSample, printExpression, QueryError, type QueryResult } from "@narthex/promql";

/** One element of an instant query's answer. */
export interface QueryElement {
  readonly labels: Labels;
  /** 0 if there is a histogram. */
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

/** An instant query of a rule. */
export interface RuleQueryRequest {
  readonly expr: Expr;
  /** The expression as text: places in messages refer to it. */
  readonly text: string;
  /** ms. */
  readonly time: number;
  readonly signal: AbortSignal;
  readonly group: RuleGroupName;
}

/** Evaluates rules by instant queries of a PromQL engine; makes the elements in time slices. Give rules slots of their own, so that dashboards cannot take them. */
export function engineQuery(clock: Clock, ask: (order: RuleQueryRequest) => Promise<QueryResult>): RuleQuery {
  return async (expr, time, signal, group) => {
    try {
      const result = await ask({ expr, text: printExpression(expr), time, signal, group });
      if (result.type !== "vector" && result.type !== "scalar")
        throw new RuleError("rule result is not a vector or scalar");
      return await runInTimeSlices(clock, elementsOf(result));
    } catch (error) {
      if (error instanceof QueryError) throw new RuleError(error.message, { cause: error });
      throw error;
    }
  };
}

function* elementsOf({ type, series }: QueryResult): Steps<QueryElement[]> {
  const elements: QueryElement[] = [];
  for (const one of series) {
    const labels = type === "scalar" ? Labels.EMPTY : one.labels;
    forEachSample(one, (_time, value, histogram) => elements.push({ labels, value, histogram }));
    yield;
  }
  return elements;
}
