import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, type FolderEntry, isForbidden, isMissing } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { gauge } from "../metric.ts";
import { attributeOf, optionalAttribute } from "../host-files/attribute.ts";

const DEVICE = ["device", "sysfs_name"];

const metrics = {
  info: gauge("node_dmmultipath_device_info", "Non-numeric information about a DM-multipath device.", [
    ...DEVICE,
    "uuid",
  ]),
  active: gauge(
    "node_dmmultipath_device_active",
    "Whether the multipath device-mapper device is active (1) or suspended (0).",
    DEVICE,
  ),
  size: gauge(
    "node_dmmultipath_device_size_bytes",
    "Size of the multipath device in bytes, read from /sys/block/<dm>/size.",
    DEVICE,
  ),
  paths: gauge("node_dmmultipath_device_paths", "Number of paths for a multipath device.", DEVICE),
  pathsActive: gauge(
    "node_dmmultipath_device_paths_active",
    "Number of paths in active state (SCSI running or NVMe live) for a multipath device.",
    DEVICE,
  ),
  pathsFailed: gauge(
    "node_dmmultipath_device_paths_failed",
    "Number of paths not in active state for a multipath device.",
    DEVICE,
  ),
  pathState: gauge(
    "node_dmmultipath_path_state",
    "Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.",
    ["device", "path", "state"],
  ),
};

/** Bytes of a sector in block device sizes, which does not depend on the device's own sector size. */
const SECTOR_BYTES = 512;

/** States of a working path to a disk, in SCSI and NVMe. */
const ACTIVE: ReadonlySet<string> = new Set(["running", "live"]);

/** Exports multipath disks: /sys/block/dm-* with a device-mapper UUID for multipath. */
export const dmmultipath = defineCollector({
  name: "dmmultipath",
  enabled: true,
  metrics,
  collect({ sys }, emit) {
    try {
      allOrNothing(emit, (held) => {
        for (const { name } of sys.entries("block")) if (name.startsWith("dm-")) emitDevice(sys, name, held);
      });
    } catch (error) {
      if (isMissing(error) || isForbidden(error))
        throw new NoDataError("multipath devices not readable", { cause: error });
      throw error;
    }
  },
});

function emitDevice(sys: FileTree, block: string, emit: Emitter<typeof metrics>): void {
  const uuid = optionalAttribute(sys, `block/${block}/dm/uuid`);
  if (uuid === undefined || !uuid.startsWith("mpath-")) return;
  const count = (file: string): number =>
    unsignedOf(attributeOf(sys, `block/${block}/${file}`), `dmmultipath ${block}/${file}`);
  const device = attributeOf(sys, `block/${block}/dm/name`);
  emit.info(1, device, block, uuid);
  emit.active(count("dm/suspended") === 1 ? 0 : 1, device, block);
  emit.size(count("size") * SECTOR_BYTES, device, block);
  const paths = pathsOf(sys, block).map(({ name }) => ({
    name,
    state: attributeOf(sys, `block/${name}/device/state`),
  }));
  for (const { name, state } of paths) emit.pathState(1, device, name, state);
  const activeCount = paths.filter(({ state }) => ACTIVE.has(state)).length;
  emit.paths(paths.length, device, block);
  emit.pathsActive(activeCount, device, block);
  emit.pathsFailed(paths.length - activeCount, device, block);
}

function pathsOf(sys: FileTree, block: string): readonly FolderEntry[] {
  try {
    return sys.entries(`block/${block}/slaves`);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
