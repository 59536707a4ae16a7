import type { Socket } from "node:net";

/** Both ends of a connection as Go names them; "" before it stands. Asked while it stands. */
export function connectionEnds({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  if (remotePort === undefined) return "";
  return `${hostPort(localAddress ?? "", localPort ?? 0)}->${hostPort(remoteAddress ?? "", remotePort)}`;
}

const hostPort = (host: string, port: number): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
