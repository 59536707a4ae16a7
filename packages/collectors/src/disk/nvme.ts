import { allOrNothing } from "../all-or-nothing.ts";
import { attributeOrNoData } from "../host-files/attribute.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedOrNone } from "../host-files/kernel-number.ts";
import { gauge } from "../metric.ts";

const NAMESPACE = ["device", "nsid"];

const metrics = {
  info: gauge("node_nvme_info", "Non-numeric data from /sys/class/nvme/<device>, value is always 1.", [
    "device",
    "firmware_revision",
    "model",
    "serial",
    "state",
    "cntlid",
  ]),
  namespace: gauge("node_nvme_namespace_info", "Information about NVMe namespaces. Value is always 1", [
    "device",
    "nsid",
    "ana_state",
  ]),
  capacity: gauge(
    "node_nvme_namespace_capacity_bytes",
    "Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size",
    NAMESPACE,
  ),
  size: gauge(
    "node_nvme_namespace_size_bytes",
    "Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size",
    NAMESPACE,
  ),
  used: gauge(
    "node_nvme_namespace_used_bytes",
    "Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse",
    NAMESPACE,
  ),
  blockSize: gauge(
    "node_nvme_namespace_logical_block_size_bytes",
    "Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in " +
      "/sys/class/nvme/<device>/<namespace>/queue/logical_block_size",
    NAMESPACE,
  ),
};

/** Exports NVMe controllers and their namespaces from /sys/class/nvme. */
export const nvme = defineCollector({
  name: "nvme",
  enabled: true,
  metrics,
  collect({ sys }, emit) {
    if (sys.real("class/nvme") === undefined) throw new NoDataError("no NVMe devices");
    allOrNothing(emit, (held) => {
      for (const device of sys.list("class/nvme")) emitController(sys, device, held);
    });
  },
});

function emitController(sys: FileTree, device: string, emit: Emitter<typeof metrics>): void {
  const read = (file: string): string => attributeOrNoData(sys, `class/nvme/${device}/${file}`);
  emit.info(1, device, read("firmware_rev"), read("model"), read("serial"), read("state"), read("cntlid"));
  for (const name of sys.list(`class/nvme/${device}`)) {
    const id = /^nvme\d+(?:c\d+)?n(\d+)$/.exec(name)?.[1];
    if (id !== undefined) emitNamespace(sys, `class/nvme/${device}/${name}`, device, id, emit);
  }
}

function emitNamespace(sys: FileTree, folder: string, device: string, id: string, emit: Emitter<typeof metrics>): void {
  const read = (file: string): number => unsignedOrNone(attributeOrNoData(sys, `${folder}/${file}`)) ?? 0;
  const blockBytes = read("queue/logical_block_size");
  const sizeBytes = read("size") * blockBytes;
  emit.namespace(1, device, id, sys.value(`${folder}/ana_state`) ?? "unknown");
  emit.capacity(sizeBytes, device, id);
  emit.size(sizeBytes, device, id);
  emit.used(read("nuse") * blockBytes, device, id);
  emit.blockSize(blockBytes, device, id);
}
