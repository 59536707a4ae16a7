import type { QueryOrigin } from "@narthex/querying";
import type { FastifyRequest } from "fastify";

export interface Requester {
  readonly origin: QueryOrigin;
  readonly principal: string | undefined;
}

/**
 * Returns the origin of a request in the form of Prometheus' logs. An IPv4 client of a dual-stack socket is written
 * without the IPv6 prefix.
 */
export function requesterOf({ ip, method, url, principal }: FastifyRequest): Requester {
  const origin = { httpRequest: { clientIP: ip.replace(/^::ffff:/, ""), method, path: url.replace(/\?.*$/s, "") } };
  return { origin, principal: principal.kind === "anonymous" ? undefined : principal.name };
}
