import { flagKinds } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { filterBy } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { EXCLUSIVE_DEVICE_FILTERS, hiddenFlag } from "../settings.ts";

/** Bytes of a sector in /proc/diskstats, which does not depend on the disk's own sector size. */
const SECTOR_BYTES = 512;
/** Factor from ms to seconds. Multiplication instead of division gives exactly node_exporter's values. */
const SECONDS_PER_TICK = 1 / 1000;

const DEVICE = ["device"];
const count = (name: string, help: string): MetricSpec => counter(`node_disk_${name}`, help, DEVICE);

/** Columns 4 and up of /proc/diskstats; older kernels have fewer. */
const COLUMNS: readonly (readonly [metric: MetricSpec, factor: number])[] = [
  [count("reads_completed_total", "The total number of reads completed successfully."), 1],
  [count("reads_merged_total", "The total number of reads merged."), 1],
  [count("read_bytes_total", "The total number of bytes read successfully."), SECTOR_BYTES],
  [count("read_time_seconds_total", "The total number of seconds spent by all reads."), SECONDS_PER_TICK],
  [count("writes_completed_total", "The total number of writes completed successfully."), 1],
  [count("writes_merged_total", "The number of writes merged."), 1],
  [count("written_bytes_total", "The total number of bytes written successfully."), SECTOR_BYTES],
  [count("write_time_seconds_total", "This is the total number of seconds spent by all writes."), SECONDS_PER_TICK],
  [gauge("node_disk_io_now", "The number of I/Os currently in progress.", DEVICE), 1],
  [count("io_time_seconds_total", "Total seconds spent doing I/Os."), SECONDS_PER_TICK],
  [count("io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os."), SECONDS_PER_TICK],
  [count("discards_completed_total", "The total number of discards completed successfully."), 1],
  [count("discards_merged_total", "The total number of discards merged."), 1],
  [count("discarded_sectors_total", "The total number of sectors discarded successfully."), 1],
  [count("discard_time_seconds_total", "This is the total number of seconds spent by all discards."), SECONDS_PER_TICK],
  [count("flush_requests_total", "The total number of flush requests completed successfully"), 1],
  [
    count("flush_requests_time_seconds_total", "This is the total number of seconds spent by all flush requests."),
    SECONDS_PER_TICK,
  ],
];

const metrics = {
  info: gauge("node_disk_info", "Info of /sys/block/<block_device>.", [
    "device",
    "major",
    "minor",
    "path",
    "wwn",
    "model",
    "serial",
    "revision",
    "rotational",
  ]),
  filesystem: gauge("node_disk_filesystem_info", "Info about disk filesystem.", [
    "device",
    "type",
    "usage",
    "uuid",
    "version",
  ]),
  deviceMapper: gauge("node_disk_device_mapper_info", "Info about disk device mapper.", [
    "device",
    "name",
    "uuid",
    "vg_name",
    "lv_name",
    "lv_layer",
  ]),
  ataWriteCache: gauge("node_disk_ata_write_cache", "ATA disk has a write cache.", DEVICE),
  ataWriteCacheEnabled: gauge("node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled.", DEVICE),
  ataRotationRate: gauge("node_disk_ata_rotation_rate_rpm", "ATA disk rotation rate in RPMs (0 for SSDs).", DEVICE),
};

const FILTER = {
  include: "collector.diskstats.device-include",
  exclude: "collector.diskstats.device-exclude",
  retiredExclude: "collector.diskstats.ignored-devices",
  clash: `failed to parse device filter flags: ${EXCLUSIVE_DEVICE_FILTERS}`,
};

/** Minimum number of columns. Kernels before 2.6.25 print partitions in fewer columns. */
const FEWEST_COLUMNS = 11;

/** Exports I/O of block devices from /proc/diskstats, with properties from udev and /sys/block. */
export const diskstats = defineCollector({
  name: "diskstats",
  enabled: true,
  flags: {
    [FILTER.exclude]: flagKinds.text(
      "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$",
      "Regexp of diskstats devices to exclude (mutually exclusive to device-include).",
    ),
    [FILTER.include]: flagKinds.text(
      "",
      "Regexp of diskstats devices to include (mutually exclusive to device-exclude).",
    ),
    [FILTER.retiredExclude]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.diskstats.device-exclude")),
  },
  metrics,
  open({ settings, logger }) {
    const isWanted = filterBy(settings, FILTER, logger);
    return ({ proc, sys, udev }, emit) => {
      for (const line of linesOf(proc.read("diskstats"))) {
        const [major, minor, device, ...numbers] = fieldsOf(line);
        unsignedOf(major, "diskstats: major number");
        if (device === undefined || numbers.length < FEWEST_COLUMNS || !isWanted(device)) continue;
        const known = udevProperties(udev, major!, minor!);
        emitInfo(emit, device, major!, minor!, known, rotational(sys, device));
        const columns = Math.min(numbers.length, COLUMNS.length);
        for (let i = 0; i < columns; i++) {
          const [metric, factor] = COLUMNS[i]!;
          emit.dynamic(metric, unsignedOf(numbers[i], "diskstats") * factor, device);
        }
      }
    };
  },
});

const rotational = (sys: FileTree, device: string): string =>
  sys.value(`block/${device.replaceAll("/", "!")}/queue/rotational`) === "1" ? "1" : "0";

/** Returns udev's properties of a block device, or an empty map without udev. */
function udevProperties(udev: FileTree, major: string, minor: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of linesOf(udev.value(`b${major}:${minor}`) ?? "")) {
    const equals = line.indexOf("=");
    if (line.startsWith("E:") && equals !== -1) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return properties;
}

function emitInfo(
  emit: Emitter<typeof metrics>,
  device: string,
  major: string,
  minor: string,
  udev: ReadonlyMap<string, string>,
  isRotational: string,
): void {
  const get = (key: string): string => udev.get(key) ?? "";
  // Prefers the serial number on the disk's label to the driver's number. Virtio disks have only ID_SERIAL.
  const serial = get("SCSI_IDENT_SERIAL") || get("ID_SERIAL_SHORT") || get("ID_SERIAL");
  const identity = [get("ID_PATH"), get("ID_WWN"), get("ID_MODEL"), serial, get("ID_REVISION")];
  emit.info(1, device, major, minor, ...identity, isRotational);
  if (get("ID_FS_TYPE") !== "")
    emit.filesystem(1, device, get("ID_FS_TYPE"), get("ID_FS_USAGE"), get("ID_FS_UUID"), get("ID_FS_VERSION"));
  if (get("DM_NAME") !== "") {
    const volume = [get("DM_VG_NAME"), get("DM_LV_NAME"), get("DM_LV_LAYER")];
    emit.deviceMapper(1, device, get("DM_NAME"), get("DM_UUID"), ...volume);
  }
  if (get("ID_ATA") === "") return;
  const ata = (key: string, into: (value: number, device: string) => void): void => {
    const value = Number(get(key));
    if (udev.has(key) && !Number.isNaN(value)) into(value, device);
  };
  ata("ID_ATA_WRITE_CACHE", emit.ataWriteCache);
  ata("ID_ATA_WRITE_CACHE_ENABLED", emit.ataWriteCacheEnabled);
  ata("ID_ATA_ROTATION_RATE_RPM", emit.ataRotationRate);
}
