import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import { plainAddress } from "../web/client-address.ts";

/**
 * Request headers that are forwarded to a data source's server. Credentials are not forwarded, because the data
 * source's settings contain its own.
 */
export const CLIENT_FIELDS = [
  "accept",
  "accept-language",
  "content-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "range",
] as const;

/**
 * Response headers that are forwarded to the client. They only describe the body. All other headers are removed,
 * because a browser would treat them as headers of this server.
 */
const TO_CLIENT: readonly string[] = [
  "age",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "retry-after",
  "vary",
  "warning",
];

/**
 * Returns the headers of a request to a data source's server: allowed headers of the client's request, and X-Forwarded
 * headers that describe the client's connection.
 * @param keptCookies names of the cookies that are forwarded; others are removed
 */
export function fieldsToSource(request: FastifyRequest, keptCookies: readonly string[]): Record<string, string> {
  const { headers, ip, clientAddress, host, protocol } = request;
  const peer = plainAddress(ip);
  const fields: Record<string, string> = {
    "X-Forwarded-For": clientAddress === peer ? peer : `${clientAddress}, ${peer}`,
    "X-Forwarded-Host": host,
    "X-Forwarded-Proto": protocol,
  };
  for (const name of CLIENT_FIELDS) {
    const value = headers[name];
    if (typeof value === "string") fields[name] = value;
  }
  const cookies = (headers.cookie ?? "")
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => keptCookies.includes(cookie.split("=", 1)[0]!));
  if (cookies.length > 0) fields["Cookie"] = cookies.join("; ");
  return fields;
}

/** Returns the headers of a data source's response that are forwarded to the client. */
export const fieldsToClient = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(TO_CLIENT.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
