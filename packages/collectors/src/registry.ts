import { arp } from "./network/arp.ts";
import { bcache } from "./disk/bcache.ts";
import { bcachefs } from "./filesystem/bcachefs.ts";
import { bonding } from "./network/bonding.ts";
import { btrfs } from "./filesystem/btrfs.ts";
import { buddyinfo } from "./memory/buddyinfo.ts";
import { cgroups } from "./kernel/cgroups.ts";
import type { Collector } from "./collector.ts";
import { conntrack } from "./network/conntrack.ts";
import { containers } from "./containers/containers.ts";
import { cpu } from "./cpu/cpu.ts";
import { cpufreq } from "./cpu/cpufreq.ts";
import { cpuVulnerabilities } from "./cpu/cpu-vulnerabilities.ts";
import { diskstats } from "./disk/diskstats.ts";
import { dmi } from "./hardware/dmi.ts";
import { dmmultipath } from "./disk/dmmultipath.ts";
import { drbd } from "./disk/drbd.ts";
import { drm } from "./hardware/drm.ts";
import { edac } from "./hardware/edac.ts";
import { entropy } from "./kernel/entropy.ts";
import { ethtool } from "./network/ethtool.ts";
import { fibrechannel } from "./hardware/fibrechannel.ts";
import { filefd } from "./kernel/filefd.ts";
import { filesystem } from "./filesystem/filesystem.ts";
import type { HostFiles } from "./host-files/host-files.ts";
import { hwmon } from "./hardware/hwmon.ts";
import { infiniband } from "./hardware/infiniband.ts";
import { interrupts } from "./cpu/interrupts.ts";
import { ipvs } from "./network/ipvs.ts";
import { kernelHung } from "./kernel/kernel-hung.ts";
import { ksmd } from "./memory/ksmd.ts";
import { lnstat } from "./network/lnstat.ts";
import { loadavg } from "./cpu/loadavg.ts";
import { logind } from "./services/logind.ts";
import { mdadm } from "./disk/mdadm.ts";
import { meminfo } from "./memory/meminfo.ts";
import { meminfoNuma } from "./memory/meminfo-numa.ts";
import { mountstats } from "./filesystem/mountstats.ts";
import { netclass } from "./network/netclass.ts";
import { netdev } from "./network/netdev.ts";
import { netstat } from "./network/netstat.ts";
import { networkRoute } from "./network/network-route.ts";
import { nfs, nfsd } from "./filesystem/nfs.ts";
import { ntp } from "./services/ntp.ts";
import { nvme } from "./disk/nvme.ts";
import { nvmesubsystem } from "./disk/nvmesubsystem.ts";
import { osRelease } from "./kernel/os-release.ts";
import { pcidevice } from "./hardware/pcidevice.ts";
import { bootTime, portableCollectors } from "./portable/portable-collectors.ts";
import { perf } from "./kernel/perf.ts";
import { powerSupply } from "./hardware/power-supply.ts";
import { pressure } from "./kernel/pressure.ts";
import { processes } from "./kernel/processes.ts";
import { qdisc } from "./network/qdisc.ts";
import { rapl } from "./hardware/rapl.ts";
import { runit } from "./services/runit.ts";
import { schedstat } from "./cpu/schedstat.ts";
import { selinux } from "./kernel/selinux.ts";
import { slabinfo } from "./memory/slabinfo.ts";
import { sockstat } from "./network/sockstat.ts";
import { softirqs } from "./cpu/softirqs.ts";
import { SettingsError } from "./settings.ts";
import { softnet } from "./network/softnet.ts";
import { stat } from "./cpu/stat.ts";
import { supervisord } from "./services/supervisord.ts";
import { swap } from "./memory/swap.ts";
import { sysctl } from "./kernel/sysctl.ts";
import { systemd } from "./services/systemd.ts";
import { tapestats } from "./disk/tapestats.ts";
import { tcpstat } from "./network/tcpstat.ts";
import { textfile } from "./services/textfile.ts";
import { thermalZone } from "./hardware/thermal-zone.ts";
import { time } from "./kernel/time.ts";
import { timex } from "./kernel/timex.ts";
import { udpQueues } from "./network/udp-queues.ts";
import { uname } from "./kernel/uname.ts";
import { vmstat } from "./memory/vmstat.ts";
import { watchdog } from "./hardware/watchdog.ts";
import { wifi } from "./network/wifi.ts";
import { xfrm } from "./network/xfrm.ts";
import { xfs } from "./filesystem/xfs.ts";
import { zfs } from "./filesystem/zfs.ts";
import { zoneinfo } from "./memory/zoneinfo.ts";

/**
 * Every collector for a host with /proc. To add a collector: (1) copy `cpu/loadavg.ts`, the shortest one, to the folder
 * of its subject, under the collector's name; (2) fill in name, flags, metrics and collect; (3) add a line to this
 * list; (4) add a test next to the collector that writes the kernel's files with `testing/host-tree.ts`; (5) run `pnpm
 * docs:write`. The flag that enables the collector and its text in --help follow from the definition.
 */
export const LINUX_COLLECTORS: readonly Collector[] = [
  arp,
  bcache,
  bcachefs,
  bonding,
  btrfs,
  buddyinfo,
  cgroups,
  conntrack,
  containers,
  cpu,
  cpufreq,
  cpuVulnerabilities,
  diskstats,
  dmi,
  dmmultipath,
  drbd,
  drm,
  edac,
  entropy,
  ethtool,
  fibrechannel,
  filefd,
  filesystem,
  hwmon,
  infiniband,
  interrupts,
  ipvs,
  kernelHung,
  ksmd,
  lnstat,
  loadavg,
  logind,
  mdadm,
  meminfo,
  meminfoNuma,
  mountstats,
  netclass,
  netdev,
  netstat,
  networkRoute,
  nfs,
  nfsd,
  ntp,
  nvme,
  nvmesubsystem,
  osRelease,
  pcidevice,
  perf,
  powerSupply,
  pressure,
  processes,
  qdisc,
  rapl,
  runit,
  schedstat,
  selinux,
  slabinfo,
  sockstat,
  softirqs,
  softnet,
  stat,
  supervisord,
  swap,
  sysctl,
  systemd,
  tapestats,
  tcpstat,
  textfile,
  thermalZone,
  time,
  timex,
  udpQueues,
  uname,
  vmstat,
  watchdog,
  wifi,
  xfrm,
  xfs,
  zfs,
  zoneinfo,
];

/** Collectors that only hosts without /proc have. */
export const PORTABLE_ONLY: readonly Collector[] = [bootTime];

/**
 * Returns the collectors for this host: collectors for /proc on Linux, portable collectors on other platforms. Throws
 * SettingsError on Linux without procfs, because portable collectors would show the exporter's container instead of the
 * host.
 */
export function collectorsFor(files: HostFiles, platform: string = process.platform): readonly Collector[] {
  if (files.proc.list("").length > 0) return LINUX_COLLECTORS;
  if (platform !== "linux") return portableCollectors();
  throw new SettingsError(`failed to open procfs: ${files.proc.root} is empty or missing; check --path.procfs`);
}
