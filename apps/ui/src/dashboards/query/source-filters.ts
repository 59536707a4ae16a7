import { type AdhocFilter, adhocFilters, isAppliedByHand, type Lookup, type VariableState } from "@narthex/dashboards";
import { findSource, type SourceListing } from "./ask-panel.ts";

/** The conditions that queries of a source take on, by its uid. */
export type SourceFilters = ReadonlyMap<string, readonly AdhocFilter[]>;

/** The filters that a dashboard's ad hoc variables hold, for the sources that they are set for. */
export function sourceFilters(
  states: ReadonlyMap<string, VariableState>,
  sources: readonly SourceListing[],
  lookup: Lookup,
): SourceFilters {
  const filters = new Map<string, readonly AdhocFilter[]>();
  for (const state of states.values()) {
    if (state.variable.type !== "adhoc" || isAppliedByHand(state.variable)) continue;
    const source = findSource(state.variable.datasource, sources, lookup);
    const chosen = adhocFilters(state);
    if (source === undefined || chosen.length === 0) continue;
    filters.set(source.uid, [...(filters.get(source.uid) ?? []), ...chosen]);
  }
  return filters;
}
