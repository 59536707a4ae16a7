import { type BlockDevices, readIoStat } from "./block-io.ts";
import { type CgroupFiles, keyedValue } from "./cgroup-file.ts";
import type { FileKind } from "./groups.ts";
import { readPressure } from "./cgroup-pressure.ts";
import type { Reading } from "./reading.ts";

/**
 * Reads the counters of one control group in cgroup version 2.
 * @param folder path of the control group below /sys
 */
export function readV2(
  files: CgroupFiles,
  folder: string,
  into: Reading,
  { devices, isRead }: { readonly devices: BlockDevices; readonly isRead: (kind: FileKind) => boolean },
): void {
  if (isRead("cpu")) readCpu(files, folder, into);
  if (isRead("memory")) readMemory(files, folder, into);
  if (isRead("io")) readIoStat(files, folder, into, devices);
  if (isRead("pids")) into.set("threads", files.number(folder, "pids.current"));
  if (isRead("pressure")) readPressure(files, folder, into);
}

function readCpu(files: CgroupFiles, folder: string, into: Reading): void {
  const stat = files.read(folder, "cpu.stat");
  if (stat === undefined) return;
  into.add("cpuUsage", keyedValue(stat, "usage_usec") / 1e6, "total");
  into.set("user", keyedValue(stat, "user_usec") / 1e6);
  into.set("system", keyedValue(stat, "system_usec") / 1e6);
  into.set("periods", keyedValue(stat, "nr_periods"));
  into.set("throttledPeriods", keyedValue(stat, "nr_throttled"));
  into.set("throttled", keyedValue(stat, "throttled_usec") / 1e6);
  into.set("burstPeriods", keyedValue(stat, "nr_bursts"));
  into.set("burst", keyedValue(stat, "burst_usec") / 1e6);
}

function readMemory(files: CgroupFiles, folder: string, into: Reading): void {
  const stat = files.read(folder, "memory.stat");
  if (stat === undefined) return;
  const usage = files.number(folder, "memory.current");
  into.set("usage", usage);
  into.set("cache", keyedValue(stat, "file"));
  into.set("rss", keyedValue(stat, "anon"));
  into.set("kernel", keyedValue(stat, "kernel"));
  into.set("mapped", keyedValue(stat, "file_mapped"));
  into.set("swap", files.number(folder, "memory.swap.current"));
  into.set("maxUsage", files.number(folder, "memory.peak"));
  into.set("activeFile", keyedValue(stat, "active_file"));
  into.set("inactiveFile", keyedValue(stat, "inactive_file"));
  into.set("workingSet", workingSet(usage, into.get("inactiveFile")));
  into.set("dirty", keyedValue(stat, "file_dirty"));
  into.set("writeback", keyedValue(stat, "file_writeback"));
  into.set("pgscan", keyedValue(stat, "pgscan"));
  into.set("pgsteal", keyedValue(stat, "pgsteal"));
  into.set("refaultFile", keyedValue(stat, "workingset_refault_file"));
  into.set("refaultAnon", keyedValue(stat, "workingset_refault_anon"));
  for (const scope of ["container", "hierarchy"]) {
    into.add("failures", keyedValue(stat, "pgfault"), "pgfault", scope);
    into.add("failures", keyedValue(stat, "pgmajfault"), "pgmajfault", scope);
  }
  const events = files.read(folder, "memory.events");
  if (events === undefined) return;
  into.set("failcnt", keyedValue(events, "max"));
  into.set("eventsHigh", keyedValue(events, "high"));
  into.set("eventsMax", keyedValue(events, "max"));
  into.set("oomEvents", keyedValue(events, "oom_kill"));
}

const workingSet = (usage: number, inactive: number): number =>
  Math.max(0, usage - (Number.isNaN(inactive) ? 0 : inactive));

/**
 * Reads the memory of the root control group. Uses the machine's numbers, because version 2 has no memory accounting
 * for the root.
 */
export function readRootMemory(meminfo: string, into: Reading): void {
  const bytes = (key: string): number => keyedValue(meminfo.replaceAll(":", " "), key) * 1024;
  const usage = bytes("MemTotal") - bytes("MemFree");
  into.set("usage", usage);
  into.set("swap", bytes("SwapTotal") - bytes("SwapFree"));
  into.set("workingSet", workingSet(usage, into.get("inactiveFile")));
}

/** Reads the limits of one control group, which change seldom. */
export function readV2Spec(files: CgroupFiles, folder: string, into: Reading): void {
  const [quota = "", period = ""] = files.read(folder, "cpu.max")?.trim().split(" ") ?? [];
  if (period !== "") into.set("cpuPeriod", Number(period));
  if (quota !== "" && quota !== "max") into.set("cpuQuota", Number(quota));
  const weight = files.number(folder, "cpu.weight");
  if (!Number.isNaN(weight)) into.set("cpuShares", sharesOf(weight));
  const most = files.number(folder, "pids.max");
  into.set("threadsMax", most === Number.POSITIVE_INFINITY ? 0 : most);
  const limit = files.number(folder, "memory.max");
  if (Number.isNaN(limit)) return;
  into.set("memoryLimit", bounded(limit));
  into.set("reservation", bounded(files.number(folder, "memory.low")));
  into.set("swapLimit", bounded(files.number(folder, "memory.swap.max")));
}

const bounded = (limit: number): number => (Number.isFinite(limit) ? limit : 0);

/** Converts a weight of version 2 (1 to 10,000) to shares of version 1 (2 to 262,144). */
const sharesOf = (weight: number): number => 2 + Math.floor(((weight - 1) * 262_142) / 9999);
