import { arp } from "./arp.ts";
import { bonding } from "./bonding.ts";
import type { Collector } from "./collector.ts";
import { conntrack } from "./conntrack.ts";
import { cpu } from "./cpu.ts";
import { cpufreq } from "./cpufreq.ts";
import { diskstats } from "./diskstats.ts";
import { dmi } from "./dmi.ts";
import { edac } from "./edac.ts";
import { entropy } from "./entropy.ts";
import { filefd } from "./filefd.ts";
import { filesystem } from "./filesystem.ts";
import type { HostFiles } from "./host-files.ts";
import { hwmon } from "./hwmon.ts";
import { interrupts } from "./interrupts.ts";
import { kernelHung } from "./kernel-hung.ts";
import { loadavg } from "./loadavg.ts";
import { mdadm } from "./mdadm.ts";
import { meminfo } from "./meminfo.ts";
import { netclass } from "./netclass.ts";
import { netdev } from "./netdev.ts";
import { netstat } from "./netstat.ts";
import { nfs, nfsd } from "./nfs.ts";
import { nvme } from "./nvme.ts";
import { osRelease } from "./os-release.ts";
import { powerSupply } from "./power-supply.ts";
import { pressure } from "./pressure.ts";
import { processes } from "./processes.ts";
import { rapl } from "./rapl.ts";
import { schedstat } from "./schedstat.ts";
import { selinux } from "./selinux.ts";
import { sockstat } from "./sockstat.ts";
import { softnet } from "./softnet.ts";
import { stat } from "./stat.ts";
import { portableCollectors } from "./systeminformation.ts";
import { tcpstat } from "./tcpstat.ts";
import { textfile } from "./textfile.ts";
import { thermalZone } from "./thermal-zone.ts";
import { time } from "./time.ts";
import { timex } from "./timex.ts";
import { udpQueues } from "./udp-queues.ts";
import { uname } from "./uname.ts";
import { vmstat } from "./vmstat.ts";
import { watchdog } from "./watchdog.ts";
import { zfs } from "./zfs.ts";

/**
 * Every collector for a host with /proc. Add one: (1) copy `loadavg.ts`, the shortest; (2) fill in name, metrics and
 * collect; (3) a line here; (4) a fixture in its test. Flags and --help follow from the definition.
 */
export const LINUX_COLLECTORS: readonly Collector[] = [
  arp,
  bonding,
  conntrack,
  cpu,
  cpufreq,
  diskstats,
  dmi,
  edac,
  entropy,
  filefd,
  filesystem,
  hwmon,
  interrupts,
  kernelHung,
  loadavg,
  mdadm,
  meminfo,
  netclass,
  netdev,
  netstat,
  nfs,
  nfsd,
  nvme,
  osRelease,
  powerSupply,
  pressure,
  processes,
  rapl,
  schedstat,
  selinux,
  sockstat,
  softnet,
  stat,
  tcpstat,
  textfile,
  thermalZone,
  time,
  timex,
  udpQueues,
  uname,
  vmstat,
  watchdog,
  zfs,
];

/** The collectors for this host: those for /proc where there is one, the portable ones elsewhere. */
export const collectorsFor = (files: HostFiles): readonly Collector[] =>
  files.proc.list("").length > 0 ? LINUX_COLLECTORS : portableCollectors();
