import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";
import type { Server } from "./servers.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;
const before = flag("before", "");

/** A server of this project, and the original program that it replaces. Used for measurements without load. */
export interface Role {
  readonly name: "server" | "alertmanager" | "pushgateway" | "node-exporter";
  /** Path of the health check. The node exporter has no health check, so its first page is used. */
  readonly healthy: string;
  readonly peer: string;
  readonly flags: (folder: string) => readonly string[];
}

export const ROLES: readonly Role[] = [
  {
    name: "server",
    healthy: "/-/healthy",
    peer: "prometheus",
    flags: (folder) => [
      `--config.file=${written(folder, "prometheus.yml", "scrape_configs: []\n")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
    ],
  },
  {
    name: "alertmanager",
    healthy: "/-/healthy",
    peer: "prometheus-alertmanager",
    flags: (folder) => [
      `--config.file=${written(folder, "alertmanager.yml", "route: {receiver: quiet}\nreceivers: [{name: quiet}]\n")}`,
      `--storage.path=${join(folder, "data")}`,
      "--cluster.listen-address=",
    ],
  },
  { name: "pushgateway", healthy: "/-/healthy", peer: "prometheus-pushgateway", flags: () => [] },
  { name: "node-exporter", healthy: "/", peer: "prometheus-node-exporter", flags: () => [] },
];

function written(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

export const SIDES = before === "" ? (["ours", "peer"] as const) : (["ours", "before", "peer"] as const);

/**
 * Starts a server from this checkout, from another checkout, or as the original program. Stores its files below
 * `folder`.
 */
export async function startRole(role: Role, side: (typeof SIDES)[number], folder: string): Promise<Server> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = [...role.flags(folder), `--web.listen-address=${address}`];
  const program =
    side === "peer"
      ? new Program(join(peers, role.peer), args)
      : new Program(side === "ours" ? own : before, [role.name, ...args]);
  await program.ready(`http://${address}${role.healthy}`);
  return { program, base: `http://${address}`, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
