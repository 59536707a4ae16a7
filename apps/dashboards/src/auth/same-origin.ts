import type { FastifyRequest } from "fastify";
import type { Settings } from "../settings/setting-table.ts";
import type { PublicAddress } from "../web/public-address.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Says of a request that changes something and carries cookies whether it comes from a page of ours: browsers send cookies
 * along for other sites' pages as well, but tell which site's page it is.
 */
export function sameOriginCheck(settings: Settings, address: PublicAddress): (request: FastifyRequest) => boolean {
  const trusted = new Set([address.host, ...settings["security.csrf_trusted_origins"].split(/\s+/)]);
  return ({ method, headers }) => {
    if (SAFE.has(method) || headers.cookie === undefined) return true;
    const { origin, host } = headers;
    if (origin === undefined) return headers["sec-fetch-site"] !== "cross-site";
    const from = URL.parse(origin)?.host;
    return from !== undefined && from !== "" && (from === host || trusted.has(from));
  };
}
