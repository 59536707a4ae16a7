import type { Settings } from "../../settings/setting-table.ts";

/** URL parameter that may contain a JWT. */
export const TOKEN_PARAMETER = "auth_token";

/**
 * Removes a JWT from the query string of a URL, so that data sources and cookies do not receive it. The rest of the URL
 * stays unchanged.
 */
export function withoutToken(url: string, settings: Settings): string {
  const queryAt = url.indexOf("?");
  if (!settings["auth.jwt.url_login"] || queryAt === -1) return url;
  const parts = url.slice(queryAt + 1).split("&");
  const kept = parts.filter((part) => !new URLSearchParams(part).has(TOKEN_PARAMETER));
  return url.slice(0, queryAt) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
}
