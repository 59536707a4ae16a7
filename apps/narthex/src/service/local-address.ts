import {
  isEveryHost,
  type ListenAddress,
  ListenAddressError,
  parseListenAddress,
  reachableHost,
} from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";

/**
 * Returns the host and port at which this machine can reach a server with this listen address. Throws CommandError for
 * an invalid address.
 */
export function localAddress(listen: string): { readonly host: string; readonly port: number } {
  const { host, port } = parsed(listen);
  return { host: reachableHost(host), port };
}

/**
 * Reports whether a listener on one of the `held` addresses receives the requests to `listen`. Throws CommandError for
 * an invalid address.
 */
export function holds(held: readonly string[], listen: string): boolean {
  const wanted = localAddress(listen);
  return held.some((one) => {
    const { host, port } = localAddress(one);
    return port === wanted.port && (isEveryHost(parsed(one).host) || loopback(host) === loopback(wanted.host));
  });
}

const loopback = (host: string): string => (host === "localhost" ? "127.0.0.1" : host);

function parsed(listen: string): ListenAddress {
  try {
    return parseListenAddress(listen);
  } catch (error) {
    if (error instanceof ListenAddressError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}
