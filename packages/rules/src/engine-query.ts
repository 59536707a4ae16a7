import { type Expr, forEachSample, printExpression, QueryError, type QueryResult } from "@narthex/promql";
import { Labels } from "@narthex/model";
import { type QueryElement, RuleError, type RuleGroupName, type RuleQuery } from "./rule-query.ts";

/** An instant query of a rule. */
export interface RuleOrder {
  readonly expr: Expr;
  /** The expression as text: places in messages refer to it. */
  readonly text: string;
  /** ms. */
  readonly time: number;
  readonly signal: AbortSignal;
  readonly group: RuleGroupName;
}

/** How rules ask a PromQL engine: an instant query, its answer as a list. Give rules slots of their own, so that dashboards cannot take them. */
export function queryThrough(ask: (order: RuleOrder) => Promise<QueryResult>): RuleQuery {
  return async (expr, time, signal, group) => {
    try {
      const result = await ask({ expr, text: printExpression(expr), time, signal, group });
      if (result.type !== "vector" && result.type !== "scalar")
        throw new RuleError("rule result is not a vector or scalar");
      const elements: QueryElement[] = [];
      for (const series of result.series) {
        const labels = result.type === "scalar" ? Labels.EMPTY : series.labels;
        forEachSample(series, (_time, value, histogram) => elements.push({ labels, value, histogram }));
      }
      return elements;
    } catch (error) {
      if (error instanceof QueryError) throw new RuleError(error.message, { cause: error });
      throw error;
    }
  };
}
