import { Socket } from "node:net";
import type { Destinations } from "../outgoing/destinations.ts";
import type { ServerAddress } from "./sql-settings.ts";

/**
 * Creates a socket that connects only to permitted addresses. The name of the server is resolved once, and the socket
 * connects to the address that was checked. The driver calls `connect` of the socket; its arguments have no effect.
 */
export function checkedSocket(address: ServerAddress, { lookup }: Destinations): Socket {
  const socket = new Socket().setNoDelay(true);
  const connect = socket.connect.bind(socket) as (options: object) => Socket;
  const target = "socket" in address ? { path: address.socket } : { host: address.host, port: address.port, lookup };
  socket.connect = () => connect(target);
  // TLS compares the certificate with this name if the driver passes no name, which happens for IP addresses.
  Object.assign(socket, { _host: address.host });
  return socket;
}

/** Throws QueryFailure if the rules do not permit the address. */
export function checkAddress(address: ServerAddress, destinations: Destinations): void {
  if (!("socket" in address)) destinations.checkHost(address.host, address.port);
}
