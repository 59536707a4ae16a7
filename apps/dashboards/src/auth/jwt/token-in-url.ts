import type { Settings } from "../../settings/setting-table.ts";

/** Parameter of the address that may contain a JWT. */
export const TOKEN_PARAMETER = "auth_token";

/**
 * Removes a JWT from the query of an address, so that data sources, cookies and log lines do not receive it. The rest of
 * the query keeps its form.
 *
 * @param search the query with its question mark, or an empty text
 */
export function withoutToken(search: string, settings: Settings): string {
  if (!settings["auth.jwt.url_login"] || search === "") return search;
  const kept = search
    .slice(1)
    .split("&")
    .filter((part) => !new URLSearchParams(part).has(TOKEN_PARAMETER));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}
