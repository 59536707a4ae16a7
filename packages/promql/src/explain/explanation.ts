import { instantGrid } from "@narthex/model";
import type { QueryResult } from "../query-result.ts";
import type { Expr } from "../syntax/ast.ts";
import type { ExpressionText } from "./expression-text.ts";
import { type EmptyReason, type EmptyReasons } from "./empty-reason.ts";
import { type PlanPart, planPartOf, tidyPlan } from "./plan-part.ts";
import { PartProfile, type QueryProfile } from "./query-profile.ts";

/** How a query is evaluated; after a run also its measures and its result. */
export interface Explanation {
  readonly plan: PlanPart;
  /** Only after a run. */
  readonly result?: QueryResult;
  /** Why the result is empty. */
  readonly reason?: EmptyReason;
}

/** The explanation of a planned query. */
export const explanationOf = (expr: Expr, texts: ExpressionText, profile: QueryProfile): Explanation => ({
  plan: planPartOf(rootOf(expr, profile), texts, false),
});

/** The explanation of a query that was run. */
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

/** A string literal has no plan. */
const rootOf = (expr: Expr, { root }: QueryProfile): PartProfile =>
  root === undefined ? new PartProfile(expr, instantGrid(0)) : tidyPlan(root);
