import { rootPath } from "../../api/root-path.ts";
import { fetchHome } from "../data/dashboard-api.ts";
import { routeOf } from "../data/dashboard-list.ts";

/** Content of the start page: a redirect or a dashboard. If both are undefined, the page shows lists of dashboards. */
export interface Home {
  readonly redirectPath?: string;
  readonly dashboard?: unknown;
}

const hasPanels = (dashboard: unknown): boolean => {
  const { panels, elements, rows } = (dashboard ?? {}) as Readonly<Record<string, unknown>>;
  return [panels, rows, Object.values(elements ?? {})].some((list) => Array.isArray(list) && list.length > 0);
};

export async function loadHome(signal: AbortSignal): Promise<Home> {
  const { redirectUri, dashboard } = await fetchHome(signal);
  if (typeof redirectUri === "string" && redirectUri !== "") return { redirectPath: routeOf(redirectUri, rootPath) };
  return hasPanels(dashboard) ? { dashboard } : {};
}
