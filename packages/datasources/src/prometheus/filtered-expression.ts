import type { JsonObject } from "@narthex/dashboards";
import { withAdHocFilters } from "./ad-hoc-filters.ts";
import { readTarget } from "./target.ts";

/**
 * Returns the expression of a query, with the query's filters added to each selector. Throws QueryFailure if they
 * cannot be added.
 */
export function filteredExpression(source: JsonObject): string {
  const { expr, adHocFilters } = readTarget(source);
  return withAdHocFilters(expr, adHocFilters);
}
