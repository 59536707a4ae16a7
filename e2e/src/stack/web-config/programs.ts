import { connect } from "node:net";
import { join } from "node:path";
import { eventually, Fatal } from "../../support/eventually.ts";
import { peers } from "../../support/requirements.ts";
import { launcher, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import type { Workplace } from "../../support/workplace.ts";
import { requestPage, type Call, connectToOurs, connectToTheirs, type Outcome } from "./clients.ts";

export const SIDES = ["ours", "theirs"] as const;
export type Side = (typeof SIDES)[number];

export const ROLES = ["server", "alertmanager", "pushgateway", "node-exporter", "cluster"] as const;
export type Role = (typeof ROLES)[number];

/** Names of the original programs, such as Prometheus, by the Narthex server that replaces them. */
const PROGRAMS: Readonly<Record<Role, string>> = {
  server: "prometheus",
  alertmanager: "prometheus-alertmanager",
  pushgateway: "prometheus-pushgateway",
  "node-exporter": "prometheus-node-exporter",
  cluster: "prometheus-alertmanager",
};

export class Program implements AsyncDisposable {
  readonly port: number;
  readonly running: Running;
  readonly #probe: (call: Call) => Promise<Outcome>;

  private constructor(port: number, running: Running, probe: (call: Call) => Promise<Outcome>) {
    this.port = port;
    this.running = running;
    this.#probe = probe;
  }

  /**
   * Starts a program.
   * @param file the web config, or the cluster's TLS configuration
   */
  static async start(role: Role, side: Side, workplace: Workplace, file: string): Promise<Program> {
    const port = await freePort();
    const flags = flagsOf(role, workplace, side, port, file);
    const command = role === "cluster" ? "alertmanager" : role;
    const running =
      side === "ours" ? new Running(launcher, [command, ...flags]) : new Running(join(peers, PROGRAMS[role]), flags);
    const probe = role !== "cluster" ? requestPage : side === "ours" ? connectToOurs : connectToTheirs;
    const program = new Program(port, running, probe);
    await eventually(`${side} ${role} listens`, () => program.#listens());
    return program;
  }

  /** Whether the process has ended by itself. */
  get hasEnded(): boolean {
    return this.running.child.exitCode !== null;
  }

  /** Resolves with the outcome of a client's connection. */
  async admits(call: Omit<Call, "port">): Promise<Outcome> {
    return this.#probe({ ...call, port: this.port });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.running[Symbol.asyncDispose]();
  }

  #listens(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.hasEnded) throw new Fatal(this.running.output);
      const socket = connect(this.port, "127.0.0.1", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  }
}

function flagsOf(role: Role, workplace: Workplace, side: Side, port: number, file: string): string[] {
  const web = [`--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${file}`];
  const alertmanager = [
    `--config.file=${workplace.write("am.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n")}`,
    `--storage.path=${workplace.path(`${role}-${side}-${port}`)}`,
  ];
  switch (role) {
    case "server": {
      const config = workplace.write("prometheus.yml", "");
      return [`--config.file=${config}`, `--storage.tsdb.path=${workplace.path(`data-${side}`)}`, ...web];
    }
    case "alertmanager":
      return [...alertmanager, "--cluster.listen-address=", ...web];
    case "cluster":
      return [
        ...alertmanager,
        "--web.listen-address=127.0.0.1:0",
        `--cluster.listen-address=127.0.0.1:${port}`,
        `--cluster.advertise-address=127.0.0.1:${port}`,
        "--cluster.settle-timeout=0s",
        `--cluster.tls-config=${file}`,
      ];
    case "pushgateway":
      return web;
    case "node-exporter":
      return ["--collector.disable-defaults", ...web];
  }
}
