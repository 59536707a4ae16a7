import { instantGrid } from "@narthex/model";
import type { QueryResult } from "../query-result.ts";
import type { Expr } from "../syntax/ast.ts";
import type { ExpressionText } from "./expression-text.ts";
import { type EmptyReason, type EmptyReasons } from "./empty-reason.ts";
import { type PlanPart, planPartOf, tidyPlan } from "./plan-part.ts";
import { PartProfile, type QueryProfile } from "./query-profile.ts";

/**
 * Explanation of how a query is evaluated. After a run, it also contains the query's result and the cost of each part.
 */
export interface Explanation {
  readonly plan: PlanPart;
  /** Result of the query; set only after a run. */
  readonly result?: QueryResult;
  /** Reason why the result is empty. */
  readonly reason?: EmptyReason;
}

/** Returns the explanation of a query that was planned, but not run. */
export const explanationOf = (expr: Expr, texts: ExpressionText, profile: QueryProfile): Explanation => ({
  plan: planPartOf(rootOf(expr, profile), texts, false),
});

/** Returns the explanation of a query that was run. */
export async function analysisOf(
  expr: Expr,
  texts: ExpressionText,
  profile: QueryProfile,
  result: QueryResult,
  reasons: EmptyReasons,
): Promise<Explanation> {
  const root = rootOf(expr, profile);
  const plan = planPartOf(root, texts, true);
  const isEmpty = result.series.length === 0 && result.type !== "string";
  return { plan, result, ...(isEmpty && { reason: await reasons.of(root) }) };
}

/** Returns the root of the plan. A string literal has no plan and gets an empty root. */
const rootOf = (expr: Expr, { root }: QueryProfile): PartProfile =>
  root === undefined ? new PartProfile(expr, instantGrid(0)) : tidyPlan(root);
