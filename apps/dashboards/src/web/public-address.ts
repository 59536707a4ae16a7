import { trimTrailing } from "@narthex/model";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";

/** The public URL of the server, in the form in which browsers open it. */
export interface PublicAddress {
  /** URL without a trailing slash: `https://example.org/grafana`. */
  readonly url: string;
  /** Path of the URL without a trailing slash: `/grafana`. Empty if the URL has no path. */
  readonly path: string;
  /** Host and port of the URL: `example.org:3000`. */
  readonly host: string;
  readonly isSecure: boolean;
}

/** Parses `server.root_url`. Throws SettingsError if it is not a URL. */
export function publicAddress(settings: Settings): PublicAddress {
  const given = settings["server.root_url"];
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new SettingsError(
      `server.root_url: ${JSON.stringify(given)} is not a URL; write for example http://example.org/path/`,
    );
  }
  const path = trimTrailing(url.pathname, "/");
  return { url: `${url.origin}${path}`, path, host: url.host, isSecure: url.protocol === "https:" };
}

/**
 * Returns a function that removes the path of root_url from a request's URL before routing. A reverse proxy may already
 * have removed the path.
 */
export const withoutSubPath =
  ({ path }: PublicAddress) =>
  (url: string): string => {
    if (path === "" || !url.startsWith(path)) return withoutLastSlash(url);
    const rest = url.slice(path.length);
    if (rest.startsWith("/")) return withoutLastSlash(rest);
    return rest === "" || rest.startsWith("?") ? `/${rest}` : withoutLastSlash(url);
  };

/**
 * Matches requests that are forwarded to data sources. Their trailing slash is kept, because it may have a meaning
 * there.
 */
const OF_SOURCES = /^\/api\/datasources\/(?:proxy|uid\/[^/]+\/resources)\//;

/**
 * Removes the trailing slash of an API path, because scripts use both forms: `/api/search/?query=x` becomes
 * `/api/search?query=x`.
 */
function withoutLastSlash(url: string): string {
  if (!url.startsWith("/api/") || OF_SOURCES.test(url)) return url;
  const queryAt = url.indexOf("?");
  const end = queryAt === -1 ? url.length : queryAt;
  return url[end - 1] === "/" ? url.slice(0, end - 1) + url.slice(end) : url;
}
