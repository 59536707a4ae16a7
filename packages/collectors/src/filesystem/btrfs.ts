import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, type FolderEntry, isMissing } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";
import { optionalAttribute, optionalText } from "../host-files/attribute.ts";
import { BTRFS_ERROR_TYPES, type BtrfsDevice, btrfsDevices } from "./btrfs-devices.ts";

const UUID = ["uuid"];
const LAYOUT = ["uuid", "block_group_type", "mode"];
/** Labels of a disk, with its UUID if the kernel reported it. */
const DISK = ["uuid", "device", "btrfs_dev_uuid"];
const DEVICE_SIZE = "Size of a device that is part of the filesystem.";

const metrics = {
  info: gauge("node_btrfs_info", "Filesystem information", ["uuid", "label"]),
  globalReserve: gauge("node_btrfs_global_rsv_size_bytes", "Size of global reserve.", UUID),
  commits: counter("node_btrfs_commits_total", "The total number of commits that have occurred.", UUID),
  lastCommit: gauge("node_btrfs_last_commit_seconds", "Duration of the most recent commit, in seconds.", UUID),
  maxCommit: gauge("node_btrfs_max_commit_seconds", "Duration of the slowest commit, in seconds.", UUID),
  commitTime: counter("node_btrfs_commit_seconds_total", "Sum of the duration of all commits, in seconds.", UUID),
  reserved: gauge("node_btrfs_reserved_bytes", "Amount of space reserved for a data type", [
    "uuid",
    "block_group_type",
  ]),
  used: gauge("node_btrfs_used_bytes", "Amount of used space by a layout/data type", LAYOUT),
  size: gauge("node_btrfs_size_bytes", "Amount of space allocated for a layout/data type", LAYOUT),
  ratio: gauge("node_btrfs_allocation_ratio", "Data allocation ratio for a layout/data type", LAYOUT),
  deviceSize: gauge("node_btrfs_device_size_bytes", DEVICE_SIZE, DISK),
  deviceUnused: gauge(
    "node_btrfs_device_unused_bytes",
    "Unused bytes unused on a device that is part of the filesystem.",
    DISK,
  ),
  deviceErrors: counter("node_btrfs_device_errors_total", "Errors reported for the device", ["type", ...DISK]),
};

const PLAIN_DEVICE_SIZE = gauge("node_btrfs_device_size_bytes", DEVICE_SIZE, ["uuid", "device"]);

const ROOT = "fs/btrfs";
/** Bytes of a sector in block device sizes, which does not depend on the device's own sector size. */
const SECTOR_BYTES = 512;

/** Exports Btrfs filesystems from /sys/fs/btrfs, with disk data that only ioctl(2) on a mount point returns. */
export const btrfs = defineCollector({
  name: "btrfs",
  enabled: true,
  metrics,
  async collect(files, emit) {
    const filesystems = files.sys
      .list(ROOT)
      .filter((name) => name.includes("-"))
      .map((name) => readFilesystem(files.sys, name));
    if (filesystems.length === 0) return;
    const disks = await btrfsDevices(files).catch(nothingWithoutIoctl);
    for (const filesystem of filesystems) {
      emitFilesystem(filesystem, emit);
      const known = disks.get(filesystem.uuid.replaceAll("-", ""));
      if (known !== undefined) for (const disk of known) emitDisk(filesystem.uuid, disk, emit);
      else
        for (const [device, sizeBytes] of filesystem.devices)
          emit.dynamic(PLAIN_DEVICE_SIZE, sizeBytes, filesystem.uuid, device);
    }
  },
});

function nothingWithoutIoctl(error: unknown): ReadonlyMap<string, readonly BtrfsDevice[]> {
  if (error instanceof NoDataError) return new Map();
  throw error;
}

interface Layout {
  readonly mode: string;
  readonly usedBytes: number;
  readonly sizeBytes: number;
}

interface Allocation {
  readonly type: string;
  readonly reservedBytes: number;
  readonly layouts: readonly Layout[];
}

/** Data about a Btrfs filesystem from /sys. */
interface Filesystem {
  readonly uuid: string;
  readonly label: string;
  readonly globalReserveBytes: number;
  readonly allocations: readonly Allocation[];
  /** Sizes in bytes by name. */
  readonly devices: ReadonlyMap<string, number>;
  /** Lines of commit_stats; empty before Linux 6.0. */
  readonly commits: ReadonlyMap<string, number>;
}

function readFilesystem(sys: FileTree, name: string): Filesystem {
  const folder = `${ROOT}/${name}`;
  const devices = sys.list(`${folder}/devices`);
  return {
    uuid: optionalAttribute(sys, `${folder}/metadata_uuid`) || name,
    label: optionalAttribute(sys, `${folder}/label`) ?? "",
    globalReserveBytes: countIn(sys, `${folder}/allocation/global_rsv_size`),
    allocations: ["data", "metadata", "system"].map((type) => readAllocation(sys, `${folder}/allocation`, type)),
    devices: new Map(
      devices.map((device) => [device, countIn(sys, `${folder}/devices/${device}/size`) * SECTOR_BYTES]),
    ),
    commits: readCommits(sys, `${folder}/commit_stats`),
  };
}

const readAllocation = (sys: FileTree, allocation: string, type: string): Allocation => ({
  type,
  reservedBytes: countIn(sys, `${allocation}/${type}/bytes_reserved`),
  layouts: layoutFolders(sys, `${allocation}/${type}`).map(({ name: mode }) => ({
    mode,
    usedBytes: countIn(sys, `${allocation}/${type}/${mode}/used_bytes`),
    sizeBytes: countIn(sys, `${allocation}/${type}/${mode}/total_bytes`),
  })),
});

function layoutFolders(sys: FileTree, folder: string): readonly FolderEntry[] {
  try {
    return sys.entries(folder).filter((entry) => entry.isFolder);
  } catch (error) {
    // Returns an empty list for a missing folder. Only the folder of the system chunks must exist.
    if (isMissing(error) && !folder.endsWith("/system")) return [];
    throw error;
  }
}

function readCommits(sys: FileTree, path: string): ReadonlyMap<string, number> {
  const text = optionalText(sys, path) ?? "";
  return new Map(
    linesOf(text).map((line) => {
      const [key, value, ...others] = fieldsOf(line);
      if (value === undefined || others.length > 0) throw new Error(`btrfs commit_stats: malformed line "${line}"`);
      return [key!, unsignedOf(value, "btrfs commit_stats")];
    }),
  );
}

/** Returns the number in a file, or 0 if the file is missing or has no number. */
function countIn(sys: FileTree, path: string): number {
  const text = optionalAttribute(sys, path) ?? "";
  return /^\d+$/.test(text) ? Number(text) : 0;
}

function emitFilesystem(filesystem: Filesystem, emit: Emitter<typeof metrics>): void {
  const { uuid, commits } = filesystem;
  emit.info(1, uuid, filesystem.label);
  emit.globalReserve(filesystem.globalReserveBytes, uuid);
  emit.commits(commits.get("commits") ?? 0, uuid);
  emit.lastCommit((commits.get("last_commit_ms") ?? 0) / 1000, uuid);
  emit.maxCommit((commits.get("max_commit_ms") ?? 0) / 1000, uuid);
  emit.commitTime((commits.get("total_commit_ms") ?? 0) / 1000, uuid);
  for (const { type, reservedBytes, layouts } of filesystem.allocations) {
    emit.reserved(reservedBytes, uuid, type);
    for (const { mode, usedBytes, sizeBytes } of layouts) {
      emit.used(usedBytes, uuid, type, mode);
      emit.size(sizeBytes, uuid, type, mode);
      emit.ratio(allocationRatio(mode, filesystem.devices.size), uuid, type, mode);
    }
  }
}

const COPIES: Readonly<Record<string, number>> = {
  single: 1,
  raid0: 1,
  dup: 2,
  raid1: 2,
  raid10: 2,
  raid1c3: 3,
  raid1c4: 4,
};

/** Number of disks that contain parity, by RAID layout. */
const PARITY: Readonly<Record<string, number>> = { raid5: 1, raid6: 2 };

/** Returns the number of bytes on disk per stored byte; 0 for an unknown layout. */
function allocationRatio(mode: string, devices: number): number {
  const parity = PARITY[mode];
  return parity === undefined ? (COPIES[mode] ?? 0) : devices / (devices - parity);
}

function emitDisk(uuid: string, disk: BtrfsDevice, emit: Emitter<typeof metrics>): void {
  const labels = [uuid, disk.name, disk.uuid];
  emit.deviceSize(disk.totalBytes, ...labels);
  emit.deviceUnused(disk.unusedBytes, ...labels);
  BTRFS_ERROR_TYPES.forEach((type, i) => emit.deviceErrors(disk.errors[i]!, type, ...labels));
}
