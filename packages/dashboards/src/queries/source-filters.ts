import { type AdHocFilter, adHocFilters, isAppliedByHand } from "../variables/ad-hoc-filter.ts";
import type { VariableState } from "../variables/variable-selection.ts";
import type { Lookup } from "../variables/variable-syntax.ts";
import { findSource, type SourceListing } from "./panel-queries.ts";

/** Ad hoc filters that are added to queries, by the uid of the data source. */
export type SourceFilters = ReadonlyMap<string, readonly AdHocFilter[]>;

/** Returns the filters of a dashboard's ad hoc variables, by the uids of their data sources. */
export function sourceFilters(
  states: ReadonlyMap<string, VariableState>,
  sources: readonly SourceListing[],
  lookup: Lookup,
): SourceFilters {
  const filters = new Map<string, readonly AdHocFilter[]>();
  for (const state of states.values()) {
    if (state.variable.type !== "adhoc" || isAppliedByHand(state.variable)) continue;
    const source = findSource(state.variable.datasource, sources, lookup);
    const chosen = adHocFilters(state);
    if (source === undefined || chosen.length === 0) continue;
    filters.set(source.uid, [...(filters.get(source.uid) ?? []), ...chosen]);
  }
  return filters;
}
