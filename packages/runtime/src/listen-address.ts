/** An address to listen on, in the form of `node:net`. */
export interface ListenAddress {
  /** Host name or IP address. If undefined, the server listens on all addresses, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly port: number;
}

/** The value of `--web.listen-address` is not a valid address. */
export class ListenAddressError extends Error {
  override readonly name = "ListenAddressError";
}

/**
 * Parses `:9090`, `0.0.0.0:9090`, `[::1]:9090`, `localhost:0`. Throws ListenAddressError if the text has none of these
 * forms.
 */
export function parseListenAddress(text: string): ListenAddress {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d+)$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port > 65_535) {
    throw new ListenAddressError(
      `listen tcp: address ${text}: write HOST:PORT or :PORT, with an IPv6 host in brackets`,
    );
  }
  const host = parts[1] ?? parts[2]!;
  return { host: host === "" ? undefined : host, port };
}

/** Returns whether a server with this host listens on all addresses of a machine. */
export const isEveryHost = (host: string | undefined): boolean =>
  host === undefined || host === "0.0.0.0" || host === "::";

/** Returns the host at which a program of the same machine reaches a server that listens on `host`. */
export const reachableHost = (host: string | undefined): string =>
  host === undefined || isEveryHost(host) ? "127.0.0.1" : host;

/** Returns `host:port` of a bound socket, with IPv6 in brackets. */
export function formatAddress(address: { address: string; port: number; family: string }): string {
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}
