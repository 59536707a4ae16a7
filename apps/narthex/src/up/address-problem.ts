import { ListenAddressError, parseListenAddress } from "@narthex/runtime";
import { urlHost } from "./roles.ts";

/** The lowest and the highest port of the stack, and the highest possible port. */
const [LOWEST_PORT, HIGHEST_PORT, MOST] = [3000, 9100, 65_535];

/** Returns why the stack cannot listen on the ports with this offset. Undefined if it can. */
export function offsetProblem(offset: number): string | undefined {
  if (LOWEST_PORT + offset >= 1 && HIGHEST_PORT + offset <= MOST) return undefined;
  const range = `${1 - LOWEST_PORT} to ${MOST - HIGHEST_PORT}`;
  return `--port-offset=${offset} gives invalid ports; choose one from ${range}`;
}

/** Returns the reason why the servers cannot listen on this address, or undefined if they can. */
export function listenProblem(listen: string): string | undefined {
  try {
    parseListenAddress(`${urlHost(listen)}:0`);
    return undefined;
  } catch (error) {
    if (!(error instanceof ListenAddressError)) throw error;
    return `--listen=${listen} is not a host name or an IP address; the ports follow from --port-offset`;
  }
}
