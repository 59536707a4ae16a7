import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@narthex/runtime";
import { settingsOf } from "./src/role-settings.ts";

/**
 * Runs each command of a bundle briefly, so that its first real start finds compiled code for the start and the first
 * requests. `node fill-code-caches.ts [FOLDER]`: FOLDER is the bundle, by default the bundle of this checkout. A
 * command that does not start on this machine is compiled at its first real start; this is not an error. The servers do
 * not get this host's settings, so that they do not open a real database or call real services.
 */
const bundle = resolve(process.argv[2] ?? fileURLToPath(new URL("dist/current", import.meta.url)));

/** Maximum time in ms to wait for a command to start, and for a command to exit. */
const PATIENCE_MS = 20_000;
const POLL_MS = 50;
/**
 * Time in ms that a command keeps running. The time is enough for some scrapes and for threads to save their compiled
 * code.
 */
const WORK_MS = 1600;

interface Trial {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Address on which a server listens. Undefined for a command that exits without being stopped. */
  readonly address?: string;
  /**
   * Paths that are usually requested in the first minute after a start. The server counts as ready when the first path
   * responds.
   */
  readonly paths?: readonly string[];
  /**
   * Whether the process is ended with SIGKILL. In this case the code that runs at shutdown is not saved in the cache.
   */
  readonly killed?: boolean;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const QUERIES = [
  "up",
  "sum by (job) (rate(prometheus_http_requests_total[5m]))",
  "histogram_quantile(0.9, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[5m])))",
  'topk(3, {__name__=~"process_.+"}) > 0',
  "max_over_time(up[1m]) + on (instance) group_left () avg without (handler) (up)",
];

const queryPaths = (now: number): string[] =>
  QUERIES.flatMap((query) => {
    const text = encodeURIComponent(query);
    return [`/api/v1/query?query=${text}`, `/api/v1/query_range?query=${text}&start=${now - 60}&end=${now}&step=5`];
  });

/** Returns the trial runs of the Prometheus server. The second run reads the write-ahead log of the first run. */
function serverTrials(folder: string, address: string): readonly Trial[] {
  writeFileSync(
    join(folder, "rules.yml"),
    "groups: [{ name: a, rules: [{ record: b, expr: sum(up) }, { alert: C, expr: up == 0 }] }]",
  );
  const scraped = `[{ job_name: a, static_configs: [{ targets: ["${address}"] }] }]`;
  const config = join(folder, "prometheus.yml");
  writeFileSync(
    config,
    `{ global: { scrape_interval: 1s, evaluation_interval: 1s }, rule_files: [rules.yml], scrape_configs: ${scraped} }`,
  );
  const server: Trial = {
    command: "server",
    args: [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, "tsdb")}`, `--web.listen-address=${address}`],
    address,
    paths: [
      "/-/ready",
      "/metrics",
      "/api/v1/targets",
      "/api/v1/rules",
      "/api/v1/labels",
      "/api/v1/series?match[]=up",
      ...queryPaths(Math.floor(systemClock.now() / 1000)),
    ],
  };
  return [{ ...server, killed: true }, server];
}

/** Returns the trial runs of the tools. They run after the server's trials, because they check its configuration. */
const toolTrials = (folder: string): readonly Trial[] => [
  { command: "promtool", args: ["check", "config", join(folder, "prometheus.yml")] },
  { command: "promtool", args: ["--help"] },
  { command: "amtool", args: ["--help"] },
  { command: "up", args: ["--help"] },
];

async function trials(folder: string): Promise<readonly (readonly Trial[])[]> {
  const at = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
  const [own, alerts, members, pushed, host, boards, cgroups] = await Promise.all(Array.from({ length: 7 }, at));
  const routes = join(folder, "alertmanager.yml");
  writeFileSync(routes, "{ route: { receiver: a }, receivers: [{ name: a }] }");
  const alertmanager: Trial = {
    command: "alertmanager",
    args: [
      `--config.file=${routes}`,
      `--storage.path=${join(folder, "alerts")}`,
      `--cluster.listen-address=${members}`,
      `--web.listen-address=${alerts}`,
    ],
    address: alerts!,
    paths: ["/-/ready", "/metrics", "/api/v2/status", "/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences"],
  };
  const pushgateway: Trial = {
    command: "pushgateway",
    args: [`--web.listen-address=${pushed}`],
    address: pushed!,
    paths: ["/-/ready", "/metrics", "/api/v1/metrics"],
  };
  const exporter: Trial = {
    command: "node-exporter",
    args: [`--web.listen-address=${host}`],
    address: host!,
    paths: ["/", "/metrics", "/metrics"],
  };
  const cadvisor: Trial = {
    command: "cadvisor",
    args: ["--listen_ip=127.0.0.1", `--port=${cgroups!.split(":")[1]}`, `--docker=unix://${join(folder, "no.sock")}`],
    address: cgroups!,
    paths: ["/healthz", "/metrics", "/metrics"],
  };
  const dashboards: Trial = {
    command: "dashboards",
    args: [`--web.listen-address=${boards}`],
    env: { GF_PATHS_CONFIG: join(folder, "no.ini"), GF_PATHS_DATA: join(folder, "boards") },
    address: boards!,
    paths: ["/api/health", "/metrics", "/login"],
  };
  return [
    serverTrials(folder, own!),
    [alertmanager],
    [pushgateway],
    [exporter],
    [cadvisor],
    [dashboards],
    toolTrials(folder),
  ];
}

/** Aborted when this process receives a signal to stop, for example because the user cancelled the installation. */
const stopping = new AbortController();

/** Resolves with true if the path answers with status 200. */
async function answers(address: string, path: string): Promise<boolean> {
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), stopping.signal]);
    const answer = await fetch(`http://${address}${path}`, { signal });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

function start({ command, args, env }: Trial, cwd: string): ChildProcess {
  const settings = settingsOf(command);
  const words = ["--disable-warning=ExperimentalWarning", ...settings.v8, join(bundle, "main.js"), command, ...args];
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return spawn(process.execPath, words, {
    cwd,
    env: { PATH, LD_LIBRARY_PATH, HOME: cwd, TMPDIR: cwd, MALLOC_ARENA_MAX: "2", ...settings.env, ...env },
    // The server ends itself when this channel closes, so that it does not outlive this process.
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
}

async function run(trial: Trial, cwd: string): Promise<void> {
  if (stopping.signal.aborted) return;
  const child = start(trial, cwd);
  const ended = once(child, "exit");
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), endOf(ended), stopping.signal]);
  try {
    await work(trial, signal);
  } catch {
    // Ignores the error: the server could not start on this machine, or the tool has exited.
  }
  child.kill(trial.killed === true || stopping.signal.aborted ? "SIGKILL" : "SIGTERM");
  const late = systemClock.after(PATIENCE_MS, () => child.kill("SIGKILL"));
  await ended.catch(() => {});
  late();
}

/** Sends the requests of a trial, or waits until a tool has exited. Rejects if the signal is aborted. */
async function work({ address, paths = [] }: Trial, signal: AbortSignal): Promise<void> {
  if (address === undefined) return systemClock.sleep(PATIENCE_MS, signal);
  while (!(await answers(address, paths[0]!))) await systemClock.sleep(POLL_MS, signal);
  for (const path of paths) await answers(address, path);
  await systemClock.sleep(WORK_MS, signal);
}

function endOf(ended: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  ended.then(abort, abort);
  return controller.signal;
}

/** The signal that this process received. After the clean-up, the process ends with this signal. */
let endBy: NodeJS.Signals | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    endBy = signal;
    stopping.abort();
  });

const folder = mkdtempSync(join(tmpdir(), "narthex-"));
mkdirSync(join(folder, "boards"));
try {
  const rows = await trials(folder);
  await Promise.all(
    rows.map(async (row) => {
      for (const trial of row) await run(trial, folder);
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (endBy !== undefined) process.kill(process.pid, endBy);
