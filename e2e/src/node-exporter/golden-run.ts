import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Collectors that are enabled on the command line of node_exporter's own end-to-end test. */
const COLLECTORS: readonly string[] = (
  "arp bcache bcachefs bonding btrfs buddyinfo cgroups conntrack cpu cpufreq cpu_vulnerabilities diskstats dmi drbd " +
  "edac entropy fibrechannel filefd hwmon infiniband interrupts ipvs kernel_hung ksmd lnstat loadavg mdadm meminfo " +
  "meminfo_numa mountstats netdev netstat nfs nfsd pcidevice pressure processes qdisc rapl schedstat slabinfo " +
  "sockstat softirqs stat sysctl textfile thermal_zone udp_queues vmstat watchdog wifi xfrm xfs zfs zoneinfo"
).split(" ");

/**
 * Command line flags of node_exporter's own end-to-end test. Paths are relative to the unpacked /proc and /sys tree.
 */
export const FLAGS: readonly string[] = [
  "--path.rootfs=.",
  "--path.procfs=proc",
  "--path.sysfs=sys",
  "--path.udev.data=udev/data",
  "--collector.arp.device-exclude=nope",
  "--collector.bcache.priorityStats",
  "--collector.cpu.info",
  "--collector.cpu.info.bugs-include=^(cpu_meltdown|spectre_.*|mds)$",
  "--collector.cpu.info.flags-include=^(aes|avx.?|constant_tsc)$",
  "--collector.hwmon.chip-include=(applesmc|asus_nb_wmi|coretemp|hwmon4|ieee80211|nct6779)",
  "--collector.netclass.ignore-invalid-speed",
  "--collector.netclass.ignored-devices=(dmz|int)",
  "--collector.netdev.device-include=lo",
  "--collector.qdisc.device-include=(wlan0|eth0)",
  "--collector.qdisc.fixtures=qdisc/",
  "--collector.stat.softirq",
  "--collector.sysctl.include-info=kernel.seccomp.actions_avail",
  "--collector.sysctl.include=fs.file-nr",
  "--collector.sysctl.include=fs.file-nr:total,current,max",
  "--collector.sysctl.include=kernel.threads-max",
  "--collector.textfile.directory=textfile/two_metric_files/",
  "--collector.wifi.fixtures=wifi",
  "--no-collector.arp.netlink",
  ...COLLECTORS.map((name) => `--collector.${name}`),
  ...["selinux", "filesystem", "timex", "uname"].map((name) => `--no-collector.${name}`),
];

/** Matches metrics that depend on the machine and the time of the run, not on the recorded /proc and /sys tree. */
export const LEFT_OUT: RegExp =
  /^(?:go_|node_exporter_build_info|node_scrape_collector_duration_seconds|process_|promhttp_|node_textfile_mtime_seconds|node_time_zone|node_time_seconds|node_network_(?:receive|transmit)_(?:bytes|packets)_total)/;

/** Unpacks the /proc and /sys tree of node_exporter's own tests into a folder. */
export function unpackTree(conformance: string, folder: string): void {
  execFileSync("tar", ["xzf", join(conformance, "node-exporter/fixtures.tar.gz"), "-C", folder]);
}

/**
 * Returns the output that node_exporter's own end-to-end test expects, with paths relative to the recorded /proc and
 * /sys tree.
 */
export const expectedText = (conformance: string): string =>
  readFileSync(join(conformance, "node-exporter/expected.prom"), "utf8").replaceAll("collector/fixtures/", "");
