import type { QueryOrigin } from "@narthex/querying";
import type { FastifyRequest } from "fastify";

/** Where a job comes from, and whose it is. */
export interface Requester {
  readonly origin: QueryOrigin;
  readonly principal: string | undefined;
}

/** The origin as Prometheus logs it: an IPv4 client of a dual-stack socket without its IPv6 prefix. */
export function requesterOf({ ip, method, url, principal }: FastifyRequest): Requester {
  const origin = { httpRequest: { clientIP: ip.replace(/^::ffff:/, ""), method, path: url.replace(/\?.*$/s, "") } };
  return { origin, principal: principal.kind === "anonymous" ? undefined : principal.name };
}
