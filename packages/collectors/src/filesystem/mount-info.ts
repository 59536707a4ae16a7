import { type FileTree, type HostFiles, isMissing } from "../host-files/host-files.ts";
import { linesOf } from "../host-files/kernel-text.ts";

/** One line of /proc/<pid>/mountinfo. */
export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly fsType: string;
  readonly major: string;
  readonly minor: string;
  readonly isReadOnly: boolean;
}

/** The kernel writes blanks, tabs, newlines and backslashes of a path as three octal digits; node_exporter undoes two. */
const unescapePath = (path: string): string => path.replaceAll("\\040", " ").replaceAll("\\011", "\t");

/** Mount points in the order of mounting, not yet stripped of a root prefix. */
function parseMountInfo(text: string): Mount[] {
  return linesOf(text).map(parseMount);
}

function parseMount(line: string): Mount {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [major, minor] = (fields[2] ?? "").split(":");
  if (separator === -1 || minor === undefined) throw new Error(`mountinfo: malformed line "${line}"`);
  const options = (fields[5] ?? "").split(",");
  const superOptions = (fields[separator + 3] ?? "").split(",");
  return {
    device: fields[separator + 2] ?? "",
    mountPoint: unescapePath(fields[4]!),
    fsType: fields[separator + 1]!,
    major: major!,
    minor,
    isReadOnly: options.includes("ro") || superOptions.includes("ro") || superOptions.includes("emergency_ro"),
  };
}

/** A mount point as seen from inside --path.rootfs; the root itself is "/". */
function withoutRoot(mountPoint: string, rootfs: string): string {
  const root = rootfs.length > 1 && rootfs.endsWith("/") ? rootfs.slice(0, -1) : rootfs;
  if (root === "/") return mountPoint;
  const rest = mountPoint.startsWith(root) ? mountPoint.slice(root.length) : mountPoint;
  return rest === "" ? "/" : rest;
}

/** Mounts of process 1, or of this process where those are hidden (hidepid). */
function readMountInfo(proc: FileTree): string {
  try {
    return proc.read("1/mountinfo");
  } catch (error) {
    if (isMissing(error)) return proc.read("self/mountinfo");
    throw error;
  }
}

/** Every mount of the host, as seen from inside --path.rootfs. */
export const mountsOf = (files: HostFiles): readonly Mount[] =>
  parseMountInfo(readMountInfo(files.proc)).map((mount) => ({
    ...mount,
    mountPoint: withoutRoot(mount.mountPoint, files.rootfs.root),
  }));
