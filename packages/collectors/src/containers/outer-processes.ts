import { type FileTree, fileTree, type HostFiles } from "../host-files/host-files.ts";
import { ownerOf } from "./container-id.ts";

/** Processes come and go; all of the host's are looked through again after this long, ms. */
const FRESH_MS = 15_000;

/**
 * The containers' processes as seen from inside a PID namespace. There the list of a control group's processes leaves
 * out whoever is outside; the host's procfs, mounted into the exporter's container, has them all with their groups.
 */
export class OuterProcesses {
  readonly #proc: FileTree;
  #pids = new Map<string, string[]>();
  #readAt = Number.NEGATIVE_INFINITY;

  private constructor(proc: FileTree) {
    this.#proc = proc;
  }

  /** undefined if this process sees all that procfs shows: control groups then list their processes themselves. */
  static over(proc: FileTree): OuterProcesses | undefined {
    return seesUsInside(proc) ? new OuterProcesses(proc) : undefined;
  }

  /** Starts a scrape. @param present ids of the containers there are @param now ms of the monotonic clock */
  begin(present: Iterable<string>, now: number): void {
    const isKnown = [...present].every((id) => this.#pids.has(id));
    if (isKnown && now - this.#readAt < FRESH_MS) return;
    this.#readAt = now;
    this.#pids = new Map();
    for (const pid of this.#proc.list("")) {
      if (!/^\d+$/.test(pid)) continue;
      const id = containerOf(this.#proc.value(`${pid}/cgroup`) ?? "");
      if (id === undefined) continue;
      const pids = this.#pids.get(id);
      if (pids === undefined) this.#pids.set(id, [pid]);
      else pids.push(pid);
    }
    // The oldest process of a container has the lowest number, wrap-around aside.
    for (const pids of this.#pids.values()) pids.sort((a, b) => Number(a) - Number(b));
  }

  /** undefined if none was found. */
  of(containerId: string): readonly string[] | undefined {
    return this.#pids.get(containerId);
  }
}

/**
 * The procfs that shows the containers' processes: that of --path.procfs, or the one below --path.rootfs if it is the
 * host's and the first is our container's own.
 */
export function processFiles({ proc, rootfs }: Pick<HostFiles, "proc" | "rootfs">): FileTree {
  const below = fileTree(rootfs.path("proc"));
  return !seesUsInside(proc) && seesUsInside(below) ? below : proc;
}

/** Is this procfs that of a PID namespace around ours? Then it has a number for this process in each of them. */
function seesUsInside(proc: FileTree): boolean {
  const ids = /^NSpid:\s*(.*)$/m.exec(proc.value("self/status") ?? "")?.[1] ?? "";
  return ids.trim().split(/\s+/).length > 1;
}

/**
 * The container a process is in, by any of its hierarchies. Paths may begin with `/..`, as they are told from where the
 * exporter's own group is.
 */
function containerOf(cgroup: string): string | undefined {
  for (const line of cgroup.split("\n")) {
    const id = ownerOf(line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1)).containerId;
    if (id !== undefined) return id;
  }
  return undefined;
}
