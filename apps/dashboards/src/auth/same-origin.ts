import type { FastifyRequest } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { PublicAddress } from "../web/public-address.ts";

export const LOGIN_PATH = "/login";
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Says of a request that changes something whether it comes from a page of ours, where it may do so by what a browser brings
 * along for other sites' pages as well: its cookies, or that it can reach this server at all, where everybody may change
 * things. A login needs neither: it would sign the browser in as somebody else. Browsers tell which site's page it is.
 */
export function sameOriginCheck(settings: Settings, address: PublicAddress): (request: FastifyRequest) => boolean {
  const trusted = new Set([address.host, ...settings["security.csrf_trusted_origins"].split(/\s+/)]);
  const everybody = settings["auth.anonymous.enabled"] ? settings["auth.anonymous.org_role"] : "None";
  const isOpen = everybody === "Editor" || everybody === "Admin";
  return ({ method, headers, routeOptions }) => {
    const isLogin = routeOptions.url === LOGIN_PATH;
    if (SAFE.has(method) || (headers.cookie === undefined && !isOpen && !isLogin)) return true;
    const { origin, host } = headers;
    if (origin === undefined) return !["cross-site", "same-site"].includes(String(headers["sec-fetch-site"]));
    const from = URL.parse(origin)?.host;
    return from !== undefined && from !== "" && (from === host || trusted.has(from));
  };
}
