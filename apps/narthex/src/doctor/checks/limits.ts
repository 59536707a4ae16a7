import { formatByteSize } from "@narthex/config";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Machine } from "../machine/machine.ts";
import { otherData, roleOf } from "../subject/running-role.ts";

const MIB = 1024 * 1024;

/**
 * Limits for open files and connections of one process. Below `least` the process does not work properly; from `enough`
 * on there is no warning.
 */
const OPEN_FILES = { least: 1024, enough: 8192 };
/** Limits for the number of processes and threads of a user or cgroup. */
const PROCESSES = { least: 64, enough: 512 };
/** Memory limits for one server process, for example in a container. `narthex up` runs five server processes. */
const ROLE_MEMORY = { least: 96 * MIB, enough: 256 * MIB };
const MAP_COUNT = 65_530;
const INOTIFY = { max_user_instances: 128, max_user_watches: 8192 };

/** A process whose limits are reported: a running server, or this process if no server is visible. */
interface Limited {
  /** Folder of the process in /proc. */
  readonly proc: string;
  /** Text at the end of a finding that names the process. */
  readonly whose: string;
  /** Number of servers that share these limits. */
  readonly roles: number;
}

/** Checks the limits that the system sets for the server processes. */
export const limits: Check = {
  name: "limits",
  about: "open files, processes, memory of the container, memory maps, inotify",
  async run(context) {
    const { machine } = context;
    const found = await Promise.all(
      (await limitedOf(context)).map(async (one) => [
        ...(await processLimits(machine, one)),
        ...(await pidsLimit(machine, one)),
        ...(await memoryLimit(machine, one)),
      ]),
    );
    const [maps, inotify] = await Promise.all([mapCount(machine), inotifyLimits(machine)]);
    return [...found.flat(), ...maps, ...inotify];
  },
};

/**
 * Returns the running server processes that are visible to this user. If some are not visible, this process is included
 * in their place.
 */
async function limitedOf({ machine, subject }: DoctorContext): Promise<readonly Limited[]> {
  const ports = subject.roles.flatMap(({ listens }) => listens.map(({ address }) => address.port));
  const listeners = await machine.listenersOn(ports);
  const running: Limited[] = [];
  for (const one of subject.roles) {
    const { role, listens } = one;
    const own = listeners.find(
      ({ port, program }) =>
        listens.some(({ address }) => address.port === port) &&
        program !== undefined &&
        roleOf(program.command) === role,
    );
    const program = own?.program;
    if (program === undefined || (await otherData(machine, program, one)) !== undefined) continue;
    const { pid } = program;
    running.push({ proc: `/proc/${pid}`, whose: `${role}, pid ${pid}`, roles: 1 });
  }
  const rest = subject.roles.length - running.length;
  const here = {
    proc: "/proc/self",
    whose: "this process, whose limits apply to roles that are started here",
    roles: rest,
  };
  return alike(machine, rest > 0 ? [...running, here] : running);
}

/** Merges processes with equal limits in the same cgroup into one entry, because they share the cgroup's limits. */
async function alike(machine: Machine, all: readonly Limited[]): Promise<readonly Limited[]> {
  const known = new Map<string, Limited>();
  for (const one of all) {
    const texts = await Promise.all(["limits", "cgroup"].map((name) => machine.kernelText(`${one.proc}/${name}`)));
    const key = JSON.stringify(texts);
    const other = known.get(key);
    known.set(
      key,
      other === undefined ? one : { ...other, whose: `${other.whose}; ${one.whose}`, roles: other.roles + one.roles },
    );
  }
  return [...known.values()];
}

async function processLimits(machine: Machine, { proc, whose }: Limited): Promise<readonly Finding[]> {
  const text = await machine.kernelText(`${proc}/limits`);
  if (text === undefined) return [];
  // Reads a hard limit. Hard limits matter, because Node raises its soft limit of open files to the hard limit at the
  // start.
  const hard = (name: string): number => {
    const value = new Map(text.split("\n").map((line) => [line.slice(0, 26).trim(), line.slice(26).trim()])).get(name);
    const word = value?.split(/\s+/)[1] ?? "unlimited";
    return word === "unlimited" ? Infinity : Number(word);
  };
  const files = hard("Max open files");
  const processes = hard("Max processes");
  return [
    judged(`up to ${files} open files and connections (${whose})`, files, OPEN_FILES, {
      hint: `ulimit -Hn ${OPEN_FILES.enough} as root, LimitNOFILE=${OPEN_FILES.enough} in the unit, or --ulimit nofile=${OPEN_FILES.enough} of docker run`,
    }),
    judged(`up to ${processes} processes and threads of the user (${whose})`, processes, PROCESSES, {
      hint: `ulimit -Hu ${PROCESSES.enough} as root, LimitNPROC=${PROCESSES.enough} in the unit, or --ulimit nproc=${PROCESSES.enough} of docker run`,
    }),
  ];
}

/** Checks the process limit of the control group, which applies to a whole unit or container. */
async function pidsLimit(machine: Machine, { proc, whose }: Limited): Promise<readonly Finding[]> {
  const limit = await groupLimit(machine, proc, { controller: "pids", unified: "pids.max", legacy: "pids.max" });
  if (limit === undefined) return [];
  return [
    judged(`up to ${limit} processes and threads of the unit or container (${whose})`, limit, PROCESSES, {
      hint: `TasksMax=${PROCESSES.enough} in the unit, --pids-limit ${PROCESSES.enough} of docker run, pids_limit in the compose file`,
    }),
  ];
}

function judged(
  what: string,
  value: number,
  { least, enough }: { readonly least: number; readonly enough: number },
  { hint }: { readonly hint: string },
): Finding {
  const shown = what.replace("Infinity", "any number of").replace("up to any", "any");
  if (value < least) return error(`${shown}: too few`, hint);
  return value < enough ? warning(`${shown}: few`, hint) : ok(shown);
}

async function memoryLimit(machine: Machine, { proc, whose, roles }: Limited): Promise<readonly Finding[]> {
  const limit = await groupLimit(machine, proc, {
    controller: "memory",
    unified: "memory.max",
    legacy: "memory.limit_in_bytes",
  });
  if (limit === undefined) return [];
  const what = `the unit or container may take ${formatByteSize(Math.floor(limit / MIB) * MIB)} of memory, for ${roles === 1 ? "one role" : `${roles} roles`} (${whose})`;
  const enough = ROLE_MEMORY.enough * roles;
  const hint = `give it ${formatByteSize(enough)} or more: --memory of docker run, mem_limit in the compose file, MemoryMax= in the unit`;
  if (limit < ROLE_MEMORY.least * roles) return [error(`${what}: too little`, hint)];
  return [limit < enough ? warning(`${what}: little`, hint) : ok(what)];
}

/** Names of a cgroup limit: the controller, and the file of the limit in cgroup v2 and v1. */
interface GroupLimit {
  readonly controller: string;
  readonly unified: string;
  readonly legacy: string;
}

/**
 * Returns the lowest limit of a process's cgroup and its parent cgroups. Returns undefined if none of them has a limit.
 */
async function groupLimit(machine: Machine, proc: string, names: GroupLimit): Promise<number | undefined> {
  const groups = (await machine.kernelText(`${proc}/cgroup`)) ?? "";
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const legacy = groups
    .split("\n")
    .map((line) => /^\d+:([^:]+):(.*)$/.exec(line))
    .find((match) => match?.[1]!.split(",").includes(names.controller))?.[2];
  const files = [
    ...(unified === undefined ? [] : foldersOf(unified).map((path) => `/sys/fs/cgroup${path}/${names.unified}`)),
    ...(legacy === undefined
      ? []
      : foldersOf(legacy).map((path) => `/sys/fs/cgroup/${names.controller}${path}/${names.legacy}`)),
  ];
  const texts = await Promise.all(files.map((file) => machine.kernelText(file)));
  // Limits of the groups. Very large numbers are dropped, because cgroup v1 represents "no limit" by a number that is
  // larger than the memory of any machine.
  const known = texts.map((text) => Number(text?.trim())).filter((value) => value > 0 && value < 2 ** 60);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Returns a path and all its parents: `/a/b` → `/a/b`, `/a`, ``. */
const foldersOf = (path: string): readonly string[] => {
  const words = path.split("/").filter((word) => word !== "");
  return Array.from({ length: words.length + 1 }, (_, i) =>
    words
      .slice(0, words.length - i)
      .map((word) => `/${word}`)
      .join(""),
  );
};

async function mapCount(machine: Machine): Promise<readonly Finding[]> {
  const count = await kernelNumber(machine, "/proc/sys/vm/max_map_count");
  if (count === undefined) return [];
  const what = `vm.max_map_count is ${count}`;
  const hint = `sysctl -w vm.max_map_count=${MAP_COUNT}, and the same line in /etc/sysctl.d/`;
  return [count < MAP_COUNT ? warning(`${what}: each open block needs some maps`, hint) : ok(what)];
}

async function inotifyLimits(machine: Machine): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [name, least] of Object.entries(INOTIFY)) {
    const value = await kernelNumber(machine, `/proc/sys/fs/inotify/${name}`);
    if (value === undefined) continue;
    const what = `fs.inotify.${name} is ${value}`;
    const hint = `sysctl -w fs.inotify.${name}=${least}, and the same line in /etc/sysctl.d/`;
    findings.push(value < least ? warning(`${what}: changes of watched files may be missed`, hint) : ok(what));
  }
  return findings;
}

async function kernelNumber(machine: Machine, path: string): Promise<number | undefined> {
  const text = await machine.kernelText(path);
  return text === undefined || !/^\d+\s*$/.test(text) ? undefined : Number(text);
}
