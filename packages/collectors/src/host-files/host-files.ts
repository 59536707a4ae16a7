import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DescriptorCache, readWhole } from "./descriptor-cache.ts";
import { netlinkExchange, type NetlinkExchange } from "../system-calls/netlink.ts";

/**
 * A folder of kernel files with synchronous reads. Most files of /proc and /sys answer from memory in microseconds,
 * which is faster than a thread pool. For files whose drivers may sleep, use withDriverFiles(). Has no methods for
 * calls that can hang, such as statfs of a dead mount.
 */
export interface FileTree {
  readonly root: string;
  /** Returns the absolute path of a file in the tree. */
  path(relative: string): string;
  /** Returns the whole content of a file. Throws Node's error (`code` ENOENT, EACCES, EINVAL …). */
  read(relative: string): string;
  /**
   * Returns a file's content without surrounding white space. Returns undefined if the file is missing or the kernel
   * refuses to read it.
   */
  value(relative: string): string | undefined;
  /**
   * Returns the names in a folder in byte order. The list is empty if the folder is missing. Throws Node's error if it
   * cannot be read.
   */
  list(relative: string): readonly string[];
  /**
   * Returns the entries of a folder in byte order, without following symbolic links. Throws Node's error if it cannot
   * be read.
   */
  entries(relative: string): readonly FolderEntry[];
  /** Reports whether the path is a folder or a link to one. */
  isFolder(relative: string): boolean;
  /** Returns the inode of a folder, or undefined if the path is no folder. A new device has a new inode. */
  inode(relative: string): number | undefined;
  /** Returns the path with all symbolic links resolved. Returns undefined if the target does not exist. */
  real(relative: string): string | undefined;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

/** All files that a collector may read. */
export interface HostFiles {
  readonly proc: FileTree;
  readonly sys: FileTree;
  readonly udev: FileTree;
  readonly rootfs: FileTree;
  /**
   * Files and netlink of this process itself, for data about its own network namespace. The path flags have no effect
   * on them.
   */
  readonly own: {
    readonly proc: FileTree;
    readonly sys: FileTree;
    /** Opens a netlink protocol of the kernel. Throws NoDataError if this process cannot use it. */
    readonly netlink: (protocol: number) => Promise<NetlinkExchange>;
  };
}

export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

export const DEFAULT_PATHS: HostPaths = {
  procfs: "/proc",
  sysfs: "/sys",
  rootfs: "/",
  udevData: "/run/udev/data",
};

/**
 * Returns the result of `read`. Removes stack traces from errors, because a missing file is an ordinary result and a
 * stack trace costs more than the call.
 */
function withoutStack<T>(read: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return read();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return withoutStack(read);
  } catch {
    return undefined;
  }
}

/** Errors of a folder that does not exist, or whose device is gone. */
const NO_FOLDER: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENODEV", "ENXIO"]);

const isNoFolder = (error: unknown): boolean => NO_FOLDER.has((error as NodeJS.ErrnoException).code ?? "");

function namesIn(path: string): readonly string[] {
  try {
    return withoutStack(() => readdirSync(path).sort());
  } catch (error) {
    if (isNoFolder(error)) return [];
    throw error;
  }
}

/**
 * Returns the names in a folder like `list()`. The folder is listed on another thread, because it may have thousands of
 * names.
 */
export async function listOnThread(tree: FileTree, relative: string): Promise<readonly string[]> {
  try {
    return (await readdir(tree.path(relative))).sort();
  } catch (error) {
    if (isNoFolder(error)) return [];
    throw error;
  }
}

/** Opens a folder as a tree; the folder need not exist. */
export function fileTree(root: string): FileTree {
  const prefix = root.endsWith("/") ? root : `${root}/`;
  const path = (relative: string): string => prefix + relative;
  const kept = DescriptorCache.over(prefix);
  const folder = (relative: string): Stats | undefined => {
    const stats = statSync(path(relative), { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? stats : undefined;
  };
  const read = (relative: string): string => (kept === undefined ? readWhole(path(relative)) : kept.read(relative));
  return {
    root,
    path,
    read,
    value: (relative) => quietly(() => read(relative))?.trim(),
    list: (relative) => namesIn(path(relative)),
    entries: (relative) =>
      readdirSync(path(relative), { withFileTypes: true })
        .map((entry) => ({ name: entry.name, isFile: entry.isFile(), isFolder: entry.isDirectory() }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    isFolder: (relative) => (kept === undefined ? folder(relative) !== undefined : kept.isFolder(relative)),
    inode: (relative) => (kept === undefined ? folder(relative)?.ino : kept.inode(relative)),
    real: (relative) => quietly(() => realpathSync.native(path(relative))),
  };
}

let kept: FileTree | undefined;

/** Returns this process's own /proc. All callers share one tree, so each scrape reads a shared file once. */
export const ownProc = (): FileTree => (kept ??= fileTree(DEFAULT_PATHS.procfs));

/** Returns the file trees for the --path.* flags. */
export function hostFiles(paths: HostPaths): HostFiles {
  return {
    proc: paths.procfs === DEFAULT_PATHS.procfs ? ownProc() : fileTree(paths.procfs),
    sys: fileTree(paths.sysfs),
    udev: fileTree(paths.udevData),
    rootfs: fileTree(paths.rootfs),
    own: { proc: ownProc(), sys: fileTree(DEFAULT_PATHS.sysfs), netlink: netlinkExchange },
  };
}

/** Reports whether Node threw the error because a file or a folder is missing. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** Reports whether Node threw the error because this user does not have the permission to read a file. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");

/** Returns the path of a mount point below --path.rootfs. */
export const belowRoot = (files: HostFiles, mountPoint: string): string => join(files.rootfs.root, mountPoint);
