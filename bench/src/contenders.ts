import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";
import type { Server } from "./servers.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;

/** A server that scrapes and can load a new configuration. */
export interface LiveServer extends Server {
  /** Writes the configuration and makes the server load it. */
  reload(config: string): Promise<void>;
}

/** A program that can run as a LiveServer. Each start uses its own folder. */
export interface Contender {
  readonly name: "ours" | "before" | "Prometheus" | "VictoriaMetrics";
  /** Path of its health check. */
  readonly healthy: string;
  start(folder: string, config: string): Promise<LiveServer>;
}

const likePrometheus = (
  name: Contender["name"],
  command: string,
  first: readonly string[],
  more: readonly string[],
  storage = "tsdb",
): Contender => ({
  name,
  healthy: "/-/healthy",
  start: (folder, config) =>
    start(folder, config, "/-/ready", command, (file, address) => [
      ...first,
      `--config.file=${file}`,
      `--storage.${storage}.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--web.enable-lifecycle",
      ...more,
    ]),
});

const victoria: Contender = {
  name: "VictoriaMetrics",
  healthy: "/health",
  start: (folder, config) =>
    start(folder, config, "/health", join(peers, "victoria-metrics"), (file, address) => [
      `-promscrape.config=${file}`,
      `-storageDataPath=${join(folder, "data")}`,
      `-httpListenAddr=${address}`,
      "-promscrape.maxScrapeSize=64MB",
      // The flags disable the cache, so that each answer is computed, and allow queries of any number of series.
      "-search.disableCache",
      "-search.maxSeries=10000000",
      "-search.maxUniqueTimeseries=10000000",
      "-search.maxLabelsAPISeries=10000000",
      "-search.maxFederateSeries=10000000",
    ]),
};

/**
 * Returns this project's server and the installed peers. `--before=PATH` adds another checkout's `bin/narthex`,
 * `--only=ours,before` selects programs, `--ours-flags="--a=1 --b=2"` adds flags for this project's server.
 * @param more flags of ours and of Prometheus
 */
export function contenders(more: readonly string[] = []): readonly Contender[] {
  const ours = [...more, ...flag("ours-flags", "").split(" ").filter(Boolean)];
  const before = flag("before", "");
  const wanted = flag("only", "").split(",");
  const all = [
    likePrometheus("ours", own, ["server"], ours),
    ...(before === "" ? [] : [likePrometheus("before", before, ["server"], more)]),
    likePrometheus("Prometheus", join(peers, "prometheus"), [], more),
    ...(existsSync(join(peers, "victoria-metrics")) ? [victoria] : []),
  ];
  return wanted[0] === "" ? all : all.filter(({ name }) => wanted.includes(name));
}

/** Returns this project's server and Prometheus in agent mode, with the same command-line flags as contenders(). */
export function agents(more: readonly string[] = []): readonly Contender[] {
  const mode = ["--agent", ...more];
  const before = flag("before", "");
  return [
    likePrometheus("ours", own, ["server"], [...mode, ...flag("ours-flags", "").split(" ").filter(Boolean)], "agent"),
    ...(before === "" ? [] : [likePrometheus("before", before, ["server"], mode, "agent")]),
    likePrometheus("Prometheus", join(peers, "prometheus"), [], mode, "agent"),
  ];
}

async function start(
  folder: string,
  config: string,
  path: string,
  command: string,
  args: (file: string, address: string) => readonly string[],
): Promise<LiveServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const base = `http://${address}`;
  const file = join(folder, "prometheus.yml");
  writeFileSync(file, config);
  const program = new Program(command, args(file, address));
  try {
    await program.ready(`${base}${path}`);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    program,
    base,
    async reload(text) {
      writeFileSync(file, text);
      const response = await fetch(`${base}/-/reload`, { method: "POST" });
      if (!response.ok) throw new Error(`${command} did not reload: ${response.status} ${await response.text()}`);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
