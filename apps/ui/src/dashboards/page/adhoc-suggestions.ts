import type { Lookup, ResolvedTimeRange, Variable } from "@narthex/dashboards";
import type { AdhocSuggestions } from "../controls/AdhocFilters.tsx";
import { findSource, type SourceListing } from "../query/ask-panel.ts";
import { fetchVariableValues } from "./dashboard-api.ts";

/** Suggests labels and values for filters. Only data sources that select by labels have suggestions. */
export function adhocSuggestions(
  sources: readonly SourceListing[],
  lookup: Lookup,
  range: ResolvedTimeRange,
): AdhocSuggestions {
  const ask = async ({ datasource }: Variable, query: string, signal: AbortSignal): Promise<readonly string[]> => {
    const source = findSource(datasource, sources, lookup);
    if (source?.type !== "prometheus") return [];
    return (await fetchVariableValues({ uid: source.uid }, query, range, signal)).map(({ value }) => value);
  };
  return {
    keys: (variable, signal) => ask(variable, "label_names()", signal),
    // Only a label name may be put into the query.
    values: async (variable, key, signal) =>
      /^[a-zA-Z_]\w*$/.test(key) ? ask(variable, `label_values(${key})`, signal) : [],
  };
}
