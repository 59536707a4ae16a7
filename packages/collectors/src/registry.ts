import { arp } from "./arp.ts";
import type { Collector } from "./collector.ts";
import { conntrack } from "./conntrack.ts";
import { cpu } from "./cpu.ts";
import { cpufreq } from "./cpufreq.ts";
import { diskstats } from "./diskstats.ts";
import { dmi } from "./dmi.ts";
import { entropy } from "./entropy.ts";
import { filefd } from "./filefd.ts";
import { filesystem } from "./filesystem.ts";
import type { HostFiles } from "./host-files.ts";
import { kernelHung } from "./kernel-hung.ts";
import { loadavg } from "./loadavg.ts";
import { meminfo } from "./meminfo.ts";
import { netclass } from "./netclass.ts";
import { netdev } from "./netdev.ts";
import { netstat } from "./netstat.ts";
import { osRelease } from "./os-release.ts";
import { pressure } from "./pressure.ts";
import { schedstat } from "./schedstat.ts";
import { selinux } from "./selinux.ts";
import { sockstat } from "./sockstat.ts";
import { softnet } from "./softnet.ts";
import { portableCollectors } from "./systeminformation.ts";
import { stat } from "./stat.ts";
import { textfile } from "./textfile.ts";
import { thermalZone } from "./thermal-zone.ts";
import { time } from "./time.ts";
import { udpQueues } from "./udp-queues.ts";
import { uname } from "./uname.ts";
import { vmstat } from "./vmstat.ts";

/**
 * Every collector for a host with /proc. Add one: (1) copy `loadavg.ts`, the shortest; (2) fill in name, metrics and
 * collect; (3) a line here; (4) a fixture in its test. Flags and --help follow from the definition.
 */
export const LINUX_COLLECTORS: readonly Collector[] = [
  arp,
  conntrack,
  cpu,
  cpufreq,
  diskstats,
  dmi,
  entropy,
  filefd,
  filesystem,
  kernelHung,
  loadavg,
  meminfo,
  netclass,
  netdev,
  netstat,
  osRelease,
  pressure,
  schedstat,
  selinux,
  sockstat,
  softnet,
  stat,
  textfile,
  thermalZone,
  time,
  udpQueues,
  uname,
  vmstat,
];

/** The collectors for this host: those for /proc where there is one, the portable ones elsewhere. */
export const collectorsFor = (files: HostFiles): readonly Collector[] =>
  files.proc.list("").length > 0 ? LINUX_COLLECTORS : portableCollectors();
