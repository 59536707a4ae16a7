import type { Steps } from "@narthex/runtime";
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
  /** Key of the series: device, mount point and type. Mounts with equal keys have the same series. */
  readonly key: string;
}

/** Separator that cannot occur in a label value. */
const SEPARATOR = "\ud800";

/**
 * Decodes the octal escapes of blanks and tabs in a path. The kernel also escapes newlines and backslashes, which
 * node_exporter leaves unchanged.
 */
const unescapePath = (path: string): string => path.replaceAll("\\040", " ").replaceAll("\\011", "\t");

function parseMount(line: string, rootfs: string): Mount {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [major, minor] = (fields[2] ?? "").split(":");
  if (separator === -1 || minor === undefined) throw new Error(`mountinfo: malformed line "${line}"`);
  const options = (fields[5] ?? "").split(",");
  const superOptions = (fields[separator + 3] ?? "").split(",");
  const device = fields[separator + 2] ?? "";
  const fsType = fields[separator + 1]!;
  const mountPoint = withoutRoot(unescapePath(fields[4]!), rootfs);
  return {
    device,
    mountPoint,
    fsType,
    key: [device, mountPoint, fsType].join(SEPARATOR),
    major: major!,
    minor,
    isReadOnly: options.includes("ro") || superOptions.includes("ro") || superOptions.includes("emergency_ro"),
  };
}

/** Returns a mount point relative to --path.rootfs. The root itself is "/". */
function withoutRoot(mountPoint: string, rootfs: string): string {
  const root = rootfs.length > 1 && rootfs.endsWith("/") ? rootfs.slice(0, -1) : rootfs;
  if (root === "/") return mountPoint;
  const rest = mountPoint.startsWith(root) ? mountPoint.slice(root.length) : mountPoint;
  return rest === "" ? "/" : rest;
}

/** Reads the mounts of process 1. Reads the mounts of this process if those of process 1 are hidden (hidepid). */
function readMountInfo(proc: FileTree): string {
  try {
    return proc.read("1/mountinfo");
  } catch (error) {
    if (isMissing(error)) return proc.read("self/mountinfo");
    throw error;
  }
}

/** Parses mountinfo into the wanted mounts in the order of mounting. */
function* parsing(text: string, rootfs: string, isWanted: (mount: Mount) => boolean): Steps<readonly Mount[]> {
  const mounts: Mount[] = [];
  for (const line of linesOf(text)) {
    yield;
    const mount = parseMount(line, rootfs);
    if (isWanted(mount)) mounts.push(mount);
  }
  return mounts;
}

/** Returns every mount of the host, with mount points relative to --path.rootfs. */
export const listingMounts = (files: HostFiles): Steps<readonly Mount[]> =>
  parsing(readMountInfo(files.proc), files.rootfs.root, () => true);

/** The mounts that a filter selects. The filter runs again only if the host's list of mounts changed. */
export class MountList {
  readonly #isWanted: (mount: Mount) => boolean;
  #text: string | undefined;
  #mounts: readonly Mount[] = [];

  constructor(isWanted: (mount: Mount) => boolean) {
    this.#isWanted = isWanted;
  }

  *listing(files: HostFiles): Steps<readonly Mount[]> {
    const text = readMountInfo(files.proc);
    if (text === this.#text) return this.#mounts;
    const mounts = yield* parsing(text, files.rootfs.root, this.#isWanted);
    this.#text = text;
    this.#mounts = mounts;
    return mounts;
  }
}
