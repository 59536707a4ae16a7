import { gauge } from "../metric.ts";
import type { FileTree, HostFiles } from "../host-files/host-files.ts";
import type { Emitter } from "../collector.ts";
import { keyedValue } from "./cgroup-file.ts";
import type { CpuNode } from "./cpu-topology.ts";

const LABELS = ["machine_id", "system_uuid", "boot_id"];

/** Metrics of the machine under cAdvisor's names. */
export const MACHINE_METRICS = {
  cores: gauge("machine_cpu_cores", "Number of logical CPU cores.", LABELS),
  physicalCores: gauge("machine_cpu_physical_cores", "Number of physical CPU cores.", LABELS),
  sockets: gauge("machine_cpu_sockets", "Number of CPU sockets.", LABELS),
  memory: gauge("machine_memory_bytes", "Amount of memory installed on the machine.", LABELS),
  swap: gauge("machine_swap_bytes", "Amount of swap memory available on the machine.", LABELS),
  modules: gauge("machine_dimm_count", "Number of RAM DIMM (all types memory modules) value labeled by dimm type.", [
    ...LABELS,
    "type",
  ]),
  moduleBytes: gauge(
    "machine_dimm_capacity_bytes",
    "Total RAM DIMM capacity (all types memory modules) value labeled by dimm type.",
    [...LABELS, "type"],
  ),
  nvm: gauge("machine_nvm_capacity", "NVM capacity value labeled by NVM mode (memory mode or app direct mode).", [
    ...LABELS,
    "mode",
  ]),
  nvmPower: gauge("machine_nvm_avg_power_budget_watts", "NVM power budget.", LABELS),
  caches: gauge("machine_cpu_cache_capacity_bytes", "Cache size in bytes assigned to NUMA node and CPU core.", [
    ...LABELS,
    "node_id",
    "core_id",
    "type",
    "level",
  ]),
  siblings: gauge("machine_thread_siblings_count", "Number of CPU thread siblings.", [
    ...LABELS,
    "node_id",
    "core_id",
    "thread_id",
  ]),
  nodeMemory: gauge("machine_node_memory_capacity_bytes", "Amount of memory assigned to NUMA node.", [
    ...LABELS,
    "node_id",
  ]),
  nodePages: gauge("machine_node_hugepages_count", "Numer of hugepages assigned to NUMA node.", [
    ...LABELS,
    "node_id",
    "page_size",
  ]),
  nodeDistance: gauge("machine_node_distance", "Distance between NUMA node and target NUMA node.", [
    ...LABELS,
    "node_id",
    "target_node_id",
  ]),
  machineError: gauge("machine_scrape_error", "1 if there was an error while getting machine metrics, 0 otherwise."),
  version: gauge(
    "cadvisor_version_info",
    "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.",
    ["kernelVersion", "osVersion", "dockerVersion", "cadvisorVersion", "cadvisorRevision"],
  ),
};

/** Data about the machine that does not change while it is up. */
export interface MachineFacts {
  /** Values of the labels `machine_id`, `system_uuid`, `boot_id`. */
  readonly labels: readonly [string, string, string];
  readonly cores: number;
  readonly physicalCores: number;
  readonly sockets: number;
  /** Memory modules by type, as the kernel's error detection (EDAC) lists them. */
  readonly modules: readonly MemoryModules[];
  readonly kernel: string;
  readonly os: string;
  /** Boot time in Unix seconds, or NaN if the kernel does not report it. */
  readonly bootedAt: number;
}

interface MemoryModules {
  readonly type: string;
  count: number;
  bytes: number;
}

/** Emits the metrics of the kind `cpu_topology`. Two cores of a node that have the same number share their series. */
export function emitCpuNodes(
  emit: Emitter<typeof MACHINE_METRICS>,
  machine: MachineFacts["labels"],
  nodes: readonly CpuNode[],
): void {
  const seen = new Set<string>();
  for (const { id, cores, caches, memoryBytes, hugePages, distances } of nodes) {
    const node = String(id);
    const owners = [...cores.map((core) => ({ name: String(core.id), caches: core.caches })), { name: "", caches }];
    for (const owner of owners) {
      for (const { bytes, type, level } of owner.caches) {
        const labels = [node, owner.name, type, `${level}`];
        const key = labels.join();
        if (seen.has(key)) continue;
        seen.add(key);
        emit.caches(bytes, ...machine, ...labels);
      }
    }
    for (const core of cores)
      for (const thread of core.threads)
        emit.siblings(core.threads.length, ...machine, node, `${core.id}`, `${thread}`);
    if (memoryBytes !== undefined) emit.nodeMemory(memoryBytes, ...machine, node);
    for (const { kilobytes, count } of hugePages) emit.nodePages(count, ...machine, node, kilobytes);
    for (const [i, distance] of distances.entries())
      emit.nodeDistance(Number(distance), ...machine, node, String(nodes[i]?.id ?? i));
  }
}

/** Reads the machine once. */
export function machineFacts(files: HostFiles): MachineFacts {
  const { proc, sys, rootfs } = files;
  const machineId = rootfs.value("etc/machine-id") ?? rootfs.value("var/lib/dbus/machine-id") ?? "";
  const uuid = sys.value("class/dmi/id/product_uuid") ?? machineId;
  const release = rootfs.value("etc/os-release") ?? rootfs.value("usr/lib/os-release") ?? "";
  return {
    labels: [machineId, uuid, proc.value("sys/kernel/random/boot_id") ?? ""],
    ...processors(proc.value("cpuinfo") ?? ""),
    modules: memoryModules(sys),
    kernel: proc.value("sys/kernel/osrelease") ?? "",
    os: /^PRETTY_NAME=["']?(.*?)["']?$/m.exec(release)?.[1] ?? "Linux",
    bootedAt: keyedValue(proc.value("stat") ?? "", "btime"),
  };
}

function processors(cpuinfo: string): Pick<MachineFacts, "cores" | "physicalCores" | "sockets"> {
  const cores = cpuinfo.match(/^processor\s*:/gm)?.length ?? 0;
  const sockets = new Set<string>();
  const physical = new Set<string>();
  for (const cpu of cpuinfo.split("\n\n")) {
    const socket = /^physical id\s*:\s*(\d+)$/m.exec(cpu)?.[1];
    const core = /^core id\s*:\s*(\d+)$/m.exec(cpu)?.[1];
    if (socket !== undefined) sockets.add(socket);
    if (core !== undefined) physical.add(`${socket ?? ""}/${core}`);
  }
  // Counts processors without core and socket numbers as cores of one socket.
  return { cores, physicalCores: physical.size || cores, sockets: sockets.size || 1 };
}

const EDAC = "devices/system/edac/mc";
const MIB = 1024 * 1024;

function memoryModules(sys: FileTree): readonly MemoryModules[] {
  const found = new Map<string, MemoryModules>();
  for (const controller of sys.list(EDAC)) {
    for (const name of sys.list(`${EDAC}/${controller}`)) {
      const folder = `${EDAC}/${controller}/${name}`;
      const type = name.startsWith("dimm") ? sys.value(`${folder}/dimm_mem_type`) : undefined;
      const size = Number(sys.value(`${folder}/size`) ?? Number.NaN);
      if (type === undefined || Number.isNaN(size)) continue;
      const known = found.get(type) ?? { type, count: 0, bytes: 0 };
      found.set(type, known);
      known.count++;
      known.bytes += size * MIB;
    }
  }
  return [...found.values()];
}
