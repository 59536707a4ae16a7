import type { Steps } from "@narthex/runtime";
import { type FileTree, fileTree, type HostFiles } from "../host-files/host-files.ts";
import { enclosingContainer } from "./container-id.ts";

/** Time in ms after which all processes of the host are searched again, because processes change often. */
const FRESH_MS = 15_000;

/**
 * Finds the processes of containers if the exporter runs in a PID namespace. In such a namespace, a control group's
 * list omits outside processes. Uses the host's procfs, which is mounted into the exporter's container.
 */
export class OuterProcesses {
  readonly #proc: FileTree;
  #pids = new Map<string, string[]>();
  /** Containers that existed at the last search, with or without visible processes. */
  #searched: ReadonlySet<string> = new Set();
  #readAt = Number.NEGATIVE_INFINITY;

  private constructor(proc: FileTree) {
    this.#proc = proc;
  }

  /**
   * Returns an object that finds the processes. Returns undefined if the exporter can see all processes, because
   * control groups then list them.
   */
  static over(proc: FileTree): OuterProcesses | undefined {
    return seesUsInside(proc) ? new OuterProcesses(proc) : undefined;
  }

  /**
   * Begins a scrape.
   * @param ids ids of the existing containers
   * @param now ms of the monotonic clock
   */
  *beginning(ids: ReadonlySet<string>, now: number): Steps<void> {
    if (ids.isSubsetOf(this.#searched) && now - this.#readAt < FRESH_MS) return;
    this.#readAt = now;
    this.#searched = ids;
    const found = new Map<string, string[]>();
    for (const pid of this.#proc.list("")) {
      if (!/^\d+$/.test(pid)) continue;
      yield;
      const id = containerOf(this.#proc.value(`${pid}/cgroup`) ?? "");
      if (id === undefined) continue;
      const pids = found.get(id);
      if (pids === undefined) found.set(id, [pid]);
      else pids.push(pid);
    }
    // Sorts the process ids by number. The oldest process of a container has the lowest number, unless the numbers
    // wrapped around.
    for (const pids of found.values()) pids.sort((a, b) => Number(a) - Number(b));
    this.#pids = found;
  }

  /** Returns the process ids of a container, or undefined if none was found. */
  of(containerId: string): readonly string[] | undefined {
    return this.#pids.get(containerId);
  }
}

/**
 * Returns the procfs that shows the containers' processes: --path.procfs, or the host's procfs below --path.rootfs if
 * --path.procfs shows only this container.
 */
export function processFiles({ proc, rootfs }: Pick<HostFiles, "proc" | "rootfs">): FileTree {
  const below = fileTree(rootfs.path("proc"));
  return !seesUsInside(proc) && seesUsInside(below) ? below : proc;
}

/**
 * Returns whether this procfs belongs to an outer PID namespace. Its status file then lists several ids for this
 * process, one for each namespace.
 */
function seesUsInside(proc: FileTree): boolean {
  const ids = /^NSpid:\s*(.*)$/m.exec(proc.value("self/status") ?? "")?.[1] ?? "";
  return ids.trim().split(/\s+/).length > 1;
}

/**
 * Returns the container id of a process from its cgroup file. Paths may begin with `/..`, since they are relative to
 * the exporter's own group.
 */
function containerOf(cgroup: string): string | undefined {
  for (const line of cgroup.split("\n")) {
    const id = enclosingContainer(line.slice(line.indexOf(":", line.indexOf(":") + 1) + 1));
    if (id !== undefined) return id;
  }
  return undefined;
}
