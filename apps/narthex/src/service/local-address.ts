import { ListenAddressError, parseListenAddress } from "@narthex/runtime";
import { CommandError } from "../command-line/command.ts";

/** Where a role that listens there is asked from this machine. Throws CommandError where it is no address. */
export function localAddress(listen: string): { readonly host: string; readonly port: number } {
  try {
    const { host, port } = parseListenAddress(listen);
    return { host: host === undefined || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port };
  } catch (error) {
    if (error instanceof ListenAddressError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}
