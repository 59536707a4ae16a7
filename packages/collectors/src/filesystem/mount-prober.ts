import { type StatsFs, statfs } from "node:fs";
import { getSystemErrorMap, promisify } from "node:util";
import type { Logger } from "@narthex/runtime";
import { type Deadline, TIMED_OUT } from "../collection/time-limit.ts";
import { MAX_MOUNT_CALLS } from "../thread-pool.ts";
import type { Mount } from "./mount-info.ts";

/** Function that asks the kernel for the space of one mounted file system (statfs). */
export type StatFs = (
  path: string,
) => Promise<Pick<StatsFs, "bsize" | "blocks" | "bfree" | "bavail" | "files" | "ffree">>;

/** Calls statfs(2). The function of node:fs/promises would allocate an array in each call. */
export const statFs: StatFs = promisify(statfs);

/** The result of statfs, or its error message. */
export type MountAnswer = { readonly stats: Awaited<ReturnType<StatFs>> } | { readonly error: string };

const TIMEOUT: MountAnswer = { error: "mountpoint timeout" };

const NOT_ASKED: MountAnswer = { error: "not asked: other mountpoints do not answer" };

/**
 * Largest number of concurrent statfs calls to mounts that may depend on a server. A call to a dead mount blocks its
 * thread, so one thread is reserved for local file systems.
 */
const MAX_REMOTE_PROBES = MAX_MOUNT_CALLS - 1;
/** Largest number of concurrent statfs calls to mounts of one server, so that one thread is left for other servers. */
const MAX_SERVER_PROBES = Math.max(1, MAX_REMOTE_PROBES - 1);

/** File system types that answer statfs from memory, without a server or a daemon. */
const LOCAL_TYPES: ReadonlySet<string> = new Set(
  (
    "adfs affs apfs bcachefs befs bfs btrfs cramfs devtmpfs efivarfs erofs exfat ext2 ext3 ext4 f2fs hfs hfsplus " +
    "hugetlbfs iso9660 jffs2 jfs minix msdos nilfs2 ntfs ntfs3 overlay proc ramfs reiserfs romfs rootfs squashfs " +
    "sysfs sysv tmpfs ubifs udf ufs vfat xfs zfs"
  ).split(" "),
);

/**
 * Returns the server of a mount's device, such as `nas` for `nas:/export` and `//nas/share`. Returns the device if it
 * names no server.
 */
function serverOf(device: string): string {
  if (device.startsWith("//")) return device.slice(2).split("/", 1)[0]!;
  const end = device.indexOf(":/");
  return end === -1 ? device : device.slice(0, end);
}

interface MountProberOptions {
  readonly stat: StatFs;
  readonly logger: Logger;
  /** Callback when the first mount hangs. It returns a function that is called when no mount hangs any more. */
  readonly onHang: () => () => void;
}

/** A statfs call that has not answered yet. */
interface Probe {
  readonly isLocal: boolean;
  readonly server: string;
  readonly answer: Promise<MountAnswer>;
  isStuck: boolean;
}

/**
 * Calls statfs for mounts and remembers which mounts hang. A dead server therefore delays only one scrape by the
 * timeout, not every scrape.
 */
export class MountProber {
  readonly #options: MountProberOptions;
  /** Running statfs calls by path, including calls that hang. Concurrent scrapes share them. */
  readonly #probes = new Map<string, Probe>();
  #turn = Promise.withResolvers<void>();
  #onRelease: (() => void) | undefined;

  constructor(options: MountProberOptions) {
    this.#options = options;
  }

  /**
   * Returns the statfs answer of the mount at `path`.
   * @param limit returns the deadline of the wait; called when a thread is free
   */
  async ask(path: string, mount: Pick<Mount, "device" | "fsType">, limit: () => Deadline): Promise<MountAnswer> {
    const isLocal = LOCAL_TYPES.has(mount.fsType);
    const server = serverOf(mount.device);
    while (!this.#probes.has(path)) {
      const place = this.#place(isLocal, server);
      if (place === "free") this.#start(path, isLocal, server);
      else if (place === "stuck") return NOT_ASKED;
      else await this.#turn.promise;
    }
    const probe = this.#probes.get(path)!;
    if (probe.isStuck) return TIMEOUT;
    const { logger } = this.#options;
    const answer = await limit().within(probe.answer);
    if (answer !== TIMED_OUT) return answer;
    if (this.#probes.get(path) === probe && !probe.isStuck) {
      probe.isStuck = true;
      this.#onRelease ??= this.#options.onHang();
      logger.warn("Mount point does not answer; it is not read again until it answers", { mountpoint: path });
      this.#wake();
    }
    return TIMEOUT;
  }

  /**
   * Returns whether a thread is available for a mount: "free", "used" by other mounts, or "stuck" because mounts hang.
   */
  #place(isLocal: boolean, server: string): "free" | "used" | "stuck" {
    const all = [...this.#probes.values()];
    if (isLocal) return room(all, MAX_MOUNT_CALLS);
    const remote = all.filter((probe) => !probe.isLocal);
    const ofServer = remote.filter((probe) => probe.server === server);
    const rooms = [room(all, MAX_MOUNT_CALLS), room(remote, MAX_REMOTE_PROBES), room(ofServer, MAX_SERVER_PROBES)];
    return rooms.find((one) => one === "stuck") ?? rooms.find((one) => one === "used") ?? "free";
  }

  #start(path: string, isLocal: boolean, server: string): void {
    const answer = this.#options
      .stat(path)
      .then(
        (stats): MountAnswer => ({ stats }),
        (error: unknown): MountAnswer => ({ error: systemErrorText(error) }),
      )
      .then((result) => {
        this.#probes.delete(path);
        if (probe.isStuck) this.#recovered(path);
        this.#wake();
        return result;
      });
    const probe: Probe = { isLocal, server, answer, isStuck: false };
    this.#probes.set(path, probe);
  }

  #recovered(path: string): void {
    this.#options.logger.info("Mount point answers again", { mountpoint: path });
    for (const probe of this.#probes.values()) if (probe.isStuck) return;
    this.#onRelease?.();
    this.#onRelease = undefined;
  }

  #wake(): void {
    const { resolve } = this.#turn;
    this.#turn = Promise.withResolvers();
    resolve();
  }
}

function room(probes: readonly Probe[], most: number): "free" | "used" | "stuck" {
  if (probes.filter((probe) => probe.isStuck).length >= most) return "stuck";
  return probes.length < most ? "free" : "used";
}

/**
 * Go's messages for error codes of statfs(2), as node_exporter logs them. Contains only codes for which Node has
 * another message or no message.
 */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  ENOTCONN: "transport endpoint is not connected",
  EIO: "input/output error",
  ESTALE: "stale NFS file handle",
  ENOTDIR: "not a directory",
  EHOSTDOWN: "host is down",
  ETIMEDOUT: "connection timed out",
  ENODEV: "no such device",
  ENOSYS: "function not implemented",
  ELOOP: "too many levels of symbolic links",
  EHOSTUNREACH: "no route to host",
  ECONNREFUSED: "connection refused",
  ENAMETOOLONG: "file name too long",
  ENOMEM: "cannot allocate memory",
  "-116": "stale NFS file handle",
  "-117": "structure needs cleaning",
  "-126": "required key not available",
  "-127": "key has expired",
  "-128": "key has been revoked",
};

function systemErrorText(error: unknown): string {
  const { code = "", errno = 0 } = error as { code?: string; errno?: number };
  const known = SYSTEM_ERRORS[code] ?? SYSTEM_ERRORS[errno];
  return known ?? getSystemErrorMap().get(errno)?.[1] ?? (error instanceof Error ? error.message : String(error));
}
