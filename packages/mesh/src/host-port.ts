/** Splits `host:port` as Go does, IPv6 in brackets. Throws an Error in Go's words. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const fail = (why: string): never => {
    throw new Error(`address ${address}: ${why}`);
  };
  const colon = address.lastIndexOf(":");
  if (colon === -1) return fail("missing port in address");
  const port = address.slice(colon + 1);
  if (address.startsWith("[")) {
    const end = address.indexOf("]");
    if (end === -1) return fail("missing ']' in address");
    if (end + 1 === address.length) return fail("missing port in address");
    if (end + 1 !== colon)
      return fail(address[end + 1] === ":" ? "too many colons in address" : "missing port in address");
    return [address.slice(1, end), port];
  }
  const host = address.slice(0, colon);
  if (host.includes(":")) return fail("too many colons in address");
  return [host, port];
}

/** `host:port`, IPv6 in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
