import {
  findSource,
  type Lookup,
  type ResolvedTimeRange,
  type SourceListing,
  type Variable,
} from "@narthex/dashboards";
import type { AdHocSuggestions } from "../controls/AdHocFilters.tsx";
import { fetchVariableValues } from "../data/dashboard-api.ts";

type AdHocQueries = NonNullable<SourceListing["kind"]["adHocFilters"]>;

/**
 * Returns the functions that suggest label names and values for ad hoc filters. Only data sources that select series by
 * labels have suggestions.
 */
export function adHocSuggestions(
  sources: readonly SourceListing[],
  lookup: Lookup,
  range: ResolvedTimeRange,
): AdHocSuggestions {
  const fetchValues = async (
    { datasource }: Variable,
    query: (filters: AdHocQueries) => string,
    signal: AbortSignal,
  ): Promise<readonly string[]> => {
    const source = findSource(datasource, sources, lookup);
    const filters = source?.kind.adHocFilters;
    if (source === undefined || filters === undefined) return [];
    return (await fetchVariableValues({ uid: source.uid }, query(filters), range, signal)).map(({ value }) => value);
  };
  return {
    keys: (variable, signal) => fetchValues(variable, ({ names }) => names, signal),
    // Only valid label names are accepted, because the label name becomes part of a query.
    values: async (variable, key, signal) =>
      /^[a-zA-Z_]\w*$/.test(key) ? fetchValues(variable, ({ values }) => values.replace("$name", key), signal) : [],
  };
}
