import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";
import { formatGoDuration, parseDuration } from "@narthex/model";
import { type Clock, flagKinds, type Logger } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { filterBy } from "../device-filter.ts";
import { belowRoot, type HostFiles } from "../host-files.ts";
import { gauge } from "../metric.ts";
import { type Mount, mountsOf } from "./mount-info.ts";
import { retired } from "../settings.ts";
import { LATE, withinLimit } from "../time-limit.ts";

const LABELS = ["device", "mountpoint", "fstype", "device_error"];

const metrics = {
  size: gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", LABELS),
  free: gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", LABELS),
  avail: gauge("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.", LABELS),
  files: gauge("node_filesystem_files", "Filesystem total file nodes.", LABELS),
  filesFree: gauge("node_filesystem_files_free", "Filesystem total free file nodes.", LABELS),
  purgeable: gauge(
    "node_filesystem_purgeable_bytes",
    "Filesystem space available including purgeable space (MacOS specific).",
    LABELS,
  ),
  readonly: gauge("node_filesystem_readonly", "Filesystem read-only status.", LABELS),
  deviceError: gauge(
    "node_filesystem_device_error",
    "Whether an error occurred while getting statistics for the given device.",
    LABELS,
  ),
  mountInfo: gauge("node_filesystem_mount_info", "Filesystem mount information.", [
    "device",
    "major",
    "minor",
    "mountpoint",
  ]),
};

const MOUNT_POINTS = {
  include: "collector.filesystem.mount-points-include",
  exclude: "collector.filesystem.mount-points-exclude",
  retiredExclude: "collector.filesystem.ignored-mount-points",
};
const FS_TYPES = {
  include: "collector.filesystem.fs-types-include",
  exclude: "collector.filesystem.fs-types-exclude",
  retiredExclude: "collector.filesystem.ignored-fs-types",
};
const MOUNT_TIMEOUT = "collector.filesystem.mount-timeout";
const STAT_WORKERS = "collector.filesystem.stat-workers";

/** statfs of a dead mount holds one of Node's four file threads until the mount answers; one must stay free. */
const MOST_STUCK = 3;

/** Asks the kernel about one mounted file system. */
export type StatFs = (
  path: string,
) => Promise<Pick<StatsFs, "bsize" | "blocks" | "bfree" | "bavail" | "files" | "ffree">>;

const flags = {
  [MOUNT_POINTS.exclude]: flagKinds.text(
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
    "Regexp of mount points to exclude for filesystem collector. (mutually exclusive to mount-points-include)",
  ),
  [MOUNT_POINTS.retiredExclude]: retired(
    flagKinds.text("", "Regexp of mount points to ignore for filesystem collector."),
  ),
  [MOUNT_POINTS.include]: flagKinds.text(
    "",
    "Regexp of mount points to include for filesystem collector. (mutually exclusive to mount-points-exclude)",
  ),
  [FS_TYPES.exclude]: flagKinds.text(
    "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay" +
      "|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$",
    "Regexp of filesystem types to exclude for filesystem collector. (mutually exclusive to fs-types-include)",
  ),
  [FS_TYPES.retiredExclude]: retired(
    flagKinds.text("", "Regexp of filesystem types to ignore for filesystem collector."),
  ),
  [FS_TYPES.include]: flagKinds.text(
    "",
    "Regexp of filesystem types to exclude for filesystem collector. (mutually exclusive to fs-types-exclude)",
  ),
  [MOUNT_TIMEOUT]: flagKinds.parsed(
    5000,
    parseDuration,
    formatGoDuration,
    "how long to wait for a mount to respond before marking it as stale",
    { hidden: true },
  ),
  [STAT_WORKERS]: flagKinds.integer(4, "how many stat calls to process simultaneously", { hidden: true }),
};

/** Space and inodes of mounted file systems: mountinfo and statfs(2). */
export const filesystem = filesystemCollector(statfs);

/** The collector over a statfs of the caller's; tests bring one that hangs. */
export function filesystemCollector(stat: StatFs): ReturnType<typeof defineCollector> {
  return defineCollector({
    name: "filesystem",
    enabled: true,
    flags,
    metrics,
    open({ settings, clock, logger }) {
      const isMountWanted = filterBy(settings, MOUNT_POINTS);
      const isTypeWanted = filterBy(settings, FS_TYPES);
      const workers = Math.max(1, settings.number(STAT_WORKERS));
      const prober = new Prober(stat, clock, logger, settings.number(MOUNT_TIMEOUT));
      return async (files, emit) => {
        const wanted = mountsOf(files).filter((mount) => isMountWanted(mount.mountPoint) && isTypeWanted(mount.fsType));
        const seen = new Set<string>();
        const queue = wanted.values();
        const work = async (): Promise<void> => {
          for (const mount of queue) emitMount(emit, mount, await prober.ask(mount.mountPoint, files), seen);
        };
        await Promise.all(Array.from({ length: Math.min(workers, wanted.length) }, work));
      };
    },
  });
}

type Answer = { readonly stats: Awaited<ReturnType<StatFs>> } | { readonly error: string };

/** Asks mounts and remembers which of them hang, so that a dead server costs one wait and not one per scrape. */
class Prober {
  readonly #stat: StatFs;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  readonly #stuck = new Set<string>();
  readonly #answered = new Set<string>();

  constructor(stat: StatFs, clock: Clock, logger: Logger, timeoutMs: number) {
    this.#stat = stat;
    this.#clock = clock;
    this.#logger = logger;
    this.#timeoutMs = timeoutMs;
  }

  async ask(mountPoint: string, files: HostFiles): Promise<Answer> {
    const mustSpare = this.#stuck.size >= MOST_STUCK && !this.#answered.has(mountPoint);
    if (this.#stuck.has(mountPoint) || mustSpare) return { error: "mountpoint timeout" };
    const asked: Promise<Answer> = this.#stat(belowRoot(files, mountPoint)).then(
      (stats) => ({ stats }),
      (error: unknown) => ({ error: systemErrorText(error) }),
    );
    const answer = await withinLimit(this.#clock, this.#timeoutMs, asked);
    if (answer !== LATE) {
      this.#answered.add(mountPoint);
      return answer;
    }
    this.#stuck.add(mountPoint);
    this.#answered.delete(mountPoint);
    this.#logger.warn("Mount point does not answer; left alone until it does", { mountpoint: mountPoint });
    void asked.then(() => {
      this.#stuck.delete(mountPoint);
      this.#logger.info("Mount point answers again", { mountpoint: mountPoint });
    });
    return { error: "mountpoint timeout" };
  }
}

/** The C library's words for the error numbers that statfs(2) gives, as a Go program prints them. */
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
};

function systemErrorText(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return SYSTEM_ERRORS[code] ?? (error instanceof Error ? error.message : String(error));
}

function emitMount(emit: Emitter<typeof metrics>, mount: Mount, answer: Answer, seen: Set<string>): void {
  const error = "error" in answer ? answer.error : "";
  const labels = [mount.device, mount.mountPoint, mount.fsType, error];
  const key = JSON.stringify([labels, mount.major, mount.minor]);
  if (seen.has(key)) return;
  seen.add(key);
  emit.deviceError(error === "" ? 0 : 1, ...labels);
  emit.readonly(mount.isReadOnly ? 1 : 0, ...labels);
  if ("error" in answer) return;
  const { bsize, blocks, bfree, bavail, files, ffree } = answer.stats;
  emit.size(blocks * bsize, ...labels);
  emit.free(bfree * bsize, ...labels);
  emit.avail(bavail * bsize, ...labels);
  emit.files(files, ...labels);
  emit.filesFree(ffree, ...labels);
  emit.mountInfo(1, mount.device, mount.major, mount.minor, mount.mountPoint);
  emit.purgeable(0, ...labels);
}
