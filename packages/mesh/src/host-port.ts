import { splitHostPort as split } from "@narthex/model";

/** Splits `host:port` as Go does, IPv6 in brackets. Throws an Error in Go's words. */
export function splitHostPort(address: string): readonly [host: string, port: string] {
  const parts = split(address);
  if ("problem" in parts) throw new Error(parts.problem);
  return [parts.host, parts.port];
}

/** `host:port`, IPv6 in brackets. */
export const formatHostPort = (host: string, port: number | string): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
