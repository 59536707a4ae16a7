import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Collector } from "./collector.ts";
import { cpu } from "./cpu/cpu.ts";
import { cpufreq } from "./cpu/cpufreq.ts";
import { schedstat } from "./cpu/schedstat.ts";
import { keepAndDrop } from "./device-filter.ts";
import { diskstats } from "./disk/diskstats.ts";
import { mdadm } from "./disk/mdadm.ts";
import { nvme } from "./disk/nvme.ts";
import { nfs } from "./filesystem/nfs.ts";
import { zfs } from "./filesystem/zfs.ts";
import { hwmon } from "./hardware/hwmon.ts";
import { powerSupply } from "./hardware/power-supply.ts";
import { rapl } from "./hardware/rapl.ts";
import { thermalZone } from "./hardware/thermal-zone.ts";
import { osRelease } from "./kernel/os-release.ts";
import { processes } from "./kernel/processes.ts";
import { arp } from "./network/arp.ts";
import { bonding } from "./network/bonding.ts";
import { conntrack } from "./network/conntrack.ts";
import { netclass } from "./network/netclass.ts";
import { netdev } from "./network/netdev.ts";
import { netstat } from "./network/netstat.ts";
import { sockstat } from "./network/sockstat.ts";
import { softnet } from "./network/softnet.ts";
import { udpQueues } from "./network/udp-queues.ts";
import { collectorsFor } from "./registry.ts";
import { Settings, SettingsError } from "./settings.ts";
import { hostTree, seriesFrom } from "./testing/host-tree.ts";

const failed = (name: string): string => `node_scrape_collector_success{collector="${name}"} 0`;

/** Hosts with files in an invalid format. Each collector must fail without emitting an invalid number. */
const BROKEN: readonly (readonly [Collector, Readonly<Record<string, string>>])[] = [
  [cpu, { "proc/stat": "cpu0 1 x 3\n", "sys/devices/system/cpu/cpu0/topology/core_id": "0\n" }],
  [cpufreq, { "sys/devices/system/cpu/offline": "\n", "sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "x\n" }],
  [diskstats, { "proc/diskstats": "x y\n" }],
  [mdadm, { "proc/mdstat": "md0 : active raid1 sda[0]\n      12 blocks super 1.2\n      \n" }],
  [mdadm, { "proc/mdstat": "md0 :\n" }],
  [nfs, { "proc/net/rpc/nfs": "net 1 2\n" }],
  [nfs, { "proc/net/rpc/nfs": "proc3 22 1 2\n" }],
  [zfs, { "proc/spl/kstat/zfs/arcstats": "no heading\n" }],
  [powerSupply, { "sys/class/power_supply/BAT0/capacity": "\n" }],
  [rapl, { "sys/class/powercap/intel-rapl:0/name": "package-0\n" }],
  [osRelease, { "root/etc/os-release": "ID=a\nSUPPORT_END=soon\n" }],
  [processes, { "proc/1/stat": "1 (x\n" }],
  [conntrack, { "proc/net/stat/nf_conntrack": "entries found\n1\n" }],
  [netstat, { "proc/net/netstat": "TcpExt: a b\n", "proc/net/snmp": "" }],
  [sockstat, { "proc/net/sockstat": "TCP: inuse\n" }],
  [softnet, { "proc/net/softnet_stat": "0 1 2\n" }],
  [udpQueues, { "proc/net/udp": "head\n 0: 0:0\n" }],
];

test.each(BROKEN.map(([collector, files]) => [collector.name, Object.keys(files)[0]!, collector, files] as const))(
  "%s fails if %s is malformed",
  async (name, _file, collector, files) => {
    using host = hostTree(files);
    const series = await seriesFrom(collector, host);
    expect(series.at(-1)).toBe(failed(name));
    expect(series.join()).not.toContain("NaN");
  },
);

/** Simulated hosts on which some of the files that a collector reads do not exist. */
const SPARSE: readonly (readonly [string, Collector, Readonly<Record<string, string>>, readonly string[]])[] = [
  ["a partition of an old kernel has no line of its own", diskstats, { "proc/diskstats": "3 1 hda1 1 2 3 4\n" }, []],
  ["a line of schedstat that ends early is left out", schedstat, { "proc/schedstat": "cpu0 0 0 0 0\n" }, []],
  ["a folder without chips is no failure", hwmon, { "sys/class/hwmon/.keep": "" }, []],
  [
    "a cooling device that cannot be read is left out",
    thermalZone,
    { "sys/class/thermal/cooling_device0/type": "Processor\n", "sys/class/thermal/cooling_device0/max_state": "3\n" },
    [],
  ],
  [
    "zones of every kind are told, numbered where their name has no number",
    rapl,
    {
      "sys/class/powercap/intel-rapl-mmio:0/name": "package-0\n",
      "sys/class/powercap/intel-rapl-mmio:0/energy_uj": "2000000\n",
      "sys/class/powercap/intel-rapl:0/name": "package\n",
      "sys/class/powercap/intel-rapl:0/energy_uj": "1000000\n",
    },
    [
      'node_rapl_package_joules_total{index="0",path="SYS/class/powercap/intel-rapl-mmio:0"} 2',
      'node_rapl_package_joules_total{index="1",path="SYS/class/powercap/intel-rapl:0"} 1',
    ],
  ],
  [
    "an array in a state of its own is in none of the known ones",
    mdadm,
    { "proc/mdstat": "md0 : broken raid0 sda[0]\n      12 blocks\n\n" },
    [
      'node_md_blocks{device="md0"} 12',
      'node_md_blocks_synced{device="md0"} 12',
      ...["active", "failed", "spare"].map(
        (state) => `node_md_disks{device="md0",state="${state}"} ${state === "active" ? 1 : 0}`,
      ),
      'node_md_disks_required{device="md0"} 1',
      ...["active", "check", "inactive", "recovering", "resync"].map(
        (state) => `node_md_state{device="md0",state="${state}"} 0`,
      ),
    ],
  ],
  [
    "a bond whose slave has no state is no data",
    bonding,
    { "sys/class/net/bonding_masters": "b\n", "sys/class/net/b/bonding/slaves": "e\n" },
    [failed("bonding")],
  ],
  [
    "an NVMe driver without the class's files is no data",
    nvme,
    { "sys/class/nvme/nvme0/model": "m\n" },
    [failed("nvme")],
  ],
  [
    "an attribute of a device that is no number counts as 0",
    netclass,
    { "sys/class/net/e/flags": "x\n", "sys/class/net/e/operstate": "up\n" },
    [
      'node_network_flags{device="e"} 0',
      'node_network_info{address="",adminstate="down",broadcast="",device="e",duplex="",ifalias="",operstate="up"} 1',
      'node_network_up{device="e"} 1',
    ],
  ],
];

test.each(SPARSE)("%s", async (_sentence, collector, files, expected) => {
  using host = hostTree(files);
  const series = await seriesFrom(collector, host);
  expect(series.map((line) => line.replace(`${host.folder}/sys`, "SYS"))).toEqual(expected);
});

test("nfs counts 0 for versions that the kernel does not report", async () => {
  using host = hostTree({ "proc/net/rpc/nfs": "net 0 0 0 0\nrpc 1 0 0\n" });
  const series = await seriesFrom(nfs, host);
  expect(series).toContain('node_nfs_requests_total{method="GetAttr",proto="2"} 0');
  expect(series).toContain('node_nfs_requests_total{method="Clone",proto="4"} 0');
});

test("cpu shows an ARM host's model and features", async () => {
  using host = hostTree({
    "proc/stat": "cpu0 1 2 3 4\n",
    "proc/cpuinfo": "Processor : ARMv7\nprocessor : 0\nBogoMIPS : 38.40\n\nprocessor : 1\nFeatures : aes neon\n",
    "sys/devices/system/cpu/cpu0/uevent": "",
  });
  const series = await seriesFrom(cpu, host, { "collector.cpu.info.flags-include": "aes" });
  expect(series).toContain('node_cpu_flag_info{flag="aes"} 1');
  const models = series
    .filter((line) => line.startsWith("node_cpu_info"))
    .map((line) => /cpu="(\d)".*model_name="(\w+)"/.exec(line)?.slice(1));
  expect(models).toEqual([
    ["0", "ARMv7"],
    ["1", "ARMv7"],
  ]);
});

test.each([
  [
    "s390x",
    "vendor_id       : IBM/S390\n# processors    : 2\nfeatures\t: esan3 zarch\n" +
      "processor 0: version = 00,  identification = FFFFFF,  machine = 3906\n" +
      "processor 1: version = 00,  identification = FFFFFF,  machine = 3906\n\n" +
      "cpu number      : 0\nphysical id     : 1\ncore id         : 2\ncpu MHz dynamic : 5208\n\n" +
      "cpu number      : 1\nphysical id     : 1\ncore id         : 3\ncpu MHz dynamic : 5208\n",
    ["0|1|2|IBM/S390||5.208e+09", "1|1|3|IBM/S390||5.208e+09"],
  ],
  [
    "ppc64le",
    "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t\t: 2950.000000MHz\n\n" +
      "timebase\t: 512000000\nplatform\t: PowerNV\n",
    ["0|||POWER9, altivec supported||2.95e+09"],
  ],
  [
    "MIPS",
    "system type\t\t: UBNT_E100\nmachine\t\t\t: x\nprocessor\t\t: 0\ncpu model\t\t: Cavium Octeon+\nisa\t: mips1\n",
    ["0|||UBNT_E100|Cavium Octeon+|0"],
  ],
  ["RISC-V", "processor\t: 0\nhart\t\t: 4\nisa\t\t: rv64imafdc\n", ["0||4||rv64imafdc|0"]],
])("cpu shows the processors of %s", async (_processor, text, expected) => {
  using host = hostTree({
    "proc/stat": "cpu0 1 2 3 4\n",
    "proc/cpuinfo": text,
    "sys/devices/system/cpu/cpu0/uevent": "",
  });
  const series = await seriesFrom(cpu, host, { "collector.cpu.info": true, "collector.cpufreq": true });
  const rows = series.flatMap((line) => {
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? "";
    if (!line.startsWith("node_cpu_info")) return [];
    const frequency = series.find(
      (one) => one.startsWith("node_cpu_frequency") && one.includes(`cpu="${label("cpu")}"`),
    );
    const shown = ["cpu", "package", "core", "vendor", "model_name"].map(label);
    return [[...shown, frequency?.split(" ").at(-1)].join("|")];
  });
  expect(rows).toEqual(expected);
  expect(series.join()).toContain("node_cpu_seconds_total");
});

const both = (prefix: string): Readonly<Record<string, string>> => ({
  [`${prefix}-include`]: "^e",
  [`${prefix}-exclude`]: "0$",
});

test.each([
  [diskstats, both("collector.diskstats.device"), "device-exclude & device-include are mutually exclusive"],
  [netdev, both("collector.netdev.device"), "device-exclude & device-include are mutually exclusive"],
  [
    diskstats,
    { "collector.diskstats.ignored-devices": "a", "collector.diskstats.device-exclude": "b" },
    "--collector.diskstats.ignored-devices and --collector.diskstats.device-exclude are mutually exclusive",
  ],
])("flags that exclude each other end the start in node_exporter's words", (collector, flags, words) => {
  const settings = Settings.of(collector.flags, flags);
  const open = (): unknown => collector.open({ settings, clock: undefined as never, logger: memoryLogger() });
  expect(open).toThrow(SettingsError);
  expect(open).toThrow(words);
});

test("a Linux host without procfs ends the start, and other systems get the portable collectors", () => {
  using host = hostTree();
  expect(() => collectorsFor(host, "linux")).toThrow(SettingsError);
  expect(collectorsFor(host, "darwin").map(({ name }) => name)).toContain("uname");
  host.write("proc/stat", "");
  expect(collectorsFor(host, "linux").map(({ name }) => name)).toContain("netclass");
});

test("collectors for which node_exporter accepts include and exclude together apply both", () => {
  const flags = { include: "collector.arp.device-include", exclude: "collector.arp.device-exclude" };
  const isWanted = keepAndDrop(Settings.of(arp.flags, both("collector.arp.device")), flags);
  expect(["eth0", "eth1", "lo"].filter(isWanted)).toEqual(["eth1"]);
});

test("the old name of a flag is accepted with a warning", () => {
  const logger = memoryLogger();
  const settings = Settings.of(diskstats.flags, { "collector.diskstats.ignored-devices": "sda" });
  diskstats.open({ settings, clock: undefined as never, logger });
  expect(logger.lines[0]?.message).toBe(
    "--collector.diskstats.ignored-devices is DEPRECATED and will be removed in 2.0.0, use --collector.diskstats.device-exclude",
  );
});
