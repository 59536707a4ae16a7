import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { CommandError } from "../command-line/command.ts";
import { accessProblem } from "./file-access.ts";
import { isBelow } from "./is-below.ts";
import { keepSteps, removeStep } from "./kept-copy.ts";
import { namedPathProblems } from "./named-paths.ts";
import { programArguments, propertyList } from "./property-list.ts";
import { argumentsBehind } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import type { InstalledService, Removal, ServiceDefinition, ServiceManager, ServiceState } from "./service-manager.ts";
import { shellCommand } from "./shell-words.ts";
import { starterSteps } from "./starter.ts";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import { addressProblems } from "./taken-addresses.ts";
import { xmlOrigin } from "./written-mark.ts";

const DAEMONS = "/Library/LaunchDaemons";
const VAR = "/usr/local/var";
const LOGS = `${VAR}/log/narthex`;

/** Number of bytes at the end of a log that are searched for the last error. */
const LOG_TAIL_BYTES = 65_536;

/**
 * Number of attempts to load a daemon. The first attempts may fail, because the label is in use until the old process
 * has exited.
 */
const BOOTSTRAP_ATTEMPTS = 25;

const labelOf = ({ role }: ServiceRole): string => `narthex.${role}`;
const pathOf = (role: ServiceRole): string => `${DAEMONS}/${labelOf(role)}.plist`;
const logOf = ({ name }: ServiceRole): string => `${LOGS}/${name}.log`;

export const launchd: ServiceManager = {
  name: "launchd",
  platform: "darwin",
  foldersOf: ({ name }) => ({ config: `/usr/local/etc/${name}`, data: `${VAR}/${name}` }),
  // On macOS, services run as the user who installs them. Special users for services are unusual there.
  userOf: ({ role }, { host }) => {
    const user = host.env["SUDO_USER"] ?? host.env["USER"] ?? "root";
    if (user !== "root") return user;
    throw new CommandError(
      `${role} would run as root; name a user before the role, with --user=NAME (or --user=root to run as root)`,
    );
  },
  absence: () => undefined,
  missingRight: async ({ uid, isStaged }) =>
    isStaged || uid === 0 ? undefined : { right: `only root may change ${DAEMONS} and start services`, sudo: ["sudo"] },
  installed,
  problems,
  install,
  uninstall,
  state,
  logs: (roles, { follow, lines }, system) =>
    system.handOver("tail", ["-n", String(lines), ...(follow ? ["-F"] : []), ...roles.map(logOf)]),
};

function readDaemon(role: ServiceRole, system: System): string | undefined {
  const path = rooted(system, pathOf(role));
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function installed(role: ServiceRole, system: System): InstalledService | undefined {
  const text = readDaemon(role, system);
  if (text === undefined || xmlOrigin(text) === "foreign") return undefined;
  const user = /<key>UserName<\/key>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
  return { args: argumentsBehind(programArguments(text) ?? [], [role.role]), user };
}

const asUser = (user: string): readonly string[] => ["sudo", "-u", user, "--"];

async function problems(definition: ServiceDefinition, system: System): Promise<readonly string[]> {
  const { role, user, launcher, folders } = definition;
  if (system.isStaged) return [];
  if ((await system.run("id", ["-u", user])).status !== 0)
    return [`the user ${user}, as which ${role.role} would run, does not exist; name an existing user with --user`];
  const access = { user, asUser: system.uid === 0 ? asUser : undefined };
  const program = { ...access, flag: "narthex", path: launcher.words[0]!, mode: "run" } as const;
  const isMade = (path: string): boolean => isBelow(path, folders.data);
  const running = (await state(role, system)).activity === "running" ? installed(role, system) : undefined;
  const lookup = (port: number): string => `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`;
  const found = [
    await accessProblem(program, system),
    ...(await namedPathProblems(definition, { access, isMade }, system)),
    ...(await addressProblems(definition, running, lookup, system)),
  ];
  return found.filter((sentence) => sentence !== undefined);
}

async function install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]> {
  for (const { role } of definitions) refuseForeign(role, system);
  return definitions.flatMap((definition) => layOut(definition, system));
}

function refuseForeign(role: ServiceRole, system: System): void {
  const text = readDaemon(role, system);
  if (text !== undefined && xmlOrigin(text) === "foreign")
    throw new CommandError(
      `${rooted(system, pathOf(role))} was not written by Narthex and is not changed; move it away`,
    );
}

function layOut(definition: ServiceDefinition, system: System): readonly Step[] {
  const { role, user, folders, args, dropped } = definition;
  const label = labelOf(role);
  const steps: Step[] = [...starterSteps(definition, system)];
  const written = role.writes(args, folders).map(({ path }) => path);
  const own = [...new Set([...written.filter((path) => isBelow(path, folders.data)), LOGS])];
  for (const path of own) {
    steps.push({ kind: "folder", path });
    steps.push({ kind: "run", command: "chown", args: [user, path] });
  }
  const there = readDaemon(role, system);
  const text = daemonOf(definition);
  if (there !== undefined) {
    const file = { path: pathOf(role), origin: xmlOrigin(there), isOther: there !== text, dropped };
    steps.push(...keepSteps(file, system));
  }
  steps.push({ kind: "write", path: pathOf(role), text });
  const hint = `see: ${shellCommand(["launchctl", "print", `system/${label}`])}`;
  steps.push({ kind: "run", command: "launchctl", args: ["bootout", `system/${label}`], mayFail: true });
  steps.push({ kind: "run", command: "launchctl", args: ["enable", `system/${label}`] });
  steps.push({
    kind: "run",
    command: "launchctl",
    args: ["bootstrap", "system", pathOf(role)],
    hint,
    attempts: BOOTSTRAP_ATTEMPTS,
  });
  return steps;
}

/** Returns the property list of a service. Throws CommandError if it cannot contain an argument. */
const daemonOf = ({ role, launcher, args, environment, user }: ServiceDefinition): string =>
  propertyList({
    Label: labelOf(role),
    ProgramArguments: [...launcher.words, role.role, ...args.words],
    EnvironmentVariables: environment,
    UserName: user,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 5,
    ExitTimeOut: 20,
    Umask: 0o027,
    SoftResourceLimits: { NumberOfFiles: 65_536 },
    HardResourceLimits: { NumberOfFiles: 65_536 },
    StandardOutPath: logOf(role),
    StandardErrorPath: logOf(role),
  });

async function uninstall(role: ServiceRole, system: System): Promise<Removal> {
  const text = readDaemon(role, system);
  if (text === undefined) return { name: role.name, steps: [], remains: [] };
  refuseForeign(role, system);
  const { config, data } = launchd.foldersOf(role);
  const remains = [data, config, logOf(role)]
    .filter((path) => existsSync(rooted(system, path)))
    .map((path) => `${path}: ${shellCommand(["sudo", "rm", "-r", rooted(system, path)])}`);
  const steps: Step[] = [
    { kind: "run", command: "launchctl", args: ["bootout", `system/${labelOf(role)}`], mayFail: true },
    removeStep({ path: pathOf(role), origin: xmlOrigin(text) }, system),
  ];
  return { name: role.name, steps, remains };
}

async function state(role: ServiceRole, system: System): Promise<ServiceState> {
  const { status, stdout } = await system.run("launchctl", ["print", `system/${labelOf(role)}`]);
  const own = installed(role, system);
  const isInstalled = own !== undefined;
  const fact = (name: string): string | undefined =>
    stdout
      .split("\n")
      .find((line) => line.trim().startsWith(`${name} = `))
      ?.split(" = ")[1];
  const pid = Number(fact("pid") ?? "0");
  const hasFailed = !["0", "(never exited)", undefined].includes(fact("last exit code"));
  const since = pid > 0 ? (await system.run("ps", ["-o", "lstart=", "-p", String(pid)])).stdout.trim() : "";
  return {
    name: role.name,
    args: own?.args ?? [],
    isInstalled,
    isEnabled: isInstalled && status === 0,
    activity: fact("state") === "running" ? "running" : hasFailed ? "failed" : "stopped",
    since,
    pid: pid > 0 ? pid : undefined,
    lines: isInstalled ? tailOf(rooted(system, logOf(role))).split("\n") : [],
  };
}

function tailOf(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return "";
  }
  try {
    const { size } = statSync(path);
    const bytes = Buffer.alloc(Math.min(size, LOG_TAIL_BYTES));
    const length = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}
