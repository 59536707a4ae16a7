import { isFromOwnPage, SAFE_METHODS } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { PublicAddress } from "../web/public-address.ts";

export const LOGIN_PATH = "/login";
export const PASSKEY_PATH = "/login/passkey";
export const PASSKEY_OPTIONS_PATH = "/login/passkey/options";
export const COMPLETE_INVITE_PATH = "/api/user/invite/complete";
/** Paths at which clients sign in. */
const SIGN_IN_PATHS: ReadonlySet<string | undefined> = new Set([
  LOGIN_PATH,
  PASSKEY_PATH,
  PASSKEY_OPTIONS_PATH,
  COMPLETE_INVITE_PATH,
]);

/**
 * Returns a function that checks whether a request that changes data comes from a page of this server, by the headers
 * in which browsers name the page's site. Otherwise a page of another site could use the browser's cookies, or the
 * browser's network access if everyone may make changes. Other requests pass. Logins are always checked, because
 * another site could sign the browser in as another user.
 */
export function sameOriginCheck(settings: Settings, address: PublicAddress): (request: FastifyRequest) => boolean {
  const trusted = new Set([address.host, ...settings["security.csrf_trusted_origins"].split(/\s+/)]);
  const everybody = settings["auth.anonymous.enabled"] ? settings["auth.anonymous.org_role"] : "None";
  // Whether a proxy signs users in. Such a proxy adds its headers to all requests of a browser, including those that
  // pages of other sites cause.
  const isByProxy = settings["auth.proxy.enabled"] || settings["auth.jwt.enabled"];
  const isOpen = isByProxy || everybody === "Editor" || everybody === "Admin";
  return ({ method, headers, routeOptions }) => {
    const isLogin = SIGN_IN_PATHS.has(routeOptions.url);
    if (SAFE_METHODS.has(method) || (headers.cookie === undefined && !isOpen && !isLogin)) return true;
    return isFromOwnPage(headers, trusted);
  };
}
