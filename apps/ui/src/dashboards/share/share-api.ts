import { rootPath } from "../../api/root-path.ts";
import { fetchJson } from "../../api/request.ts";

/**
 * Creates a short address for a path of this server.
 * @throws {ApiError}
 */
export async function shortenAddress(path: string): Promise<string> {
  const { url } = await fetchJson<{ readonly url: string }>(`${rootPath}/api/short-urls`, {
    method: "POST",
    json: { path },
  });
  return url;
}
