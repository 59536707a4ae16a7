import type { FastifyRequest } from "fastify";

/** Returns the value of a cookie in a request. Returns undefined if the request has no cookie with this name. */
export function cookieOf({ headers }: Pick<FastifyRequest, "headers">, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}
