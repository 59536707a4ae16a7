import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { inTurn } from "./in-turn.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { type Role, ROLES } from "./roles.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const starter = new URL("../../deploy/config", import.meta.url).pathname;
/**
 * Servers by port in the starter configuration. The dashboards server has no original program, so the comparison
 * scrapes the Prometheus server in its place.
 */
const ROLES_BY_PORT = { "9091": "pushgateway", "9093": "alertmanager", "9100": "node-exporter" } as const;
/**
 * Wait in ms from the ready state until memory is measured. The measurement of CPU time then begins and takes
 * `REST_MS`.
 */
const SETTLE_MS = 45_000;
const REST_MS = 30_000;

const MEBIBYTE = 2 ** 20;

interface Measured {
  readonly readySeconds: number;
  readonly fourMebibytes: number;
  readonly allMebibytes: number;
  readonly cpuMsPerSecond: number;
}

/** Compares the whole stack, started by `up` and scraping only itself, with the four original programs. */
export const stackAtRestCase: BenchCase = {
  name: "stack-at-rest",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const [ours, peer]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      using folder = new ScratchFolder();
      const turns = [
        async () => ours.push(await measureOurs(join(folder.path, "ours"))),
        async () => peer.push(await measurePeers(join(folder.path, "peers"))),
      ];
      for (const turn of inTurn(turns, round)) await turn();
    }
    const figure = (what: string, unit: string, key: keyof Measured): Figure => ({
      what,
      unit,
      better: "lower",
      ours: ours.map((one) => one[key]),
      peer: peer.map((one) => one[key]),
    });
    return {
      setting: `scraping itself, with rules, as the starter configuration says; ours: \`up\` with the dashboards, the originals: Prometheus, Alertmanager, Pushgateway and node_exporter, started together; memory ${SETTLE_MS / 1000} s after ready`,
      figures: [
        figure("start until all are ready", "s", "readySeconds"),
        figure("PSS of server, Alertmanager, Pushgateway and exporter", "MiB", "fourMebibytes"),
        figure("PSS of all processes", "MiB", "allMebibytes"),
        figure("CPU of all at rest", "ms a second", "cpuMsPerSecond"),
      ],
    };
  },
};

const isOneOfFour = ({ words }: { readonly words: readonly string[] }): boolean =>
  ROLES.some(({ name }) => words.includes(name));

async function measureOurs(folder: string): Promise<Measured> {
  // The ports of the other servers are at fixed distances from this free port and are not checked. The start fails if
  // one of these ports is in use.
  const offset = (await freePort()) - 9090;
  const began = performance.now();
  await using program = new Program(own, ["up", `--port-offset=${offset}`, `--data-dir=${folder}`]);
  for (const [port, path] of [
    [9100, "/"],
    [9091, "/-/ready"],
    [9093, "/-/ready"],
    [9090, "/-/ready"],
    [3000, "/api/health"],
  ] as const) {
    await program.ready(`http://127.0.0.1:${port + offset}${path}`);
  }
  const readySeconds = (performance.now() - began) / 1000;
  return { readySeconds, ...(await atRest([program])) };
}

async function measurePeers(folder: string): Promise<Measured> {
  const ports = new Map(await Promise.all(ROLES.map(async ({ name }) => [name, await freePort()] as const)));
  await using programs = new AsyncDisposableStack();
  const began = performance.now();
  const started = ROLES.map((role) => {
    mkdirSync(join(folder, role.name), { recursive: true });
    const flags = role.flags(join(folder, role.name));
    if (role.name === "server") writeConfiguration(join(folder, role.name), ports);
    const address = `127.0.0.1:${ports.get(role.name)}`;
    const program = new Program(join(peers, role.peer), [...flags, `--web.listen-address=${address}`]);
    return { program: programs.use(program), url: `http://${address}${role.healthy.replace("healthy", "ready")}` };
  });
  for (const { program, url } of started) await program.ready(url);
  const readySeconds = (performance.now() - began) / 1000;
  const rest = await atRest(started.map(({ program }) => program));
  return { readySeconds, ...rest, fourMebibytes: rest.allMebibytes };
}

/**
 * Writes a configuration for the original programs, with the targets, intervals and rules of the starter configuration
 * of `up`.
 */
function writeConfiguration(folder: string, ports: ReadonlyMap<Role["name"], number>): void {
  const text = readFileSync(join(starter, "prometheus.yml"), "utf8").replaceAll(/\blocalhost:(\d+)\b/g, (_, port) => {
    const role = ROLES_BY_PORT[port as keyof typeof ROLES_BY_PORT] ?? "server";
    return `127.0.0.1:${ports.get(role)}`;
  });
  writeFileSync(join(folder, "prometheus.yml"), text);
  cpSync(join(starter, "rules"), join(folder, "rules"), { recursive: true });
}

async function atRest(programs: readonly Program[]): Promise<Omit<Measured, "readySeconds">> {
  await pause(SETTLE_MS);
  const processes = programs.flatMap((program) => program.proportionalBytes());
  const mebibytes = (some: typeof processes): number => some.reduce((sum, { bytes }) => sum + bytes, 0) / MEBIBYTE;
  const cpu = (): number => programs.reduce((sum, program) => sum + program.tree().cpuSeconds, 0);
  const before = cpu();
  await pause(REST_MS);
  return {
    fourMebibytes: mebibytes(processes.filter(isOneOfFour)),
    allMebibytes: mebibytes(processes),
    cpuMsPerSecond: ((cpu() - before) / REST_MS) * 1e6,
  };
}
