import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { DescriptorCache, readWhole } from "./descriptor-cache.ts";
import { netlinkExchange, type NetlinkExchange } from "../system-calls/netlink.ts";

/**
 * A folder of kernel files. Reads are synchronous on purpose: /proc and /sys answer from memory in microseconds, and
 * a trip through the thread pool costs more than the read. What can hang (statfs of a dead mount) is not read here.
 */
export interface FileTree {
  readonly root: string;
  /** Absolute path of a file in the tree. */
  path(relative: string): string;
  /** Whole content. Throws Node's error (`code` ENOENT, EACCES, EINVAL …). */
  read(relative: string): string;
  /** Content without surrounding white space, or undefined if the file is missing or the kernel refuses to read it. */
  value(relative: string): string | undefined;
  /** Names in a folder in byte order, empty if it is missing. */
  list(relative: string): readonly string[];
  /** What a folder holds, in byte order, symbolic links as such. Throws Node's error if it cannot be read. */
  entries(relative: string): readonly FolderEntry[];
  /** Is there a folder, or a link to one? */
  isFolder(relative: string): boolean;
  /** The path behind all symbolic links, undefined if it leads nowhere. */
  real(relative: string): string | undefined;
}

/** One name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

/** Everything a collector may look at. */
export interface HostFiles {
  readonly proc: FileTree;
  readonly sys: FileTree;
  readonly udev: FileTree;
  readonly rootfs: FileTree;
  /** This process's own view, whatever the path flags say: its network namespace, in files and over netlink. */
  readonly own: {
    readonly proc: FileTree;
    readonly sys: FileTree;
    /** A way to ask a part of the kernel. Throws NoDataError if this process has none. */
    readonly netlink: (protocol: number) => Promise<NetlinkExchange>;
  };
}

/** The --path.* flags. */
export interface HostPaths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udevData: string;
}

/** Where a Linux host has them. */
export const DEFAULT_PATHS: HostPaths = {
  procfs: "/proc",
  sysfs: "/sys",
  rootfs: "/",
  udevData: "/run/udev/data",
};

/** Runs without the stack in errors: a file that is missing is an answer, and a stack costs more than the question. */
function quietly<T>(ask: () => T): T | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return ask();
  } catch {
    return undefined;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Opens a folder as a tree; the folder need not exist. */
export function fileTree(root: string): FileTree {
  const prefix = root.endsWith("/") ? root : `${root}/`;
  const path = (relative: string): string => prefix + relative;
  const kept = DescriptorCache.over(prefix);
  const read = (relative: string): string => (kept === undefined ? readWhole(path(relative)) : kept.read(relative));
  return {
    root,
    path,
    read,
    value: (relative) => quietly(() => read(relative))?.trim(),
    list: (relative) => quietly(() => readdirSync(path(relative)).sort()) ?? [],
    entries: (relative) =>
      readdirSync(path(relative), { withFileTypes: true })
        .map((entry) => ({ name: entry.name, isFile: entry.isFile(), isFolder: entry.isDirectory() }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    isFolder: (relative) =>
      kept === undefined
        ? statSync(path(relative), { throwIfNoEntry: false })?.isDirectory() === true
        : kept.isFolder(relative),
    real: (relative) => quietly(() => realpathSync(path(relative))),
  };
}

/** The trees behind the --path.* flags. */
export function hostFiles(paths: HostPaths): HostFiles {
  return {
    proc: fileTree(paths.procfs),
    sys: fileTree(paths.sysfs),
    udev: fileTree(paths.udevData),
    rootfs: fileTree(paths.rootfs),
    own: { proc: fileTree(DEFAULT_PATHS.procfs), sys: fileTree(DEFAULT_PATHS.sysfs), netlink: netlinkExchange },
  };
}

/** True for the error Node throws where a file or a folder is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** True for the error Node throws where this user may not look. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");

/** Path of a mount point below --path.rootfs. */
export const belowRoot = (files: HostFiles, mountPoint: string): string => join(files.rootfs.root, mountPoint);
