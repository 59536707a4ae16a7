import type { CgroupFiles } from "./cgroup-file.ts";
import { keyedValue } from "./cgroup-file.ts";
import { type BlockDevices, readBlkio } from "./block-io.ts";
import type { FileKind } from "./groups.ts";
import { readPressure } from "./cgroup-pressure.ts";
import type { Reading } from "./reading.ts";

/** Clock ticks per second in the kernel's files; the value is 100 on all machines. */
const USER_HZ = 100;

/** Smallest value that the kernel writes for "no limit". */
const UNLIMITED = 2 ** 62;

/** Folders below /sys of one control group in each hierarchy, or undefined if the controller is not mounted. */
export interface V1Folders {
  readonly cpu: string | undefined;
  readonly cpuacct: string | undefined;
  readonly memory: string | undefined;
  readonly blkio: string | undefined;
  readonly pids: string | undefined;
  /** Folder in the cgroup version 2 hierarchy, if the host uses both versions. */
  readonly unified: string | undefined;
}

/** Returns the folders of a control group by its path (`/` for the root). */
export function v1Folders(folders: ReadonlyMap<string, string>, path: string): V1Folders {
  const tail = path === "/" ? "" : path;
  const at = (name: string): string | undefined => {
    const folder = folders.get(name);
    return folder === undefined ? undefined : folder + tail;
  };
  return {
    cpu: at("cpu"),
    cpuacct: at("cpuacct"),
    memory: at("memory"),
    blkio: at("blkio"),
    pids: at("pids"),
    unified: at("unified"),
  };
}

/** Reads the counters of one control group in cgroup version 1. */
export function readV1(
  files: CgroupFiles,
  at: V1Folders,
  into: Reading,
  {
    devices,
    perCpu,
    isRead,
  }: { readonly devices: BlockDevices; readonly perCpu: boolean; readonly isRead: (kind: FileKind) => boolean },
): void {
  if (at.cpuacct !== undefined && isRead("cpu")) readCpuacct(files, at.cpuacct, into, perCpu);
  if (at.memory !== undefined && isRead("memory")) readMemory(files, at.memory, into);
  if (at.blkio !== undefined && isRead("io")) readBlkio(files, at.blkio, into, devices);
  if (at.pids !== undefined && isRead("pids")) into.set("threads", files.number(at.pids, "pids.current"));
  if (at.unified !== undefined && isRead("pressure")) readPressure(files, at.unified, into);
}

function readCpuacct(files: CgroupFiles, folder: string, into: Reading, perCpu: boolean): void {
  const stat = files.read(folder, "cpuacct.stat");
  if (stat !== undefined) {
    into.set("user", keyedValue(stat, "user") / USER_HZ);
    into.set("system", keyedValue(stat, "system") / USER_HZ);
  }
  if (!perCpu) {
    into.add("cpuUsage", files.number(folder, "cpuacct.usage") / 1e9, "total");
    return;
  }
  const each = files.read(folder, "cpuacct.usage_percpu")?.trim().split(" ") ?? [];
  each.forEach((value, cpu) => {
    // Omits a CPU on which the control group never ran, as cAdvisor does.
    if (value !== "0") into.add("cpuUsage", Number(value) / 1e9, `cpu${String(cpu).padStart(2, "0")}`);
  });
}

/** Reads how often and how long a CPU quota throttled a control group. Skips groups without a quota. */
export function readV1Throttling(files: CgroupFiles, { cpu }: V1Folders, into: Reading): void {
  const stat = cpu === undefined ? undefined : files.read(cpu, "cpu.stat");
  if (stat === undefined) return;
  into.set("periods", keyedValue(stat, "nr_periods"));
  into.set("throttledPeriods", keyedValue(stat, "nr_throttled"));
  into.set("throttled", keyedValue(stat, "throttled_time") / 1e9);
  into.set("burstPeriods", keyedValue(stat, "nr_bursts"));
  into.set("burst", keyedValue(stat, "burst_time") / 1e9);
}

function readMemory(files: CgroupFiles, folder: string, into: Reading): void {
  const stat = files.read(folder, "memory.stat");
  const usage = files.number(folder, "memory.usage_in_bytes");
  if (stat === undefined) return;
  into.set("usage", usage);
  into.set("cache", keyedValue(stat, "total_cache"));
  into.set("rss", keyedValue(stat, "total_rss"));
  into.set("swap", keyedValue(stat, "total_swap"));
  into.set("mapped", keyedValue(stat, "total_mapped_file"));
  into.set("activeFile", keyedValue(stat, "total_active_file"));
  const inactive = keyedValue(stat, "total_inactive_file");
  into.set("inactiveFile", inactive);
  into.set("workingSet", Math.max(0, usage - (Number.isNaN(inactive) ? 0 : inactive)));
  into.set("dirty", keyedValue(stat, "total_dirty"));
  into.set("writeback", keyedValue(stat, "total_writeback"));
  into.set("refaultFile", keyedValue(stat, "total_workingset_refault_file"));
  into.set("refaultAnon", keyedValue(stat, "total_workingset_refault_anon"));
  into.add("failures", keyedValue(stat, "pgfault"), "pgfault", "container");
  into.add("failures", keyedValue(stat, "pgmajfault"), "pgmajfault", "container");
  into.add("failures", keyedValue(stat, "total_pgfault"), "pgfault", "hierarchy");
  into.add("failures", keyedValue(stat, "total_pgmajfault"), "pgmajfault", "hierarchy");
  into.set("maxUsage", files.number(folder, "memory.max_usage_in_bytes"));
  into.set("failcnt", files.number(folder, "memory.failcnt"));
  into.set("kernel", files.number(folder, "memory.kmem.usage_in_bytes"));
  const oom = files.read(folder, "memory.oom_control");
  if (oom !== undefined) into.set("oomEvents", keyedValue(oom, "oom_kill"));
}

/** Reads the limits of one control group, which change seldom. */
export function readV1Spec(files: CgroupFiles, at: V1Folders, into: Reading): void {
  if (at.cpu !== undefined) {
    into.set("cpuShares", files.number(at.cpu, "cpu.shares"));
    into.set("cpuPeriod", files.number(at.cpu, "cpu.cfs_period_us"));
    const quota = files.number(at.cpu, "cpu.cfs_quota_us");
    into.set("cpuQuota", quota > 0 ? quota : undefined);
  }
  if (at.pids !== undefined) {
    const most = files.number(at.pids, "pids.max");
    into.set("threadsMax", most === Number.POSITIVE_INFINITY ? 0 : most);
  }
  if (at.memory === undefined) return;
  into.set("memoryLimit", bounded(files.number(at.memory, "memory.limit_in_bytes")));
  into.set("reservation", bounded(files.number(at.memory, "memory.soft_limit_in_bytes")));
  // Returns before the swap limit if the memory limit is missing. Reports a swap limit of 0 if swap accounting is off,
  // as cAdvisor does.
  if (Number.isNaN(into.get("memoryLimit"))) return;
  const swap = files.number(at.memory, "memory.memsw.limit_in_bytes");
  into.set("swapLimit", Number.isNaN(swap) ? 0 : bounded(swap));
}

const bounded = (limit: number): number => (limit >= UNLIMITED ? 0 : limit);
