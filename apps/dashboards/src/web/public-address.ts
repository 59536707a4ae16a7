import { trimTrailing } from "@narthex/model";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";

/** How browsers reach the role. */
export interface PublicAddress {
  /** `https://example.org/grafana`, without a slash at its end. */
  readonly url: string;
  /** `/grafana`, or "". */
  readonly path: string;
  /** `example.org:3000` of the URL. */
  readonly host: string;
  readonly isSecure: boolean;
}

/** From `server.root_url`. Throws SettingsError where it is no URL. */
export function publicAddress(settings: Settings): PublicAddress {
  const given = settings["server.root_url"];
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new SettingsError(`server.root_url: ${JSON.stringify(given)} is no URL; write http://example.org/path/`);
  }
  const path = trimTrailing(url.pathname, "/");
  return { url: `${url.origin}${path}`, path, host: url.host, isSecure: url.protocol === "https:" };
}

/**
 * The URL that a request's URL is routed as: without the path of root_url. A proxy in front may cut it off or leave it;
 * both arrive.
 */
export const withoutSubPath =
  ({ path }: PublicAddress) =>
  (url: string): string => {
    if (path === "" || !url.startsWith(path)) return withoutLastSlash(url);
    const rest = url.slice(path.length);
    if (rest.startsWith("/")) return withoutLastSlash(rest);
    return rest === "" || rest.startsWith("?") ? `/${rest}` : withoutLastSlash(url);
  };

/** What a source answers at a path with a slash may differ from what it answers without. */
const OF_SOURCES = /^\/api\/datasources\/(?:proxy|uid\/[^/]+\/resources)\//;

/** `/api/search/?query=x` is `/api/search?query=x`: scripts write both. */
function withoutLastSlash(url: string): string {
  if (!url.startsWith("/api/") || OF_SOURCES.test(url)) return url;
  const question = url.indexOf("?");
  const end = question === -1 ? url.length : question;
  return url[end - 1] === "/" ? url.slice(0, end - 1) + url.slice(end) : url;
}
