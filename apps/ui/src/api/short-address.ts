import { fetchJson } from "./request.ts";
import { dashboardsPath } from "./root-path.ts";

/**
 * Creates a short address for a page of the dashboards, or of a program within them.
 * @param path path and parameters below the dashboards' root, without a leading slash
 * @throws {ApiError}
 */
export async function shortenAddress(path: string): Promise<string> {
  const { url } = await fetchJson<{ readonly url: string }>(`${dashboardsPath}/api/short-urls`, {
    method: "POST",
    json: { path },
  });
  return url;
}
