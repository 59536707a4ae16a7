import { gauge } from "../metric.ts";
import type { FileTree, HostFiles } from "../host-files/host-files.ts";
import { keyedValue } from "./cgroup-file.ts";

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
  /** Unix seconds, or NaN if the kernel does not report it. */
  readonly bootedAt: number;
}

interface MemoryModules {
  readonly type: string;
  count: number;
  bytes: number;
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
