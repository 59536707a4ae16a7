import { fetchJson } from "./request.ts";
import { dashboardsPath } from "./root-path.ts";

/** A data source of the dashboards. */
export interface HomeSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
}

interface Listing {
  readonly sources: readonly HomeSource[];
  readonly kinds: readonly { readonly types: readonly string[]; readonly features: readonly string[] }[];
}

/** Returns the data sources of the dashboards that have the API of Prometheus and that the user may see. */
export async function fetchMetricsSources(signal: AbortSignal): Promise<readonly HomeSource[]> {
  const { sources, kinds } = await fetchJson<Listing>(`${dashboardsPath}/api/narthex/sources`, { signal });
  const types = new Set(kinds.filter(({ features }) => features.includes("metrics")).flatMap((kind) => kind.types));
  return sources.filter(({ type }) => types.has(type));
}
