/** Host and port of an address, or the error in Go's words. */
export type HostPort = { readonly host: string; readonly port: string } | { readonly problem: string };

/** Splits `host:port` (IPv6 in brackets) like Go's net.SplitHostPort; the port may be empty, but not missing. */
export function splitHostPort(address: string): HostPort {
  const fail = (why: string): HostPort => ({ problem: `address ${address}: ${why}` });
  const colon = address.lastIndexOf(":");
  if (colon === -1) return fail("missing port in address");
  let host = address.slice(0, colon);
  // Positions from which on a bracket is invalid.
  let [openable, closable] = [0, 0];
  if (address.startsWith("[")) {
    const end = address.indexOf("]");
    if (end === -1) return fail("missing ']' in address");
    if (end + 1 !== colon)
      return fail(address[end + 1] === ":" ? "too many colons in address" : "missing port in address");
    host = address.slice(1, end);
    [openable, closable] = [1, end + 1];
  } else if (host.includes(":")) return fail("too many colons in address");
  if (address.includes("[", openable)) return fail("unexpected '[' in address");
  if (address.includes("]", closable)) return fail("unexpected ']' in address");
  return { host, port: address.slice(colon + 1) };
}
