import { defineCollector, NoData } from "../collector.ts";
import { type FileTree, isMissing } from "../host-files.ts";
import { integerOf, linesOf } from "../kernel-text.ts";
import { parseMdStat } from "./md-stat.ts";
import { gauge } from "../metric.ts";

const DEVICE = ["device"];
const STATE = ["device", "state"];

/** Software RAID: /proc/mdstat and /sys/block/md*. */
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
    for (const device of sys.list("block")) {
      const read = (file: string): number | undefined => integerOf(sys.value(`block/${device}/md/${file}`));
      if (!device.startsWith("md") || sys.list(`block/${device}/md`).length === 0) continue;
      // While an array is reshaped the file holds both counts: "4 (3)".
      const disks = integerOf(sys.value(`block/${device}/md/raid_disks`)?.split(" ")[0]);
      if (disks !== undefined) emit.raidDisks(disks, device);
      emit.degraded(read("degraded") ?? 0, device);
    }
  },
});

function readMdStat(proc: FileTree): string {
  try {
    return proc.read("mdstat");
  } catch (error) {
    if (isMissing(error)) throw new NoData("no software RAID", { cause: error });
    throw error;
  }
}
