import type { Lookup, ResolvedTimeRange, Variable } from "@narthex/dashboards";
import type { AdhocSuggestions } from "../controls/AdhocFilters.tsx";
import { findSource, type SourceListing } from "../query/ask-panel.ts";
import { fetchVariableValues } from "./dashboard-api.ts";

/** Labels and their values for the filters of a source whose queries select by labels; of other sources nothing is known. */
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
    // What is typed is a label's name, or there are no values.
    values: async (variable, key, signal) =>
      /^[a-zA-Z_]\w*$/.test(key) ? ask(variable, `label_values(${key})`, signal) : [],
  };
}
