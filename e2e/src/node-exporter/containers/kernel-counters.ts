import { readFileSync } from "node:fs";

/** Counters of a container, read from the kernel's files and converted to the exporter's units. */
export interface KernelCounters {
  readonly usage: number;
  readonly periods: number;
  readonly throttled: number;
  readonly faults: number;
  readonly received: number;
  readonly sent: number;
}

const read = (path: string): string => readFileSync(path, "utf8");

const keyed = (text: string, key: string): number =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${key} `))!
      .split(" ")[1],
  );

/** Reads the counters of a process's control group from the kernel's files, for cgroup version 1 or 2. */
export function kernelCounters(pid: string): KernelCounters {
  const groups = read(`/proc/${pid}/cgroup`)
    .trim()
    .split("\n")
    .map((line) => line.split(":"));
  const pathOf = (controller: string): string | undefined =>
    groups.find(([, names]) => names!.split(",").includes(controller))?.[2];
  const device = read(`/proc/${pid}/net/dev`)
    .split("\n")
    .find((line) => line.includes("eth0:"))!
    .replace(/.*:/, "")
    .trim()
    .split(/ +/);
  const network = { received: Number(device[0]), sent: Number(device[8]) };
  const path = pathOf("cpuacct");
  if (path === undefined) {
    const folder = `/sys/fs/cgroup${groups[0]![2]}`;
    const cpu = read(`${folder}/cpu.stat`);
    return {
      usage: keyed(cpu, "usage_usec") / 1e6,
      periods: keyed(cpu, "nr_periods"),
      throttled: keyed(cpu, "throttled_usec") / 1e6,
      faults: keyed(read(`${folder}/memory.stat`), "pgfault"),
      ...network,
    };
  }
  const cpu = read(`/sys/fs/cgroup/cpu${pathOf("cpu")}/cpu.stat`);
  return {
    usage: Number(read(`/sys/fs/cgroup/cpuacct${path}/cpuacct.usage`)) / 1e9,
    periods: keyed(cpu, "nr_periods"),
    throttled: keyed(cpu, "throttled_time") / 1e9,
    faults: keyed(read(`/sys/fs/cgroup/memory${pathOf("memory")}/memory.stat`), "total_pgfault"),
    ...network,
  };
}
