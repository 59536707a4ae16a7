import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { unsignedOf, unsignedOrNone } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { parseMdStat } from "./md-stat.ts";
import { gauge } from "../metric.ts";

const DEVICE = ["device"];
const STATE = ["device", "state"];

/** Exports software RAID arrays from /proc/mdstat and /sys/block/md*. */
export const mdadm = defineCollector({
  name: "mdadm",
  enabled: true,
  metrics: {
    state: gauge("node_md_state", "Indicates the state of md-device.", STATE),
    disks: gauge("node_md_disks", "Number of active/failed/spare disks of device.", STATE),
    required: gauge("node_md_disks_required", "Total number of disks of device.", DEVICE),
    blocks: gauge("node_md_blocks", "Total number of blocks on device.", DEVICE),
    synced: gauge("node_md_blocks_synced", "Number of blocks synced on device.", DEVICE),
    raidDisks: gauge("node_md_raid_disks", "Number of raid disks on device.", DEVICE),
    degraded: gauge("node_md_degraded", "Number of degraded disks on device.", DEVICE),
  },
  collect({ proc, sys }, emit) {
    for (const array of parseMdStat(linesOf(readMdStat(proc)))) {
      const { device } = array;
      emit.required(array.total, device);
      emit.disks(array.active, device, "active");
      emit.disks(array.failed, device, "failed");
      emit.disks(array.spare, device, "spare");
      for (const state of ["active", "inactive", "recovering", "resync", "check"])
        emit.state(state === array.state ? 1 : 0, device, state);
      emit.blocks(array.blocks, device);
      emit.synced(array.synced, device);
    }
    const folders = sys.list("block").filter((name) => name.startsWith("md") && sys.isFolder(`block/${name}/md`));
    for (const { device, disks, degraded } of folders.map((name) => readArray(sys, name))) {
      if (disks !== undefined) emit.raidDisks(disks, device);
      emit.degraded(degraded, device);
    }
  },
});

function readMdStat(proc: FileTree): string {
  try {
    return proc.read("mdstat");
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("no software RAID", { cause: error });
    throw error;
  }
}

/** Levels whose arrays are striped, and levels that tolerate the loss of a disk. */
const STRIPED = new Set(["raid0", "raid4", "raid5", "raid6", "raid10"]);
const REDUNDANT = new Set(["raid1", "raid4", "raid5", "raid6", "raid10"]);
/** RAID levels whose arrays have no number of disks. "" means an array without a level. */
const WITHOUT_DISKS = new Set(["", "container", "imsm", "ddf"]);

/**
 * Reads the number of disks and of missing disks of an array. Throws if a required file of its level is missing or
 * invalid.
 */
function readArray(sys: FileTree, device: string): { device: string; disks: number | undefined; degraded: number } {
  const folder = `block/${device}/md`;
  const read = (file: string): string => sys.read(`${folder}/${file}`).trim();
  const level = read("level");
  for (const file of ["array_state", "metadata_version", "uuid"]) read(file);
  for (const disk of sys.list(folder).filter((name) => name.startsWith("dev-"))) read(`${disk}/state`);
  // Reads only the first number. While an array is reshaped, the file contains the new and the old number of disks,
  // such as "4 (3)".
  const disks = WITHOUT_DISKS.has(level) ? undefined : unsignedOrNone(read("raid_disks").split(" ", 1)[0]!);
  if (STRIPED.has(level)) unsignedOf(read("chunk_size"), `${folder}/chunk_size`);
  if (!REDUNDANT.has(level)) return { device, disks, degraded: 0 };
  const degraded = unsignedOf(read("degraded"), `${folder}/degraded`);
  read("sync_action");
  const completed = read("sync_completed");
  if (completed !== "none" && !/^\d+ *\/ *\d+/.test(completed))
    throw new Error(`${folder}/sync_completed: expected "none" or a fraction, got "${completed}"`);
  return { device, disks, degraded };
}
