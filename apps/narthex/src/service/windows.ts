import { existsSync, readFileSync } from "node:fs";
import { win32 } from "node:path";
import { CommandError } from "../command-line/command.ts";
import { accessProblem } from "./file-access.ts";
import { isBelow } from "./is-below.ts";
import { keepSteps, removeStep } from "./kept-copy.ts";
import { namedPathProblems } from "./named-paths.ts";
import { argumentsBehind } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { taskCommand, taskXml } from "./scheduled-task.ts";
import type { InstalledService, Removal, ServiceDefinition, ServiceManager, ServiceState } from "./service-manager.ts";
import { starterSteps } from "./starter.ts";
import type { Step } from "./steps.ts";
import { rooted, type System } from "./system.ts";
import { addressProblems } from "./taken-addresses.ts";
import { xmlOrigin } from "./written-mark.ts";

const PLACE = "C:\\ProgramData\\narthex";

const ADMINISTRATORS = "S-1-5-32-544";
const SYSTEM = "S-1-5-18";

/** Number of log lines that are searched for the last error. */
const LOG_LINES = 200;

/** Windows users without a password: the security identifier for each name. */
const USERS: Readonly<Record<string, string>> = {
  LocalService: "S-1-5-19",
  NetworkService: "S-1-5-20",
  System: SYSTEM,
};

const taskOf = ({ name }: ServiceRole): string => `\\Narthex\\${name}`;
const pathOf = ({ name }: ServiceRole): string => `${PLACE}\\tasks\\${name}.xml`;
/**
 * Returns a server's log folder. Each server has its own, because in a shared folder a user could replace the log of
 * another server by a link.
 */
const logFolderOf = ({ name }: ServiceRole): string => `${PLACE}\\logs\\${name}`;
const logOf = (role: ServiceRole): string => `${logFolderOf(role)}\\${role.name}.log`;

/**
 * The Task Scheduler of Windows. Tasks that start with the machine are used instead of Windows services, because a
 * Windows service would need native code around Node.
 */
export const taskScheduler: ServiceManager = {
  name: "Task Scheduler",
  platform: "win32",
  foldersOf: ({ name }) => ({ config: `${PLACE}\\${name}\\config`, data: `${PLACE}\\${name}\\data` }),
  userOf: () => "LocalService",
  absence: () => undefined,
  async missingRight(system) {
    if (system.isStaged) return undefined;
    // The command `net session` succeeds only for administrators.
    if ((await system.run("net.exe", ["session"])).status === 0) return refuseForeignOwners(system);
    return { right: "only an administrator may register tasks; open a terminal as administrator", sudo: [] };
  },
  installed,
  problems,
  install,
  uninstall,
  state,
  logs,
};

function readTask(role: ServiceRole, system: System): string | undefined {
  const path = rooted(system, pathOf(role));
  return existsSync(path) ? readFileSync(path, "utf16le").replace(/^\ufeff/, "") : undefined;
}

function installed(role: ServiceRole, system: System): InstalledService | undefined {
  const text = readTask(role, system);
  if (text === undefined || xmlOrigin(text) === "foreign") return undefined;
  const id = /<UserId>([^<]*)<\/UserId>/.exec(text)?.[1];
  const user = Object.keys(USERS).find((name) => USERS[name] === id);
  return { args: argumentsBehind(taskCommand(text) ?? [], [role.role]), user };
}

async function problems(definition: ServiceDefinition, system: System): Promise<readonly string[]> {
  const { role, user, launcher, folders } = definition;
  if (USERS[user] === undefined)
    return [`--user: tasks of ${user} need a password; ${Object.keys(USERS).join(", ")} need none`];
  if (system.isStaged) return [];
  const access = { user, asUser: undefined, isByName: true };
  const program = { ...access, flag: "narthex", path: launcher.words[0]!, mode: "run" } as const;
  const isMade = (path: string): boolean => isBelow(path, folders.data, win32);
  const running = (await state(role, system)).activity === "running" ? installed(role, system) : undefined;
  const lookup = (port: number): string => `Get-NetTCPConnection -LocalPort ${port} -State Listen`;
  const found = [
    await accessProblem(program, system),
    ...(await namedPathProblems(definition, { access, isMade }, system)),
    ...(await addressProblems(definition, running, lookup, system)),
  ];
  return found.filter((sentence) => sentence !== undefined);
}

async function install(definitions: readonly ServiceDefinition[], system: System): Promise<readonly Step[]> {
  for (const { role } of definitions) await refuseForeign(role, system);
  const tasks = definitions.flatMap((definition): readonly Step[] => {
    const { role, user, dropped } = definition;
    const task = taskOf(role);
    const own = ownFolders(definition);
    const there = readTask(role, system);
    const text = textOf(definition);
    const kept =
      there === undefined
        ? []
        : keepSteps({ path: pathOf(role), origin: xmlOrigin(there), isOther: there !== text, dropped }, system);
    const grants = own.flatMap((path): Step[] => [
      { kind: "folder", path },
      { kind: "run", command: "icacls.exe", args: [path, "/grant", `*${USERS[user]!}:(OI)(CI)M`, "/q"] },
    ]);
    return [
      ...starterSteps(definition, system),
      ...grants,
      ...kept,
      { kind: "write", path: pathOf(role), text, encoding: "utf16le" },
      { kind: "run", command: "schtasks.exe", args: ["/end", "/tn", task], mayFail: true },
      { kind: "run", command: "schtasks.exe", args: ["/create", "/tn", task, "/xml", pathOf(role), "/f"] },
      { kind: "run", command: "schtasks.exe", args: ["/run", "/tn", task] },
    ];
  });
  return [...CLOSED, checkStep(definitions.flatMap(ownFolders)), ...tasks];
}

/** Returns the folders that the server's user may change. */
function ownFolders({ role, folders, args }: ServiceDefinition): readonly string[] {
  const written = role.writes(args, folders).map(({ path }) => path);
  return [...new Set([...written.filter((path) => isBelow(path, folders.data, win32)), logFolderOf(role)])];
}

/**
 * Returns the step that refuses links and folders of other users before access rights are granted, because every user
 * could create entries in the folder until it was closed.
 */
function checkStep(paths: readonly string[]): Step {
  const above = paths.flatMap((path) => {
    const found: string[] = [];
    // relative() ignores case and accepts both slashes, as Windows does.
    for (let folder = path; win32.relative(PLACE, folder) !== ""; folder = win32.dirname(folder)) found.push(folder);
    return found;
  });
  const script = [
    ...foreignScript([...new Set(above)].map(literal).join(", "), Object.values(USERS)),
    'if ($foreign) { [Console]::Error.WriteLine("$foreign belongs to another user, or is a link; move it away"); exit 1 }',
  ].join("\n");
  return { kind: "run", command: "powershell.exe", args: powershell(script) };
}

/**
 * Steps that close the program's folder to all users except administrators; the users that run services may only read.
 * Necessary because every user may create files in C:\\ProgramData, and a task file determines which program runs and
 * as which user.
 */
const CLOSED: readonly Step[] = [
  { kind: "folder", path: PLACE },
  ...[
    ["/setowner", `*${ADMINISTRATORS}`],
    ["/reset"],
    [
      "/inheritance:r",
      "/grant:r",
      ...[ADMINISTRATORS, SYSTEM].map((id) => `*${id}:(OI)(CI)F`),
      ...[USERS["LocalService"]!, USERS["NetworkService"]!].map((id) => `*${id}:(OI)(CI)RX`),
    ],
  ].map((args): Step => ({ kind: "run", command: "icacls.exe", args: [PLACE, ...args, "/q"] })),
];

/**
 * Returns PowerShell lines that set $foreign to the paths that are links, or whose owner is neither an administrator
 * nor one of the given users.
 */
const foreignScript = (paths: string, users: readonly string[]): readonly string[] => [
  `$own = @(${[SYSTEM, ADMINISTRATORS, ...users].map(literal).join(", ")}, [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)`,
  `$found = ${paths} | ForEach-Object { Get-Item -Force -ErrorAction SilentlyContinue -LiteralPath $_ }`,
  "$foreign = @($found | Where-Object { ($_.Attributes -band [IO.FileAttributes]::ReparsePoint) -or $own -notcontains (Get-Acl -LiteralPath $_.FullName).GetOwner([Security.Principal.SecurityIdentifier]).Value } | ForEach-Object { $_.FullName })",
];

/** Throws CommandError if a user without administrator rights owns the folder or a file of a task, or has linked it. */
async function refuseForeignOwners(system: System): Promise<undefined> {
  const tasks = literal(`${PLACE}\\tasks`);
  const children = `@(Get-ChildItem -Force -ErrorAction SilentlyContinue -LiteralPath ${tasks} | ForEach-Object { $_.FullName })`;
  const script = [...foreignScript(`@(${literal(PLACE)}, ${tasks}) + ${children}`, []), "$foreign"].join("\n");
  const { status, stdout, stderr } = await system.run("powershell.exe", powershell(script));
  if (status !== 0) throw new CommandError(`cannot read the owner of ${PLACE}: ${stderr.trim()}`);
  const [path] = stdout.trim().split(/\r?\n/);
  if (path === "" || path === undefined) return undefined;
  throw new CommandError(
    `${path} belongs to a user without administrator rights, or is a link; check its content, then give it to the administrators: takeown /a /f ${path}`,
  );
}

/**
 * Refuses to replace a task whose file is missing or belongs to another program, because registering overwrites any
 * task with the same name.
 */
async function refuseForeign(role: ServiceRole, system: System): Promise<void> {
  const text = readTask(role, system);
  if (text !== undefined && xmlOrigin(text) === "foreign")
    throw new CommandError(
      `${rooted(system, pathOf(role))} was not written by Narthex and is not changed; move it away`,
    );
  if (text !== undefined || system.isStaged) return;
  const task = taskOf(role);
  if ((await system.run("schtasks.exe", ["/query", "/tn", task])).status === 0)
    throw new CommandError(
      `the task ${task} was not created by Narthex and is not changed; remove it first: schtasks /delete /tn ${task}`,
    );
}

/** Returns the task of a service. Throws CommandError if it cannot contain an argument. */
const textOf = ({ role, launcher, args, environment, user }: ServiceDefinition): string =>
  taskXml({
    path: taskOf(role),
    description: role.title,
    user: USERS[user] ?? user,
    command: [...launcher.words, role.role, ...args.words],
    environment,
    log: logOf(role),
  });

async function uninstall(role: ServiceRole, system: System): Promise<Removal> {
  const text = readTask(role, system);
  if (text === undefined) return { name: role.name, steps: [], remains: [] };
  await refuseForeign(role, system);
  const { config, data } = taskScheduler.foldersOf(role);
  const remains = [data, config, logFolderOf(role)]
    .filter((path) => existsSync(rooted(system, path)))
    .map((path) => `${path}: Remove-Item -Recurse '${rooted(system, path)}'`);
  const task = taskOf(role);
  const steps: Step[] = [
    { kind: "run", command: "schtasks.exe", args: ["/end", "/tn", task], mayFail: true },
    { kind: "run", command: "schtasks.exe", args: ["/delete", "/tn", task, "/f"] },
    removeStep({ path: pathOf(role), origin: xmlOrigin(text) }, system),
  ];
  return { name: role.name, steps, remains };
}

const powershell = (script: string): readonly string[] => ["-NoProfile", "-NonInteractive", "-Command", script];

/** Quotes a word for PowerShell. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function state(role: ServiceRole, system: System): Promise<ServiceState> {
  // Read the state with PowerShell, which always returns English names. schtasks prints them in the user's language.
  const script = [
    `$t = Get-ScheduledTask -TaskPath '\\Narthex\\' -TaskName ${literal(role.name)} -ErrorAction Stop`,
    "$i = $t | Get-ScheduledTaskInfo",
    "@{state = \"$($t.State)\"; result = $i.LastTaskResult; since = $i.LastRunTime.ToString('s')} | ConvertTo-Json -Compress",
  ].join("; ");
  const { status, stdout } = await system.run("powershell.exe", powershell(script));
  const own = installed(role, system);
  const isInstalled = own !== undefined;
  const service = status === 0 ? (JSON.parse(stdout) as { state: string; result: number; since: string }) : undefined;
  const log = `Get-Content -LiteralPath ${literal(logOf(role))} -Tail ${LOG_LINES} -Encoding UTF8`;
  return {
    name: role.name,
    args: own?.args ?? [],
    isInstalled,
    isEnabled: service !== undefined && service.state !== "Disabled",
    activity:
      service?.state === "Running" ? "running" : service === undefined || service.result === 0 ? "stopped" : "failed",
    since: service?.since ?? "",
    pid: undefined,
    lines: isInstalled ? (await system.run("powershell.exe", powershell(log))).stdout.split(/\r?\n/) : [],
  };
}

async function logs(
  roles: readonly ServiceRole[],
  { follow, lines }: { readonly follow: boolean; readonly lines: number },
  system: System,
): Promise<number> {
  if (follow && roles.length > 1) throw new CommandError("name one role to follow its log");
  const wait = follow ? " -Wait" : "";
  const scripts = roles.map(
    (role) => `Get-Content -LiteralPath ${literal(logOf(role))} -Tail ${lines} -Encoding UTF8${wait}`,
  );
  return system.handOver("powershell.exe", powershell(scripts.join("; ")));
}
