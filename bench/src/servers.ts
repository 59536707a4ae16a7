import { execFileSync } from "node:child_process";
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";

export interface Server extends AsyncDisposable {
  readonly program: Program;
  readonly base: string;
}

/**
 * Starts the server of this checkout, or of another checkout, on a copy of a data folder. Without a cache size no
 * results are cached, so that each answer is computed.
 */
export const startOurs = (
  folder: string,
  data: string,
  command = new URL("../../bin/narthex", import.meta.url).pathname,
  flags: readonly string[] = [],
  cacheSize = "0",
): Promise<Server> => {
  // Omits the flag for the cache size if the checkout is too old to support it.
  const hasCache = execFileSync(command, ["server", "--help"], { encoding: "utf8" }).includes(CACHE_FLAG);
  const cache = hasCache ? [`${CACHE_FLAG}=${cacheSize}`] : [];
  return start(command, ["server", ...cache, ...flags], folder, data, "ours");
};

const CACHE_FLAG = "--query.result-cache-size";

/** Starts Prometheus on its own copy of a data folder. */
export const startPrometheus = (folder: string, data: string, flags: readonly string[] = []): Promise<Server> =>
  start(join(peers, "prometheus"), ["--web.enable-admin-api", ...flags], folder, data, "theirs");

async function start(
  command: string,
  first: readonly string[],
  folder: string,
  data: string,
  name: string,
): Promise<Server> {
  const port = await freePort();
  writeFileSync(join(folder, "prometheus.yml"), "");
  cpSync(join(folder, data), join(folder, `${data}-${name}`), { recursive: true });
  return ready(`http://127.0.0.1:${port}`, "/-/ready", command, [
    ...first,
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, `${data}-${name}`)}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
}

/**
 * Starts VictoriaMetrics with the samples of a folder of blocks, for comparison. The cache of VictoriaMetrics is
 * disabled, so that each answer is computed. Resolves with undefined if VictoriaMetrics is not installed.
 */
export async function startVictoria(folder: string, blocks: string): Promise<Server | undefined> {
  const command = join(peers, "victoria-metrics");
  if (!existsSync(command)) return undefined;
  const port = await freePort();
  const server = await ready(`http://127.0.0.1:${port}`, "/health", command, [
    `-storageDataPath=${join(folder, "victoria")}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
    "-search.disableCache",
  ]);
  const copy = ["prometheus", "-s", "--disable-progress-bar", `--prom-snapshot=${blocks}`, `--vm-addr=${server.base}`];
  execFileSync(join(peers, "vmctl"), copy, { stdio: "ignore" });
  await fetch(`${server.base}/internal/force_flush`);
  return server;
}

async function ready(base: string, path: string, command: string, args: readonly string[]): Promise<Server> {
  const program = new Program(command, args);
  await program.ready(`${base}${path}`);
  return { program, base, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

export const prometheusVersion = (): string =>
  execFileSync(join(peers, "prometheus"), ["--version"], { encoding: "utf8" }).split("\n")[0]!;

/** Sends a query to the API and reads the answer to its end. Resolves with the time, ms. */
export async function timeQuery(
  { base }: Server,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
  if (!response.ok)
    throw new Error(`${parameters["query"]}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  for await (const piece of response.body!) if (piece.length === 0) throw new Error("an empty piece");
  return performance.now() - began;
}
