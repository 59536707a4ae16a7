import { readdirSync, statSync } from "node:fs";
import type { Steps } from "@narthex/runtime";
import type { FileTree } from "../host-files/host-files.ts";

/** A control group that existed when the folders were listed. */
export interface Cgroup {
  /** Path below the hierarchy's root, or `/` for the root. This path is the `id` of the control group's series. */
  readonly path: string;
  /** Inode of the control group's folder, which distinguishes the group from a later one with the same path. */
  readonly inode: number;
  /**
   * Creation time of the control group in Unix seconds, estimated from its files. The time does not change while the
   * group exists.
   */
  readonly created: number;
}

/** Returns the path of a control group and the paths above it; the last one is the root. */
export function withAncestors(path: string): readonly string[] {
  const paths = [path];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) paths.push(path.slice(0, end));
  if (path !== "/") paths.push("/");
  return paths;
}

/** Version and location of the host's cgroup hierarchies. */
export interface Hierarchies {
  readonly version: 1 | 2;
  /**
   * Folder below /sys of each controller's hierarchy, by the controller's name. Version 2 has a single folder, under
   * the name "".
   */
  readonly folders: ReadonlyMap<string, string>;
}

const MOUNT = "fs/cgroup";

/** Cgroup version 1 controllers whose numbers the collector exports. */
const CONTROLLERS = ["memory", "cpuacct", "cpu", "pids", "blkio"] as const;

/**
 * Hierarchies of cgroup version 1 in which control groups are searched. A program creates its control groups in at
 * least one of these hierarchies.
 */
const WALKED = ["memory", "cpuacct", "pids"] as const;

/** Returns the version of cgroups that the host runs and its folders, or undefined if the host has none. */
export function hierarchiesOf(sys: FileTree): Hierarchies | undefined {
  const names = sys.list(MOUNT);
  if (names.includes("cgroup.controllers")) return { version: 2, folders: new Map([["", MOUNT]]) };
  const folders = new Map<string, string>();
  // Tries the mount `cpu,cpuacct` before the link `cpu`, so that the folder is walked only once.
  for (const name of names.toSorted((a, b) => a.split(",").length - b.split(",").length)) {
    if (sys.list(`${MOUNT}/${name}`).length === 0) continue;
    for (const controller of name.split(",")) folders.set(controller, `${MOUNT}/${name}`);
  }
  return CONTROLLERS.some((controller) => folders.has(controller)) ? { version: 1, folders } : undefined;
}

/**
 * Walks the hierarchies. Returns the root first, then every control group followed by its children.
 * @param before the groups of the last walk, by path
 */
export function* findingCgroups(
  sys: FileTree,
  { version, folders }: Hierarchies,
  before: ReadonlyMap<string, Cgroup>,
): Steps<Cgroup[]> {
  const roots = version === 2 ? [folders.get("")!] : WALKED.flatMap((name) => folders.get(name) ?? []);
  const walk: Walk = { before, found: new Map(), witness: WITNESSES[version] };
  for (const root of new Set(roots)) yield* visiting(sys.path(root), "", walk);
  return [...walk.found.values()];
}

/**
 * Files of a group that the kernel changes rarely or never, by cgroup version. Their times show when the group was
 * created. The folder's own time changes with each child.
 */
const WITNESSES = { 1: "cgroup.clone_children", 2: "cgroup.events" } as const;

interface Walk {
  readonly before: ReadonlyMap<string, Cgroup>;
  readonly found: Map<string, Cgroup>;
  readonly witness: string;
}

function* visiting(root: string, path: string, walk: Walk): Steps<void> {
  yield;
  const stat = statSync(root + path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) return;
  const id = path === "" ? "/" : path;
  const known = walk.found.get(id);
  const inode = known?.inode ?? stat.ino;
  const last = walk.before.get(id);
  const isSame = last?.inode === inode;
  const earlier = isSame ? last.created * 1000 : witnessed(`${root}${path}/${walk.witness}`);
  const created = Math.floor(Math.min(stat.mtimeMs, earlier) / 1000);
  if (known === undefined || created < known.created) walk.found.set(id, { path: id, inode, created });
  // Returns early if the folder has no children. Its link count is then 2 (its name and its entry `.`); each child
  // folder would add 1.
  if (stat.nlink === 2) return;
  for (const child of childrenOf(root + path)) yield* visiting(root, `${path}/${child}`, walk);
}

const witnessed = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;

function childrenOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    // Returns no groups if the control group was removed after its parent was listed.
    return [];
  }
}
