import type { Settings } from "../../settings/setting-table.ts";

/** Parameter of the address that may contain a JWT. */
export const TOKEN_PARAMETER = "auth_token";

/**
 * Removes a JWT from the query of an address, so that data sources and cookies do not receive it. The rest of the address
 * keeps its form.
 */
export function withoutToken(url: string, settings: Settings): string {
  const queryAt = url.indexOf("?");
  if (!settings["auth.jwt.url_login"] || queryAt === -1) return url;
  const parts = url.slice(queryAt + 1).split("&");
  const kept = parts.filter((part) => !new URLSearchParams(part).has(TOKEN_PARAMETER));
  return url.slice(0, queryAt) + (kept.length === 0 ? "" : `?${kept.join("&")}`);
}
