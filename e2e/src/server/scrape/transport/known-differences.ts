import type { Seen } from "./contacted-servers.ts";

/** A header field that only one of the two servers sends, or that both send differently. */
interface KnownDifference {
  readonly reason: string;
  readonly applies: (field: string, seen: Seen) => boolean;
}

const isName = (field: string, name: string): boolean => field.startsWith(`${name}: `);

/** Reports whether a redirect led to another host. */
const isOfOtherHost = ({ line }: Seen): boolean => /\/redirect-(?:other-host|h2|h2-other)\/moved/.test(line);

const KNOWN: readonly KnownDifference[] = [
  {
    reason: "connections of HTTP/1.1 are kept without asking; undici asks nonetheless (requests for tokens)",
    applies: (field) => field === "connection: keep-alive",
  },
  {
    reason: "Go offers gzip wherever nobody else says what to accept; a token is too short for it",
    applies: (field, { line }) => line.startsWith("POST /token/") && isName(field, "accept-encoding"),
  },
  {
    reason: "Go's transport names itself to proxies as Go-http-client; our CONNECT has no User-Agent",
    applies: (field, { line }) => line.startsWith("CONNECT ") && isName(field, "user-agent"),
  },
  {
    reason: "a URL may have a key in its path: the Referer for another host ends before it",
    applies: (field, seen) => isOfOtherHost(seen) && isName(field, "referer"),
  },
  {
    reason: "http_headers may hold secrets: ours do not go along to another host",
    applies: (field, seen) => isOfOtherHost(seen) && isName(field, "x-api-key"),
  },
];

/**
 * Removes header fields with known differences from a request. Also joins several values of one field, because HTTP/2
 * may send them as one value (RFC 9110, 5.3).
 */
export function withoutKnown(seen: Seen): Seen {
  const fields = seen.fields.filter((field) => !KNOWN.some(({ applies }) => applies(field, seen)));
  return {
    ...seen,
    fields: seen.line.endsWith(" HTTP/2.0") ? fields.map((one) => one.replaceAll(" | ", ", ")) : fields,
  };
}

/**
 * Returns a request in which each value of a field occurs once. Prometheus 3.5 repeats the values of `http_headers` in
 * each further request.
 */
export const withoutRepeats = (seen: Seen): Seen => ({
  ...seen,
  fields: seen.fields.map((field) => {
    const [name, ...rest] = field.split(": ");
    return `${name}: ${[...new Set(rest.join(": ").split(" | "))].join(" | ")}`;
  }),
});

/** Removes the address of the DNS server from a scrape error, because only Go reports that address. */
export const withoutResolver = (error: string): string => error.replace(/(: lookup \S+) on \S+:53: /, "$1: ");
