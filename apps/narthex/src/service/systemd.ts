import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { CommandError } from "../command-line/command.ts";
import { type ConfiguredPaths, configuredPaths } from "./configured-paths.ts";
import { accessProblem } from "./file-access.ts";
import { isBelow } from "./is-below.ts";
import { keepSteps, removeStep } from "./kept-copy.ts";
import { isInHome } from "./launcher.ts";
import { localAddress } from "./local-address.ts";
import { namedPathProblems } from "./named-paths.ts";
import { packagedName, packagedUnit, UNITS_OF_PACKAGES } from "./packaged-unit.ts";
import { argumentsBehind, RoleArguments } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { LIFE_CYCLE, sandbox } from "./sandbox.ts";
import type { InstalledService, Removal, ServiceDefinition, ServiceManager, ServiceState } from "./service-manager.ts";
import { shellCommand } from "./shell-words.ts";
import { starterSteps } from "./starter.ts";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import { addressProblems } from "./taken-addresses.ts";
import { commandLine, execStart, originOf, quoteWord, type Setting, settings, unitFile } from "./unit-file.ts";

export const UNITS = "/etc/systemd/system";
const STATE = "/var/lib/";
/** Number of journal lines that are searched for the last error. */
const JOURNAL_LINES = 200;

const pathOf = ({ name }: ServiceRole): string => `${UNITS}/${name}.service`;

export const systemd: ServiceManager = {
  name: "systemd",
  platform: "linux",
  foldersOf: ({ name }) => ({ config: `/etc/${name}`, data: `${STATE}${name}` }),
  userOf: ({ name }) => name,
  absence: (system) =>
    system.isStaged || existsSync(rooted(system, "/run/systemd/system"))
      ? undefined
      : "systemd does not run on this host (there is no /run/systemd/system), as in most containers. " +
        "`narthex service install --print ROLE` shows the unit nevertheless; `narthex ROLE` runs a role in the foreground, `narthex up` all of them",
  missingRight: async ({ uid, isStaged }) =>
    isStaged || uid === 0 ? undefined : { right: `only root may change ${UNITS} and start services`, sudo: ["sudo"] },
  installed,
  problems,
  install,
  uninstall,
  state,
  logs: (roles, { follow, lines }, system) =>
    system.handOver("journalctl", [
      ...roles.map((role) => `--unit=${serviceOf(role, system).name}.service`),
      `--lines=${lines}`,
      ...(follow ? ["--follow"] : ["--no-pager"]),
    ]),
};

const readUnit = (role: ServiceRole, system: System): string | undefined => readText(rooted(system, pathOf(role)));

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function installed(role: ServiceRole, system: System): InstalledService | undefined {
  const unit = readUnit(role, system);
  if (unit === undefined || originOf(unit) === "foreign") return undefined;
  const user = settings(unit).findLast(([name]) => name === "User")?.[1];
  return { args: argumentsBehind(execStart(unit) ?? [], [role.role, ...role.aliases]), user };
}

/** Finds a server's service: one that `narthex service install` has installed, otherwise one of a package. */
function serviceOf(
  role: ServiceRole,
  system: System,
): Pick<ServiceState, "name" | "args" | "unreadable"> & { readonly kind: "own" | "packaged" | "none" } {
  const own = installed(role, system);
  if (own !== undefined) return { name: role.name, args: own.args, kind: "own" };
  const packaged = packagedUnit(role, system);
  if (packaged !== undefined) return { ...packaged, kind: "packaged" };
  return { name: role.name, args: [], kind: "none" };
}

const asUser = (user: string): readonly string[] => ["runuser", "-u", user, "--"];

const hasUser = async (user: string, system: System): Promise<boolean> =>
  (await system.run("getent", ["passwd", user])).status === 0;

async function problems(definition: ServiceDefinition, system: System): Promise<readonly string[]> {
  const { role, args, user, launcher } = definition;
  const isThere = system.isStaged || (await hasUser(user, system));
  const own = { user, asUser: isThere && !system.isStaged && system.uid === 0 ? asUser : undefined };
  const standing = system.isStaged ? [] : await conflicts(definition, system);
  const found: (string | undefined)[] = [];
  if (!system.isStaged) {
    for (const [i, path] of launcher.words.entries()) {
      const mode = i === 0 ? "run" : "read";
      if (isAbsolute(path)) found.push(await accessProblem({ ...own, flag: "narthex", path, mode }, system));
    }
  }
  const isMade = (path: string): boolean => isState(path, role, system);
  found.push(...(await namedPathProblems(definition, { access: own, hidden: hiddenProblem, isMade }, system)));
  for (const flag of role.scans ?? []) found.push(...args.values(flag).map((path) => hiddenProblem(`--${flag}`, path)));
  const flag = `--config.file=${args.value("config.file") ?? ""}`;
  const configured = await configuredPaths(definition, system);
  for (const path of configured.reads) {
    found.push(hiddenProblem(flag, path));
    // A file that does not exist is not checked, because it may be created later.
    if (existsSync(rooted(system, path))) found.push(await accessProblem({ ...own, flag, path, mode: "read" }, system));
  }
  for (const path of logsElsewhere(definition, configured, system)) {
    const isFile = existsSync(rooted(system, path));
    const hidden = hiddenProblem(flag, path);
    found.push(
      hidden ??
        (await accessProblem({ ...own, flag, path: isFile ? path : dirname(path), mode: "write", isFile }, system)),
    );
  }
  const closed = found.filter((sentence) => sentence !== undefined);
  return [...standing, ...(closed.length > 0 && !isThere ? [await userSentence(user, system)] : []), ...closed];
}

/**
 * Returns the command that creates the user if the user does not exist. The command must precede commands that give
 * files to the user.
 */
async function userSentence(user: string, system: System): Promise<string> {
  const { command, args } = await makeUser(user, system);
  return `the user ${user}, who must own the files below, does not exist yet; create it first: ${shellCommand(["sudo", command, ...args])}`;
}

/** Returns log files of the configuration that are outside the folders to which the server may write. */
function logsElsewhere(
  { role, args, folders }: ServiceDefinition,
  { writes }: ConfiguredPaths,
  system: System,
): readonly string[] {
  const written = role.writes(args, folders).map(({ path }) => path);
  return writes.filter(
    (log) => !written.some((folder) => isBelow(log, folder)) && isAbsolute(log) && !isNullDevice(log, system),
  );
}

const isNullDevice = (path: string, system: System): boolean =>
  statSync(rooted(system, path), { throwIfNoEntry: false })?.isCharacterDevice() === true;

function hiddenProblem(flag: string, path: string): string | undefined {
  const folder = /^\/(?:var\/)?tmp(?=\/|$)/.exec(path)?.[0];
  return folder === undefined
    ? undefined
    : `${flag}: the service has a separate ${folder}, which does not contain ${path}; name another path`;
}

/**
 * Reports whether a path is below /var/lib and not in a folder of another service with a permanent user, so that
 * systemd creates it and makes the service's user its owner.
 */
function isState(path: string, { name }: ServiceRole, system: System): boolean {
  const [first = "", ...rest] = path.slice(STATE.length).split("/");
  if (!path.startsWith(STATE) || first === "" || path.includes(":") || [first, ...rest].includes("..")) return false;
  return first === name || !existsSync(rooted(system, STATE + first)) || isPrivate(first, system);
}

/**
 * Reports whether a folder of /var/lib is a link to /var/lib/private, as for a unit with DynamicUser=. systemd moves
 * the folder back for a unit with a permanent user.
 */
function isPrivate(name: string, system: System): boolean {
  try {
    return readlinkSync(rooted(system, STATE + name)) === `private/${name}`;
  } catch {
    return false;
  }
}

async function install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]> {
  for (const definition of definitions) refuseForeign(definition, system);
  const steps: Step[] = [];
  for (const definition of definitions) steps.push(...(await layOut(definition, system)));
  steps.push({ kind: "run", command: "systemctl", args: ["daemon-reload"] });
  for (const { role } of definitions) {
    const { name } = role;
    if (system.isStaged)
      steps.push({ kind: "link", path: `${UNITS}/multi-user.target.wants/${name}.service`, target: pathOf(role) });
    const hint = `see: journalctl --unit=${name}`;
    steps.push({ kind: "run", command: "systemctl", args: ["enable", "--quiet", name] });
    steps.push({ kind: "run", command: "systemctl", args: ["restart", name], hint });
  }
  return steps;
}

function refuseForeign({ role, launcher }: ServiceDefinition, system: System): void {
  const unit = readUnit(role, system);
  if (unit === undefined) refusePackaged(role, system);
  if (unit === undefined || originOf(unit) !== "foreign") return;
  const line = shellCommand([...launcher.words, role.role]);
  throw new CommandError(
    `${rooted(system, pathOf(role))} was not written by Narthex and is not changed; move it away, or change its ExecStart so that it begins with ${line}`,
  );
}

/**
 * Refuses to install if a Narthex package is installed. A package has its own services, and the new unit in /etc would
 * hide a unit with the same name.
 */
function refusePackaged({ name }: ServiceRole, system: System): void {
  for (const folder of UNITS_OF_PACKAGES) {
    const path = rooted(system, `${folder}/${name}.service`);
    const unit = readText(path);
    if (unit === undefined || originOf(unit) === "foreign") continue;
    const start = shellCommand(["sudo", "systemctl", "enable", "--now", name]);
    throw new CommandError(
      `${path} is the service of a Narthex package: start it with ${start}, or remove the package first, for example with sudo apt remove narthex`,
    );
  }
}

const isEnabled = async (name: string, system: System): Promise<boolean> =>
  (await system.run("systemctl", ["is-enabled", "--quiet", name])).status === 0;

/**
 * Resolves with messages about the first conflict: a running original program or packaged service, an enabled packaged
 * service, or programs that use the addresses.
 */
async function conflicts(definition: ServiceDefinition, system: System): Promise<readonly string[]> {
  const { role } = definition;
  const isActive = async (name: string): Promise<boolean> =>
    (await system.run("systemctl", ["is-active", "--quiet", name])).status === 0;
  const own = installed(role, system);
  for (const name of new Set([...role.originals, packagedName(role), role.name])) {
    if ((own !== undefined && name === role.name) || !(await isActive(name))) continue;
    const command = shellCommand(["sudo", "systemctl", "disable", "--now", name]);
    return [`${name} runs and uses the port of ${role.role}; end it first: ${command}`];
  }
  const packaged = packagedUnit(role, system);
  if (packaged !== undefined && (await isEnabled(packaged.name, system))) {
    const command = shellCommand(["sudo", "systemctl", "disable", packaged.name]);
    return [`${packaged.name}, the service of a package, starts with the host; disable it first: ${command}`];
  }
  const running = own !== undefined && (await isActive(role.name)) ? own : undefined;
  return addressProblems(definition, running, (port) => `sudo ss -ltnp 'sport = :${port}'`, system);
}

async function layOut(definition: ServiceDefinition, system: System): Promise<readonly Step[]> {
  const { role, user } = definition;
  const steps: Step[] = [];
  if (!system.isStaged && !(await hasUser(user, system))) steps.push(await makeUser(user, system));
  steps.push(...(await privateStarterSteps(definition, system)));
  const unit = await unitOf(definition, system);
  const there = readUnit(role, system);
  if (there !== undefined) {
    const file = { path: pathOf(role), origin: originOf(there), isOther: there !== unit, dropped: definition.dropped };
    steps.push(...keepSteps(file, system));
  }
  steps.push({ kind: "write", path: pathOf(role), text: unit });
  for (const folder of UNITS_OF_PACKAGES) {
    const path = `${folder}/${role.name}.service`;
    if (existsSync(rooted(system, path)) && !isLinked(folder, system))
      steps.push({
        kind: "tell",
        text: `${pathOf(role)} takes precedence over ${path}, which a package has installed`,
      });
  }
  for (const path of dropIns(role, system))
    steps.push({ kind: "tell", text: `${path} changes the unit, and stays unchanged` });
  return steps;
}

/**
 * Returns the steps that copy the starter configuration. Users write passwords into it, so only root and the server's
 * user may read the copy (below another root, where users do not exist, everybody may).
 */
async function privateStarterSteps(definition: ServiceDefinition, system: System): Promise<readonly Step[]> {
  const steps = starterSteps(definition, system);
  if (system.isStaged || !steps.some(({ kind }) => kind === "copy")) return steps;
  const { user } = definition;
  const { status, stdout } = await system.run("id", ["-gn", user]);
  const group = (status === 0 && stdout.trim()) || user;
  return steps.flatMap((step): readonly Step[] =>
    step.kind === "copy"
      ? [
          { ...step, isPrivate: true },
          { kind: "run", command: "chown", args: ["-R", `root:${group}`, step.path] },
        ]
      : [step],
  );
}

/**
 * Reports whether /lib is a link to /usr/lib, as on most current distributions. The units in /lib are then already
 * found in /usr/lib.
 */
const isLinked = (folder: string, system: System): boolean => {
  const [first, second] = [UNITS_OF_PACKAGES[0]!, folder].map(
    (path) => statSync(rooted(system, path), { throwIfNoEntry: false })?.ino,
  );
  return folder !== UNITS_OF_PACKAGES[0] && first === second;
};

async function makeUser(user: string, system: System): Promise<Extract<Step, { kind: "run" }>> {
  const hasGroup = (await system.run("getent", ["group", user])).status === 0;
  const group = hasGroup ? ["--gid", user] : ["--user-group"];
  const args = ["--system", ...group, "--no-create-home", "--shell", "/usr/sbin/nologin", user];
  return { kind: "run", command: "useradd", args };
}

function dropIns({ name }: ServiceRole, system: System): readonly string[] {
  const folder = `${UNITS}/${name}.service.d`;
  if (!existsSync(rooted(system, folder))) return [];
  return readdirSync(rooted(system, folder))
    .filter((file) => file.endsWith(".conf"))
    .map((file) => `${folder}/${file}`);
}

/** Returns the text of a service's unit. Throws CommandError if it cannot contain an argument. */
export async function unitOf(definition: ServiceDefinition, system: System): Promise<string> {
  const { role, user, launcher, args, environment, folders } = definition;
  const [program, ...first] = launcher.words;
  const written = role.writes(args, folders).map(({ path }) => path);
  const configured = await configuredPaths(definition, system);
  const logFolders = logsElsewhere(definition, configured, system).map((path) => dirname(path));
  const named = [
    ...launcher.words,
    ...written,
    ...logFolders,
    ...configured.reads,
    ...[...role.reads, ...(role.scans ?? [])].flatMap((flag) => args.values(flag)),
  ];
  const groups = await engineGroups(definition, system);
  const words = (paths: readonly string[]): string => paths.map(quoteWord).join(" ");
  const state = written.filter((path) => isState(path, role, system)).map((path) => path.slice(STATE.length));
  const elsewhere = [...new Set([...written.filter((path) => !isState(path, role, system)), ...logFolders])];
  const service: Setting[] = [
    ["Type", "exec"],
    ["User", user],
    ...(groups.length > 0 ? [["SupplementaryGroups", groups.join(" ")] as const] : []),
    ...Object.entries(environment).map(([name, value]): Setting => ["Environment", quoteWord(`${name}=${value}`)]),
    ["ExecStart", commandLine(program!, [...first, role.role, ...args.words])],
    ...(role.reloads ? [["ExecReload", "/bin/kill -HUP $MAINPID"] as const] : []),
    ...(state.length > 0 ? [["StateDirectory", words(withParents(state))] as const] : []),
    ...(elsewhere.length > 0 ? [["ReadWritePaths", words(elsewhere)] as const] : []),
    ...LIFE_CYCLE,
    ...sandbox({ view: role.view, usesHomes: named.some(isInHome), usesLowPort: usesLowPort(definition) }),
  ];
  return unitFile(role.name, [
    {
      name: "Unit",
      settings: [
        ["Description", role.title],
        ["Documentation", role.documentation],
        ["Wants", "network-online.target"],
        ["After", "network-online.target"],
      ],
    },
    { name: "Service", settings: service },
    { name: "Install", settings: [["WantedBy", "multi-user.target"]] },
  ]);
}

/**
 * Adds the parent folders of each path, so that the user becomes their owner too: for `a/b`, systemd leaves `a` to
 * root.
 */
const withParents = (paths: readonly string[]): readonly string[] => [
  ...new Set(paths.flatMap((path) => partsOf(path).map((_, i, parts) => parts.slice(0, i + 1).join("/")))),
];

const partsOf = (path: string): readonly string[] => path.split("/").filter((part) => part !== "");

const usesLowPort = ({ role, args }: ServiceDefinition): boolean =>
  role.address(args).listen.some((listen) => {
    const { port } = localAddress(listen);
    return port > 0 && port < 1024;
  });

/**
 * Returns the groups that may access the container engines' sockets, if the server reads containers. Members of these
 * groups effectively have root's rights.
 */
async function engineGroups({ role, args }: ServiceDefinition, system: System): Promise<readonly string[]> {
  if (role.view !== "containers" && !args.words.includes("--collector.containers")) return [];
  const groups = new Set<string>();
  for (const socket of ["/run/docker.sock", "/run/podman/podman.sock"]) {
    const stats = statSync(rooted(system, socket), { throwIfNoEntry: false });
    if (stats === undefined || stats.gid === 0) continue;
    const { status, stdout } = await system.run("getent", ["group", String(stats.gid)]);
    if (status === 0) groups.add(stdout.split(":")[0]!);
  }
  return [...groups];
}

async function uninstall(role: ServiceRole, system: System): Promise<Removal> {
  const { name } = role;
  const unit = readUnit(role, system);
  if (unit === undefined) return removePackaged(role, system);
  if (originOf(unit) === "foreign")
    throw new CommandError(`${rooted(system, pathOf(role))} was not written by Narthex and is not changed`);
  const link = `${UNITS}/multi-user.target.wants/${name}.service`;
  const hint = `see: systemctl status ${name}`;
  const steps: Step[] = [
    { kind: "run", command: "systemctl", args: ["disable", "--now", "--quiet", name], hint },
    ...(system.isStaged ? [{ kind: "remove", path: link } as const] : []),
    removeStep({ path: pathOf(role), origin: originOf(unit) }, system),
    { kind: "run", command: "systemctl", args: ["daemon-reload"] },
    { kind: "run", command: "systemctl", args: ["reset-failed", name], mayFail: true },
  ];
  return { name, steps, remains: await remainsOf(role, system) };
}

/**
 * Returns the steps that stop and disable a package's service if it is running or enabled. The unit stays, because it
 * belongs to the package.
 */
async function removePackaged(role: ServiceRole, system: System): Promise<Removal> {
  const packaged = system.isStaged ? undefined : packagedUnit(role, system);
  if (packaged === undefined) return { name: role.name, steps: [], remains: [] };
  const { name, path } = packaged;
  const { isInstalled } = await state(role, system);
  if (!isInstalled) return { name, steps: [], remains: [] };
  const steps: Step[] = [{ kind: "run", command: "systemctl", args: ["disable", "--now", "--quiet", name] }];
  return {
    name,
    steps,
    remains: [`${path} belongs to a package: sudo apt remove narthex, or sudo dnf remove narthex`],
  };
}

/**
 * Resolves with descriptions of what remains after the removal, and with commands that remove it. Paths outside the
 * server's data folder are listed without a command. A user is listed only if the user has the server's name.
 */
async function remainsOf(role: ServiceRole, system: System): Promise<readonly string[]> {
  const own = systemd.foldersOf(role);
  const { args, user } = installed(role, system) ?? { args: [], user: undefined };
  const remains = [own.data, own.config, `${UNITS}/${role.name}.service.d`]
    .filter((path) => existsSync(rooted(system, path)))
    .map((path) => `${path}: ${shellCommand(["sudo", "rm", "-r", rooted(system, path)])}`);
  for (const { path, flag } of role.writes(new RoleArguments(args), own)) {
    if (!isBelow(path, own.data)) remains.push(`${path}: check which of its files the role has written (${flag})`);
  }
  if (user === role.name && !system.isStaged && (await hasUser(user, system)))
    remains.push(`the user ${user}: ${shellCommand(["sudo", "userdel", user])}`);
  return remains;
}

async function state(role: ServiceRole, system: System): Promise<ServiceState> {
  const { name, args, unreadable, kind } = serviceOf(role, system);
  const names = ["LoadState", "ActiveState", "SubState", "UnitFileState", "MainPID", "StateChangeTimestamp"];
  const { stdout } = await system.run("systemctl", ["show", `--property=${names.join(",")}`, `${name}.service`]);
  const properties = new Map(stdout.split("\n").map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  const pid = Number(properties.get("MainPID") ?? "0");
  const startsWithHost = properties.get("UnitFileState") === "enabled";
  // Counts the state auto-restart as failed, because the service has failed and waits for its next start.
  const activity =
    properties.get("SubState") === "auto-restart"
      ? "failed"
      : (ACTIVITIES[properties.get("ActiveState") ?? ""] ?? "stopped");
  // A package installs the units of all servers. A stopped unit that is not enabled does not count as installed.
  const isInstalled = kind === "own" || (kind === "packaged" && (startsWithHost || activity !== "stopped"));
  const journal = ["--unit", `${name}.service`, `--lines=${JOURNAL_LINES}`, "--output=cat", "--no-pager", "--quiet"];
  return {
    name,
    args,
    unreadable,
    isInstalled,
    isEnabled: startsWithHost,
    activity,
    since: properties.get("StateChangeTimestamp") ?? "",
    pid: pid > 0 ? pid : undefined,
    lines: isInstalled ? (await system.run("journalctl", journal)).stdout.split("\n") : [],
  };
}

const ACTIVITIES: Readonly<Record<string, ServiceState["activity"]>> = {
  active: "running",
  reloading: "running",
  activating: "starting",
  failed: "failed",
};
