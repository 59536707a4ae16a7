import { formatByteSize } from "@narthex/config";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Machine } from "../machine/machine.ts";

const MIB = 1024 * 1024;

/** Files and connections of a role; below the first number there is no use in starting. */
const OPEN_FILES = { least: 1024, enough: 8192 };
/** Processes and threads of the user. */
const PROCESSES = { least: 64, enough: 512 };
/** Memory of a role, as a container has it; `up` has five of them. */
const ROLE_MEMORY = { least: 96 * MIB, enough: 256 * MIB };
const MAP_COUNT = 65_530;
const INOTIFY = { max_user_instances: 128, max_user_watches: 8192 };

/** What the system lets these programs have. */
export const limits: Check = {
  name: "limits",
  about: "open files, processes, memory of the container, memory maps, inotify",
  async run(context) {
    const { machine } = context;
    const [own, memory, maps, inotify] = await Promise.all([
      processLimits(machine),
      memoryLimit(context),
      mapCount(machine),
      inotifyLimits(machine),
    ]);
    return [...own, ...memory, ...maps, ...inotify];
  },
};

async function processLimits(machine: Machine): Promise<readonly Finding[]> {
  const text = await machine.kernelText("/proc/self/limits");
  if (text === undefined) return [];
  // Node raises the soft limit of files to the hard one at its start.
  const hard = (name: string): number => {
    const value = new Map(text.split("\n").map((line) => [line.slice(0, 26).trim(), line.slice(26).trim()])).get(name);
    const word = value?.split(/\s+/)[1] ?? "unlimited";
    return word === "unlimited" ? Infinity : Number(word);
  };
  const files = hard("Max open files");
  const processes = hard("Max processes");
  return [
    judged(`up to ${files} open files and connections for each role`, files, OPEN_FILES, {
      hint: `ulimit -Hn ${OPEN_FILES.enough} as root, LimitNOFILE=${OPEN_FILES.enough} in the unit, or --ulimit nofile=${OPEN_FILES.enough} of docker run`,
    }),
    judged(`up to ${processes} processes and threads of this user`, processes, PROCESSES, {
      hint: `ulimit -Hu ${PROCESSES.enough} as root, TasksMax=${PROCESSES.enough} in the unit, or --pids-limit ${PROCESSES.enough} of docker run`,
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
  if (value < least) return error(`${shown}: that is too few`, hint);
  return value < enough ? warning(`${shown}: that is few`, hint) : ok(shown);
}

async function memoryLimit({ machine, subject }: DoctorContext): Promise<readonly Finding[]> {
  const limit = await cgroupMemory(machine);
  if (limit === undefined) return [];
  const roles = subject.roles.length;
  const what = `the container may take ${formatByteSize(Math.floor(limit / MIB) * MIB)} of memory, for ${roles === 1 ? "one role" : `${roles} roles`}`;
  const enough = ROLE_MEMORY.enough * roles;
  const hint = `give it ${formatByteSize(enough)} or more: --memory of docker run, mem_limit in the compose file, MemoryMax= in the unit`;
  if (limit < ROLE_MEMORY.least * roles) return [error(`${what}: that is too little`, hint)];
  return [limit < enough ? warning(`${what}: that is little`, hint) : ok(what)];
}

/** The lowest limit of the control groups that this process is in, in bytes; undefined for none. */
async function cgroupMemory(machine: Machine): Promise<number | undefined> {
  const groups = (await machine.kernelText("/proc/self/cgroup")) ?? "";
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const legacy = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const files = [
    ...(unified === undefined ? [] : foldersOf(unified).map((path) => `/sys/fs/cgroup${path}/memory.max`)),
    ...(legacy === undefined
      ? []
      : foldersOf(legacy).map((path) => `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`)),
  ];
  const texts = await Promise.all(files.map((file) => machine.kernelText(file)));
  // The old hierarchy says "none" with a number that no machine has.
  const known = texts.map((text) => Number(text?.trim())).filter((bytes) => bytes > 0 && bytes < 2 ** 60);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** A path and all above it: `/a/b` → `/a/b`, `/a`, ``. */
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
  return [count < MAP_COUNT ? warning(`${what}: each block that is read takes some maps`, hint) : ok(what)];
}

async function inotifyLimits(machine: Machine): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [name, least] of Object.entries(INOTIFY)) {
    const value = await kernelNumber(machine, `/proc/sys/fs/inotify/${name}`);
    if (value === undefined) continue;
    const what = `fs.inotify.${name} is ${value}`;
    const hint = `sysctl -w fs.inotify.${name}=${least}, and the same line in /etc/sysctl.d/`;
    findings.push(value < least ? warning(`${what}: changes of files that are watched may be missed`, hint) : ok(what));
  }
  return findings;
}

async function kernelNumber(machine: Machine, path: string): Promise<number | undefined> {
  const text = await machine.kernelText(path);
  return text === undefined || !/^\d+\s*$/.test(text) ? undefined : Number(text);
}
