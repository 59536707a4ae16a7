import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rooted, type System } from "../../service/system.ts";
import { originalOfProgram } from "../originals.ts";
import type { Findings, FoundOriginal } from "./found-original.ts";
import { userName } from "./users.ts";

/** A process that runs an original. */
export interface OriginalProcess extends FoundOriginal {
  readonly origin: Extract<FoundOriginal["origin"], { kind: "process" }>;
  /** The unit of systemd that it belongs to; undefined for none. */
  readonly unit: string | undefined;
}

/** Control groups that engines of containers make. */
const CONTAINER = /docker|kubepods|containerd|libpod|crio|lxc|machine\.slice/;

/** Variables that the roles look at; the rest of a process's environment is its shell's. */
const KEPT = /^(?:GF_|AWS_|AZURE_|GOOGLE_|CONSUL_|NOMAD_|(?:https?|no|all)_proxy$|SSL_CERT_|TZ$)/i;

/** The originals that run on this machine, of which containers are told apart. Those of other users only root sees whole. */
export function originalProcesses(system: System): {
  readonly processes: readonly OriginalProcess[];
  readonly leftOut: readonly string[];
} {
  const processes: OriginalProcess[] = [];
  const leftOut: string[] = [];
  for (const pid of pidsOf(system)) {
    const found = readProcess(pid, system);
    if (found === undefined) continue;
    if (typeof found === "string") leftOut.push(found);
    else processes.push(found);
  }
  return { processes, leftOut };
}

/** The same, with those of units among them. */
export function findProcesses(system: System): Findings {
  const { processes, leftOut } = originalProcesses(system);
  return { originals: processes, leftOut };
}

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

function readProcess(pid: number, system: System): OriginalProcess | string | undefined {
  const path = (name: string): string => rooted(system, `/proc/${pid}/${name}`);
  const [program = "", ...words] = list(textOf(path("cmdline")));
  const original = originalOfProgram(program);
  if (original === undefined) return undefined;
  const name = `${original.title} (process ${pid})`;
  const groups = textOf(path("cgroup"));
  if (CONTAINER.test(groups)) return `${name} runs in a container: name its compose file with --from-compose`;
  const cwd = linkOf(path("cwd"));
  if (cwd === undefined)
    return `${name} belongs to another user, who alone sees its folder and environment: run this as root, or name its unit file with --from-unit`;
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(textOf(path("status")))?.[1];
  const env = list(textOf(path("environ"))).map((entry) => entry.split(/=(.*)/s, 2) as [string, string]);
  return {
    original,
    origin: { kind: "process", pid, comm: textOf(path("comm")).trim() },
    unit: /\/([^/\n]+\.service)(?:\/[^\n]*)?$/m.exec(groups)?.[1],
    program: linkOf(path("exe"))?.replace(/ \(deleted\)$/, "") ?? program,
    words,
    cwd,
    env: Object.fromEntries(env.filter(([variable]) => KEPT.test(variable))),
    user: uid === undefined ? undefined : userName(Number(uid), system),
    notes: [],
  };
}

const list = (text: string): readonly string[] => {
  const entries = text.split("\0");
  // Each ends with a NUL; an argument may be empty.
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
