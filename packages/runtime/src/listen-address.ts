/** Where to listen, as `node:net` takes it. */
export interface ListenAddress {
  /** undefined listens on all addresses, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly port: number;
}

/** A `--web.listen-address` that says no place to listen on. */
export class ListenAddressError extends Error {
  override readonly name = "ListenAddressError";
}

/** Reads `:9090`, `0.0.0.0:9090`, `[::1]:9090`, `localhost:0`. Throws ListenAddressError. */
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

/** `host:port` of a bound socket, IPv6 in brackets. */
export function formatAddress(address: { address: string; port: number; family: string }): string {
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}
