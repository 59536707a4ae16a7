import { type Engine, forEachSample, printExpression, QueryError } from "@narthex/promql";

import type { Queryable } from "@narthex/storage";
import { Labels } from "@narthex/model";
import { type QueryElement, RuleError, type RuleQuery } from "./rule-query.ts";

/** How rules ask a PromQL engine: an instant query, its answer as a list. Give rules an engine of their own, so that dashboards cannot take its slots. */
export function queryThrough(engine: Engine, storage: Queryable): RuleQuery {
  return async (expr, time, signal) => {
    try {
      const result = await engine.query({ queryable: storage, expr, text: printExpression(expr), time, signal });
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
