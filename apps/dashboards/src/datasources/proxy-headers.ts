import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";

/** Fields of a request that its source's server needs to answer it; credentials are the source's own. */
const TO_SOURCE = [
  "accept",
  "accept-language",
  "content-encoding",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "range",
] as const;

/** Fields of an answer that say what its body is; others would let a source speak for this server. */
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
 * What a source's server is sent of a request: who asked and how, as this server saw it, and of its cookies those that the
 * source keeps.
 *
 * @param keptCookies names of cookies
 */
export function fieldsToSource(request: FastifyRequest, keptCookies: readonly string[]): Record<string, string> {
  const { headers, ip, host, protocol } = request;
  const fields: Record<string, string> = {
    "X-Forwarded-For": ip,
    "X-Forwarded-Host": host,
    "X-Forwarded-Proto": protocol,
  };
  for (const name of TO_SOURCE) {
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

/** What a client gets of the fields of a source's answer. */
export const fieldsToClient = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(TO_CLIENT.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
