import { type BlockDevices, readIoStat } from "./block-io.ts";
import { type CgroupFiles, keyed } from "./cgroup-file.ts";
import { readPressure } from "./cgroup-pressure.ts";
import type { Reading } from "./reading.ts";

/** Counters of one group of version 2. @param folder its path below /sys */
export function readV2(files: CgroupFiles, folder: string, into: Reading, devices: BlockDevices): void {
  readCpu(files, folder, into);
  readMemory(files, folder, into);
  readIoStat(files, folder, into, devices);
  into.set("threads", files.number(folder, "pids.current"));
  readPressure(files, folder, into);
}

function readCpu(files: CgroupFiles, folder: string, into: Reading): void {
  const stat = files.read(folder, "cpu.stat");
  if (stat === undefined) return;
  into.add("cpuUsage", keyed(stat, "usage_usec") / 1e6, "total");
  into.set("user", keyed(stat, "user_usec") / 1e6);
  into.set("system", keyed(stat, "system_usec") / 1e6);
  into.set("periods", keyed(stat, "nr_periods"));
  into.set("throttledPeriods", keyed(stat, "nr_throttled"));
  into.set("throttled", keyed(stat, "throttled_usec") / 1e6);
  into.set("burstPeriods", keyed(stat, "nr_bursts"));
  into.set("burst", keyed(stat, "burst_usec") / 1e6);
}

function readMemory(files: CgroupFiles, folder: string, into: Reading): void {
  const stat = files.read(folder, "memory.stat");
  if (stat === undefined) return;
  const usage = files.number(folder, "memory.current");
  into.set("usage", usage);
  into.set("cache", keyed(stat, "file"));
  into.set("rss", keyed(stat, "anon"));
  into.set("kernel", keyed(stat, "kernel"));
  into.set("mapped", keyed(stat, "file_mapped"));
  into.set("swap", files.number(folder, "memory.swap.current"));
  into.set("maxUsage", files.number(folder, "memory.peak"));
  into.set("activeFile", keyed(stat, "active_file"));
  into.set("inactiveFile", keyed(stat, "inactive_file"));
  into.set("workingSet", workingSet(usage, into.get("inactiveFile")));
  into.set("dirty", keyed(stat, "file_dirty"));
  into.set("writeback", keyed(stat, "file_writeback"));
  into.set("pgscan", keyed(stat, "pgscan"));
  into.set("pgsteal", keyed(stat, "pgsteal"));
  into.set("refaultFile", keyed(stat, "workingset_refault_file"));
  into.set("refaultAnon", keyed(stat, "workingset_refault_anon"));
  for (const scope of ["container", "hierarchy"]) {
    into.add("failures", keyed(stat, "pgfault"), "pgfault", scope);
    into.add("failures", keyed(stat, "pgmajfault"), "pgmajfault", scope);
  }
  const events = files.read(folder, "memory.events");
  if (events === undefined) return;
  into.set("failcnt", keyed(events, "max"));
  into.set("eventsHigh", keyed(events, "high"));
  into.set("eventsMax", keyed(events, "max"));
  into.set("oomEvents", keyed(events, "oom_kill"));
}

const workingSet = (usage: number, inactive: number): number =>
  Math.max(0, usage - (Number.isNaN(inactive) ? 0 : inactive));

/** The root of version 2 keeps no account of its memory; the machine's own numbers stand for it. */
export function readRootMemory(meminfo: string, into: Reading): void {
  const bytes = (key: string): number => keyed(meminfo.replaceAll(":", " "), key) * 1024;
  const usage = bytes("MemTotal") - bytes("MemFree");
  into.set("usage", usage);
  into.set("swap", bytes("SwapTotal") - bytes("SwapFree"));
  into.set("workingSet", workingSet(usage, into.get("inactiveFile")));
}

/** Limits of one group, which change seldom. */
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

/** Weights of version 2 go from 1 to 10,000, shares of version 1 from 2 to 262,144. */
const sharesOf = (weight: number): number => 2 + Math.floor(((weight - 1) * 262_142) / 9999);
