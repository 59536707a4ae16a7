import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Numbers of CPUs and other devices on a simulated host. */
export interface HostSize {
  readonly cpus: number;
  readonly interfaces: number;
  readonly mounts: number;
  readonly containers: number;
}

const INTERFACE_FILES: Readonly<Record<string, string>> = {
  addr_assign_type: "0",
  address: "02:42:ac:11:00:02",
  broadcast: "ff:ff:ff:ff:ff:ff",
  carrier: "1",
  carrier_changes: "2",
  carrier_down_count: "1",
  carrier_up_count: "1",
  dev_id: "0x0",
  dormant: "0",
  duplex: "full",
  flags: "0x1003",
  ifalias: "",
  ifindex: "7",
  iflink: "8",
  link_mode: "0",
  mtu: "1500",
  name_assign_type: "3",
  netdev_group: "0",
  operstate: "up",
  speed: "10000",
  tx_queue_len: "1000",
  type: "1",
};

const CPU_FILES: Readonly<Record<string, string>> = {
  online: "1",
  "cpufreq/cpuinfo_max_freq": "3400000",
  "cpufreq/cpuinfo_min_freq": "800000",
  "cpufreq/scaling_available_governors": "performance powersave",
  "cpufreq/scaling_cur_freq": "2900000",
  "cpufreq/scaling_governor": "powersave",
  "cpufreq/scaling_max_freq": "3400000",
  "cpufreq/scaling_min_freq": "800000",
  "thermal_throttle/core_throttle_count": "3",
  "thermal_throttle/package_throttle_count": "4",
  "topology/core_id": "1",
  "topology/physical_package_id": "0",
};

const GROUP_FILES: Readonly<Record<string, string>> = {
  "cgroup.procs": "",
  "cpu.max": "100000 100000",
  "cpu.stat": "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 5\nnr_throttled 1",
  "cpu.weight": "100",
  "io.stat": "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0",
  "memory.current": "104857600",
  "memory.events": "low 0\nhigh 2\nmax 7\noom 1\noom_kill 1",
  "memory.low": "0",
  "memory.max": "max",
  "memory.peak": "209715200",
  "memory.stat": "anon 50000000\nfile 40000000\nkernel 3000000\nfile_mapped 7000000\npgfault 1234\npgmajfault 5",
  "memory.swap.current": "4096",
  "memory.swap.max": "max",
  "pids.current": "3",
  "pids.max": "max",
};

/** Writes the files of /proc and /sys that the collectors read on a host of this size. Returns the exporter's flags. */
export function writeHost(folder: string, size: HostSize): readonly string[] {
  const [proc, sys, root] = ["proc", "sys", "root"].map((name) => join(folder, name)) as [string, string, string];
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const write = (path: string, text: string): void => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, `${text}\n`);
  };
  const times = "123456 789 4567 8901234 567 0 890 0 0 0";
  const stat = [`cpu  ${times}`, ...numbers(size.cpus).map((cpu) => `cpu${cpu} ${times}`)];
  write(join(proc, "stat"), [...stat, "intr 7 1 2", "ctxt 8", "btime 1700000000", "processes 9"].join("\n"));
  const heading =
    "Inter-|   Receive |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes …";
  const traffic = "1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0";
  write(join(proc, "net/dev"), [heading, ...numbers(size.interfaces).map((i) => `  eth${i}: ${traffic}`)].join("\n"));
  const mounts = numbers(size.mounts).map((i) => `${i + 30} 27 8:1 / /mounts/${i} rw,relatime - ext4 /dev/sd${i} rw`);
  write(join(proc, "1/mountinfo"), mounts.join("\n"));
  for (const i of numbers(size.mounts)) mkdirSync(join(root, `mounts/${i}`), { recursive: true });
  const fill = (base: string, files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) write(join(base, name), text);
  };
  write(join(sys, "devices/system/cpu/offline"), "");
  write(join(sys, "devices/system/cpu/online"), `0-${size.cpus - 1}`);
  for (const i of numbers(size.cpus)) fill(join(sys, `devices/system/cpu/cpu${i}`), CPU_FILES);
  for (const i of numbers(size.interfaces)) fill(join(sys, `class/net/eth${i}`), INTERFACE_FILES);
  write(join(sys, "fs/cgroup/cgroup.controllers"), "cpu io memory pids");
  fill(join(sys, "fs/cgroup"), GROUP_FILES);
  for (const i of numbers(size.containers)) {
    const id = i.toString(16).padStart(64, "a");
    fill(join(sys, `fs/cgroup/system.slice/docker-${id}.scope`), GROUP_FILES);
  }
  return [`--path.procfs=${proc}`, `--path.sysfs=${sys}`, `--path.rootfs=${root}`];
}
