import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DataPathError,
  dataPathProblem,
  type FileLock,
  FileLockedError,
  type FlagValues,
  lockFile,
  datedToken,
  helpText,
  type Host,
  IdleCollector,
  makeDataFolder,
  parseFlags,
  stopRequested,
} from "@narthex/runtime";
import { settingsOf } from "../role-settings.ts";
import { versionLine } from "../version-line.ts";
import { listenProblem, offsetProblem } from "./address-problem.ts";
import { flags } from "./flags.ts";
import { loopbackOf } from "./loopback.ts";
import { type Role, rolesAt } from "./roles.ts";
import {
  dashboardsFolder,
  homeDashboardIn,
  prepareConfig,
  type StackConfig,
  starterFolder,
  unmovedPorts,
} from "./starter-config.ts";
import { Supervisor } from "./supervisor.ts";
import { terminalWatch } from "./terminal.ts";

/**
 * Runs `narthex up`: starts all servers of the stack as child processes. Returns when the user stops the stack, or if a
 * server cannot start.
 */
export async function runUp(host: Host): Promise<number> {
  const outcome = parseFlags(flags, host.args);
  if (outcome.kind === "version") {
    host.stdout(versionLine());
    return 0;
  }
  if (outcome.kind === "help") {
    host.stdout(
      helpText("narthex up", "Starts server, Alertmanager, Pushgateway, node exporter and dashboards together.", flags),
    );
    return 0;
  }
  if (outcome.kind === "error") {
    host.stderr(
      `narthex up: error: ${outcome.message}, try --help\n${outcome.suggestion ? `${outcome.suggestion}\n` : ""}`,
    );
    return 1;
  }
  const { values } = outcome.flags;
  const dataDir = resolve(host.cwd, values["data-dir"]);
  let lock: FileLock | undefined;
  try {
    const problem = offsetProblem(values["port-offset"]) ?? listenProblem(values.listen);
    if (problem !== undefined) throw new StartError(`error: ${problem}`);
    for (const role of ["server", "alertmanager", "pushgateway", "dashboards"])
      makeDataFolder(join(dataDir, role), "--data-dir");
    lock = await lockStack(dataDir);
    return await runRoles(host, values, { dataDir, config: configOf(host, values, dataDir) });
  } catch (error) {
    if (!(error instanceof DataPathError) && !(error instanceof StartError)) throw error;
    host.stderr(`narthex up: ${error.message}\n`);
    return 1;
  } finally {
    lock?.release();
  }
}

/** Thrown if the stack cannot start. The message contains the reason and a hint. */
class StartError extends Error {
  override readonly name = "StartError";
}

type Values = FlagValues<typeof flags>;

/** Returns the configuration folder for the servers. Throws StartError or DataPathError. */
function configOf(host: Host, values: Values, dataDir: string): StackConfig {
  if (values["config-dir"] === "") return prepareConfig(starterFolder(host.env), dataDir, values["port-offset"]);
  const folder = resolve(host.cwd, values["config-dir"]);
  const missing = [".", "prometheus.yml", "alertmanager.yml"].find((name) => !existsSync(join(folder, name)));
  if (missing === undefined) {
    const note = unmovedPorts(folder, values["port-offset"]);
    if (note !== undefined) host.stderr(`narthex up: ${note}\n`);
    return { folder, kept: [] };
  }
  throw new StartError(
    `--config-dir: ${join(folder, missing)} does not exist; name another folder, or write the files with narthex init ${folder}`,
  );
}

/** Locks the data folder against other stacks. Rejects with StartError. */
async function lockStack(dataDir: string): Promise<FileLock> {
  const path = join(dataDir, "up.lock");
  try {
    return await lockFile(path);
  } catch (error) {
    if (!(error instanceof FileLockedError)) throw new StartError(dataPathProblem(error, path, "--data-dir"));
    throw new StartError(
      `another stack uses the data folder ${dataDir} (it holds a lock on ${error.path}); stop it, or name another folder with --data-dir`,
    );
  }
}

interface Folders {
  readonly dataDir: string;
  readonly config: StackConfig;
}

async function runRoles(host: Host, values: Values, { dataDir, config }: Folders): Promise<number> {
  const portOffset = values["port-offset"];
  const level = values["log.level"];
  const { folder: configDir, copyOf, kept } = config;
  const origin = copyOf === undefined ? "" : ` (a copy of ${copyOf} with other ports)`;
  host.stdout(`Narthex: configuration in ${configDir}${origin}, data in ${dataDir}\n`);
  for (const path of kept) host.stdout(`  ${join(configDir, path)} was changed here and is not copied again\n`);
  const shared = [`--log.level=${level}`, `--log.format=${values["log.format"]}`];
  const loginKey = randomBytes(24).toString("base64url");
  const dashboardsDir = dashboardsFolder(host.env);
  const place = {
    dataDir,
    configDir,
    portOffset,
    listen: values.listen,
    loopback: loopbackOf(networkInterfaces()),
    dashboardsDir,
    homeDashboard: homeDashboardIn(dashboardsDir, host.env),
  };
  const login = (until: number): string =>
    `http://localhost:${3000 + portOffset}/login/link?token=${datedToken(loginKey, until)}`;
  return superviseAll(host, rolesAt({ ...place, loginKey }), { shared, login });
}

/** Lifetime of the login link to the dashboards in ms, from the time at which it is printed. */
const LOGIN_LINK_MS = 10 * 60_000;

const TERMINAL_CLOSES_MS = 1000;

interface Supervision {
  /** Arguments that are passed to every server. */
  readonly shared: readonly string[];
  /** Returns a URL that logs in to the dashboards. The URL can be used once, and only until the given time. */
  readonly login: (until: number) => string;
}

async function superviseAll(host: Host, roles: readonly Role[], { shared, login }: Supervision): Promise<number> {
  const say = (line: string): void => host.stdout(`${line}\n`);
  const own = settingsOf("up").v8;
  const node = [process.execPath, ...process.execArgv.filter((flag) => !own.includes(flag))];
  const main = fileURLToPath(cliEntry());
  const supervisors = roles.map((role) => {
    const { v8, env } = settingsOf(role.name);
    const ofRole = { ...env, NARTHEX_OWN_METRICS: "1" };
    return new Supervisor(role, { host, cli: [...node, ...v8, main], env: ofRole, shared, say });
  });
  const isTerminalClosed = terminalWatch();
  const stopWithTerminal = (): void => {
    if (isTerminalClosed()) host.requestStop();
  };
  host.onReload(() => {
    stopWithTerminal();
    if (host.stopping.aborted) return;
    for (const supervisor of supervisors) supervisor.reload();
    // Check again later, because some terminals send SIGHUP before they close.
    host.clock.after(TERMINAL_CLOSES_MS, stopWithTerminal);
  });
  const started = Promise.all(supervisors.map((supervisor) => supervisor.start()));
  const first = await Promise.race([started, stopRequested(host).then(() => undefined)]);
  const failed = first === undefined ? [] : roles.filter((_, i) => !first[i]);
  if (first !== undefined && failed.length === 0) {
    say(`Sign in to the dashboards, once within 10 minutes: ${login(host.clock.now() + LOGIN_LINK_MS)}`);
    say("Ready. Ctrl-C ends all roles.");
    const collector = new IdleCollector({ clock: host.clock });
    collector.noteWork();
    await stopRequested(host);
    collector.stop();
  }
  for (const [i, { name, port }] of roles.entries()) {
    if (first?.[i] !== false) continue;
    const hint = supervisors[i]!.isPortTaken
      ? `another program uses port ${port}; --port-offset moves all ports`
      : "the reason is in its log lines above";
    host.stderr(`narthex up: ${name} did not start: ${hint}\n`);
  }
  await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
  return failed.length === 0 ? 0 : 1;
}

/** Returns the file that starts the CLI: main.ts in a checkout, main.js next to a bundle's chunks. */
const cliEntry = (): URL => new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "./main.js", import.meta.url);
