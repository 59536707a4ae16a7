/** Host and port of an address, or the error message that Go gives for the address. */
export type HostPort = { readonly host: string; readonly port: string } | { readonly problem: string };

/**
 * Splits `host:port` like Go's net.SplitHostPort. An IPv6 address is in brackets. The port may be empty, but the colon
 * must be present.
 */
export function splitHostPort(address: string): HostPort {
  const fail = (why: string): HostPort => ({ problem: `address ${address}: ${why}` });
  const colon = address.lastIndexOf(":");
  if (colon === -1) return fail("missing port in address");
  let host = address.slice(0, colon);
  // Positions from which on an opening or a closing bracket is an error.
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
