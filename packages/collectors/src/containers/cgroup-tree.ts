import { readdirSync, statSync } from "node:fs";
import type { FileTree } from "../host-files/host-files.ts";

/** A control group that was there a moment ago. */
export interface Cgroup {
  /** Path below the hierarchy's root, `/` for the root itself: the `id` of its series. */
  readonly path: string;
  /** Tells a group from a later one of the same path. */
  readonly inode: number;
  /** Unix seconds of its folder's last change, near to when it was made. */
  readonly changed: number;
}

/** How the host's groups are laid out. */
export interface Hierarchies {
  readonly version: 1 | 2;
  /** Folder below /sys of a controller's hierarchy by the controller's name; of version 2 all in one, under "". */
  readonly folders: ReadonlyMap<string, string>;
}

const MOUNT = "fs/cgroup";

/** Controllers of version 1 whose numbers are shown. */
const CONTROLLERS = ["memory", "cpuacct", "cpu", "pids", "blkio"] as const;

/** Hierarchies that are walked: whoever makes groups of version 1 makes them in one of these at least. */
const WALKED = ["memory", "cpuacct", "pids"] as const;

/** Finds out which version of cgroups the host runs, or undefined if it has none. */
export function hierarchiesOf(sys: FileTree): Hierarchies | undefined {
  const names = sys.list(MOUNT);
  if (names.includes("cgroup.controllers")) return { version: 2, folders: new Map([["", MOUNT]]) };
  const folders = new Map<string, string>();
  // `cpu` may be a link to the mount `cpu,cpuacct`, which then wins: one folder is walked once.
  for (const name of names.toSorted((a, b) => a.split(",").length - b.split(",").length)) {
    if (sys.list(`${MOUNT}/${name}`).length === 0) continue;
    for (const controller of name.split(",")) folders.set(controller, `${MOUNT}/${name}`);
  }
  return CONTROLLERS.some((controller) => folders.has(controller)) ? { version: 1, folders } : undefined;
}

/** Walks the hierarchies: the root first, then every group with its children behind it. */
export function findCgroups(sys: FileTree, { version, folders }: Hierarchies): Cgroup[] {
  const roots = version === 2 ? [folders.get("")!] : WALKED.flatMap((name) => folders.get(name) ?? []);
  const found = new Map<string, Cgroup>();
  for (const root of new Set(roots)) walk(sys.path(root), "", found);
  return [...found.values()];
}

function walk(root: string, path: string, found: Map<string, Cgroup>): void {
  const stat = statSync(root + path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return;
  const id = path === "" ? "/" : path;
  const known = found.get(id);
  const changed = Math.floor(stat.mtimeMs / 1000);
  if (known === undefined || changed < known.changed)
    found.set(id, { path: id, inode: known?.inode ?? stat.ino, changed });
  // A folder's links are its name, its dot and the dots of its children: two mean that it has none.
  if (stat.nlink === 2) return;
  for (const child of childrenOf(root + path)) walk(root, `${path}/${child}`, found);
}

function childrenOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return []; // gone meanwhile
  }
}
