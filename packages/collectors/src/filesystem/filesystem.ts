import { formatGoDuration, parseDuration } from "@narthex/model";
import { flagKinds, mapWithLimit, type Steps } from "@narthex/runtime";
import { type Deadline, deadline } from "../collection/time-limit.ts";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { filterBy } from "../device-filter.ts";
import { belowRoot } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";
import { type Mount, MountList } from "./mount-info.ts";
import { type MountAnswer, MountProber, statFs, type StatFs } from "./mount-prober.ts";
import { hiddenFlag } from "../settings.ts";
import { leaveWithoutWaiting } from "../system-calls/leave.ts";

const LABELS = ["device", "mountpoint", "fstype", "device_error"];

export const FILE_SYSTEM_METRICS = {
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

export const MOUNT_POINTS = {
  include: "collector.filesystem.mount-points-include",
  exclude: "collector.filesystem.mount-points-exclude",
  retiredExclude: "collector.filesystem.ignored-mount-points",
  clash:
    "unable to parse mount points filter flags: --collector.filesystem.mount-points-exclude and " +
    "--collector.filesystem.mount-points-include are mutually exclusive",
};
export const FS_TYPES = {
  include: "collector.filesystem.fs-types-include",
  exclude: "collector.filesystem.fs-types-exclude",
  retiredExclude: "collector.filesystem.ignored-fs-types",
  clash:
    "unable to parse fs types filter flags: --collector.filesystem.fs-types-exclude and " +
    "--collector.filesystem.fs-types-include are mutually exclusive",
};
const MOUNT_TIMEOUT = "collector.filesystem.mount-timeout";
const STAT_WORKERS = "collector.filesystem.stat-workers";

/** Time limit in ms of a statfs call that begins after the scrape's timeout has passed. */
const SHORT_WAIT_MS = 500;

const flags = {
  [MOUNT_POINTS.exclude]: flagKinds.text(
    "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
    "Regexp of mount points to exclude for filesystem collector. (mutually exclusive to mount-points-include)",
  ),
  [MOUNT_POINTS.retiredExclude]: hiddenFlag(
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
  [FS_TYPES.retiredExclude]: hiddenFlag(
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

/** Exports space and inodes of mounted file systems, from mountinfo and statfs(2). */
export const filesystem = filesystemCollector(statFs, leaveWithoutWaiting);

/** Returns the collector with the given statfs function, so that tests can pass a function that hangs. */
export function filesystemCollector(
  stat: StatFs,
  onHang: () => () => void = () => () => undefined,
): ReturnType<typeof defineCollector> {
  return defineCollector({
    name: "filesystem",
    enabled: true,
    flags,
    metrics: FILE_SYSTEM_METRICS,
    open({ settings, clock, logger }) {
      const isMountWanted = filterBy(settings, MOUNT_POINTS, logger);
      const isTypeWanted = filterBy(settings, FS_TYPES, logger);
      const workers = Math.max(1, settings.number(STAT_WORKERS));
      const prober = new MountProber({ stat, logger, onHang });
      const list = new MountList((mount) => isMountWanted(mount.mountPoint) && isTypeWanted(mount.fsType));
      return async (files, emit) => {
        const wanted = await runInTurns(clock, list.listing(files));
        const series = new MountSeries(emit, wanted);
        // Timeout in ms that all mounts of a scrape share. With separate timeouts, each dead mount that waits for a
        // thread would delay the scrape.
        const timeoutMs = settings.number(MOUNT_TIMEOUT);
        const shared = deadline(clock, timeoutMs);
        const lastShared = clock.monotonic() + timeoutMs - SHORT_WAIT_MS;
        const deadlines = [shared];
        const limit = (): Deadline => {
          if (clock.monotonic() < lastShared) return shared;
          const own = deadline(clock, Math.min(SHORT_WAIT_MS, timeoutMs));
          deadlines.push(own);
          return own;
        };
        try {
          await mapWithLimit(wanted, workers, async (mount, at) => {
            const path = belowRoot(files, mount.mountPoint);
            series.put(at, await prober.ask(path, mount, limit));
            await runInTurns(clock, series.emitting());
          });
        } finally {
          for (const { cancel } of deadlines) cancel();
        }
      };
    },
  });
}

/**
 * Emits the series in the order of the mounts, although statfs answers arrive in any order. A different order would
 * change the layout of the page in each scrape.
 */
class MountSeries {
  readonly #emit: Emitter<typeof FILE_SYSTEM_METRICS>;
  readonly #mounts: readonly Mount[];
  /** Statfs answers that arrived before the answer of an earlier mount, by position of the mount. */
  readonly #early = new Map<number, MountAnswer>();
  readonly #seen = new Set<string>();
  #next = 0;
  #isEmitting = false;

  constructor(emit: Emitter<typeof FILE_SYSTEM_METRICS>, mounts: readonly Mount[]) {
    this.#emit = emit;
    this.#mounts = mounts;
  }

  put(at: number, answer: MountAnswer): void {
    this.#early.set(at, answer);
  }

  /**
   * Emits the series of mounts in order, up to the first mount whose statfs call has not answered. Returns immediately
   * if another call is emitting series.
   */
  *emitting(): Steps<void> {
    if (this.#isEmitting) return;
    this.#isEmitting = true;
    for (let answer = this.#early.get(this.#next); answer !== undefined; answer = this.#early.get(this.#next)) {
      this.#early.delete(this.#next);
      this.#emitMount(this.#mounts[this.#next++]!, answer);
      yield;
    }
    this.#isEmitting = false;
  }

  #emitMount(mount: Mount, answer: MountAnswer): void {
    const emit = this.#emit;
    const error = "error" in answer ? answer.error : "";
    const key = error === "" ? mount.key : `${mount.key} ${error}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const { device, mountPoint, fsType } = mount;
    emit.deviceError(error === "" ? 0 : 1, device, mountPoint, fsType, error);
    emit.readonly(mount.isReadOnly ? 1 : 0, device, mountPoint, fsType, error);
    if ("error" in answer) return;
    const { bsize, blocks, bfree, bavail, files, ffree } = answer.stats;
    emit.size(blocks * bsize, device, mountPoint, fsType, error);
    emit.free(bfree * bsize, device, mountPoint, fsType, error);
    emit.avail(bavail * bsize, device, mountPoint, fsType, error);
    emit.files(files, device, mountPoint, fsType, error);
    emit.filesFree(ffree, device, mountPoint, fsType, error);
    emit.mountInfo(1, device, mount.major, mount.minor, mountPoint);
    emit.purgeable(0, device, mountPoint, fsType, error);
  }
}
