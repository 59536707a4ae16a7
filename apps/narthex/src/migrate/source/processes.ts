import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rooted, type System } from "../../service/system.ts";
import { originalOfProgram } from "../originals.ts";
import type { FoundOriginal } from "./found-original.ts";
import { userName } from "./users.ts";

/** A running process of a program that can be replaced. */
export interface OriginalProcess extends FoundOriginal {
  readonly origin: Extract<FoundOriginal["origin"], { kind: "process" }>;
  /** Systemd unit of the process; undefined if the process has no unit. */
  readonly unit: string | undefined;
  /** Whether the unit has started this process. False for a process that a user has started by hand within the unit. */
  readonly isStartedByManager: boolean;
}

/** Matches cgroup paths of container engines. */
const CONTAINER = /docker|kubepods|containerd|libpod|crio|lxc|machine\.slice/;

/**
 * Matches environment variables that the servers use. Other variables usually come from the shell that started the
 * process.
 */
const KEPT = /^(?:GF_|AWS_|AZURE_|GOOGLE_|CONSUL_|NOMAD_|(?:https?|no|all)_proxy$|SSL_CERT_|TZ$)/i;

/**
 * A process of a replaceable program that cannot be migrated as a process, for example because it runs in a container.
 */
export interface HiddenProcess {
  /** Systemd unit of the process; undefined if the process has no unit. */
  readonly unit: string | undefined;
  /** Message with the reason why the process cannot be migrated, and the remedy. */
  readonly sentence: string;
}

/** Finds running programs that can be replaced. For processes of other users, details are visible only to root. */
export function originalProcesses(system: System): {
  readonly processes: readonly OriginalProcess[];
  readonly hidden: readonly HiddenProcess[];
} {
  const processes: OriginalProcess[] = [];
  const hidden: HiddenProcess[] = [];
  for (const pid of pidsOf(system)) {
    const found = readProcess(pid, system);
    if (found === undefined) continue;
    if ("sentence" in found) hidden.push(found);
    else processes.push(found);
  }
  return { processes, hidden };
}

/**
 * Returns the systemd units that run replaceable programs, with the id of each unit's first process. Every user can see
 * this information.
 */
export function runningUnits(system: System): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const pid of pidsOf(system)) {
    const [program = ""] = list(textOf(rooted(system, `/proc/${pid}/cmdline`)));
    const unit =
      originalOfProgram(program) === undefined ? undefined : unitIn(textOf(rooted(system, `/proc/${pid}/cgroup`)));
    if (unit !== undefined && !units.has(unit)) units.set(unit, pid);
  }
  return units;
}

/**
 * Returns the unit of a process; undefined for a login session, which is not a service. For a service of a user's
 * manager, returns the unit of that manager.
 */
function unitIn(groups: string): string | undefined {
  const [path, unit] = /^.*\/([^/\n]+\.(?:service|scope))(?:\/[^\n]*)?$/m.exec(groups) ?? [];
  if (unit === undefined || unit.endsWith(".scope")) return undefined;
  return /\/(user@\d+\.service)\//.exec(path!)?.[1] ?? unit;
}

/**
 * Reports whether a service manager has started a process, directly or through up to two other processes. Returns true
 * if the parent processes are not visible.
 */
function isStartedByManager(pid: number, system: System): boolean {
  let parent: number | undefined = pid;
  for (let i = 0; i < WRAPPERS; i++) {
    parent = Number(/^PPid:\s*(\d+)/m.exec(textOf(rooted(system, `/proc/${parent}/status`)))?.[1] ?? 1);
    if (parent <= 1) return true;
  }
  return false;
}

/** Number of parent processes to check. A shell and a user's service manager may be between systemd and the program. */
const WRAPPERS = 3;

function pidsOf(system: System): readonly number[] {
  try {
    return readdirSync(rooted(system, "/proc"))
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}

function readProcess(pid: number, system: System): OriginalProcess | HiddenProcess | undefined {
  const path = (name: string): string => rooted(system, `/proc/${pid}/${name}`);
  const [program = "", ...words] = list(textOf(path("cmdline")));
  const original = originalOfProgram(program);
  if (original === undefined) return undefined;
  const name = `${original.title} (process ${pid})`;
  const groups = textOf(path("cgroup"));
  if (CONTAINER.test(groups))
    return { unit: undefined, sentence: `${name} runs in a container: name its compose file with --from-compose` };
  const unit = unitIn(groups);
  const cwd = linkOf(path("cwd"));
  if (cwd === undefined) {
    const sentence = `${name} belongs to another user, so its folder and environment are not visible: run this as root, or name its unit file with --from-unit`;
    return { unit, sentence };
  }
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(textOf(path("status")))?.[1];
  const gid = /^Gid:\s*\d+\s+(\d+)/m.exec(textOf(path("status")))?.[1];
  const env = list(textOf(path("environ"))).map((entry) => entry.split(/=(.*)/s, 2) as [string, string]);
  return {
    original,
    origin: { kind: "process", pid, comm: textOf(path("comm")).trim(), gid },
    unit,
    isStartedByManager: isStartedByManager(pid, system),
    program: linkOf(path("exe"))?.replace(/ \(deleted\)$/, "") ?? program,
    words,
    cwd,
    env: Object.fromEntries(env.filter(([variable]) => KEPT.test(variable))),
    otherEnv: Object.fromEntries(env.filter(([variable]) => !KEPT.test(variable))),
    user: uid === undefined ? undefined : userName(Number(uid), system),
    notes: [],
  };
}

const list = (text: string): readonly string[] => {
  const entries = text.split("\0");
  // Removes the empty text after the last entry: each entry ends with NUL. Other empty texts are empty arguments.
  return entries.at(-1) === "" ? entries.slice(0, -1) : entries;
};

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
