import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { arp } from "./network/arp.ts";
import { conntrack } from "./network/conntrack.ts";
import { cpu } from "./cpu/cpu.ts";
import { cpufreq } from "./cpu/cpufreq.ts";
import { diskstats } from "./disk/diskstats.ts";
import { dmi } from "./hardware/dmi.ts";
import { entropy } from "./kernel/entropy.ts";
import { filefd } from "./kernel/filefd.ts";
import { kernelHung } from "./kernel/kernel-hung.ts";
import { loadavg } from "./cpu/loadavg.ts";
import { meminfo } from "./memory/meminfo.ts";
import { netclass } from "./network/netclass.ts";
import { netdev } from "./network/netdev.ts";
import { netstat } from "./network/netstat.ts";
import { osRelease } from "./kernel/os-release.ts";
import { pressure } from "./kernel/pressure.ts";
import { openCollection } from "./collection/collection.ts";
import { schedstat } from "./cpu/schedstat.ts";
import { selinux } from "./kernel/selinux.ts";
import { Settings } from "./settings.ts";
import { sockstat } from "./network/sockstat.ts";
import { softnet } from "./network/softnet.ts";
import { stat } from "./cpu/stat.ts";
import { hostTree, pageOf, seriesFrom } from "./testing/host-tree.ts";
import { thermalZone } from "./hardware/thermal-zone.ts";
import { time } from "./kernel/time.ts";
import { udpQueues } from "./network/udp-queues.ts";
import { uname } from "./kernel/uname.ts";
import { vmstat } from "./memory/vmstat.ts";

const PROC_STAT =
  "cpu  1 1 1 1 1 1 1 1 1 1\ncpu0 100 200 300 400 500 600 700 800 900 1000\nintr 7 1 2 3\nctxt 8\nbtime 9\nprocesses 10\nprocs_running 2\nprocs_blocked 1\nsoftirq 55 1 2 3 4 5 6 7 8 9 10\n";

test("cpu shows seconds per mode, guest time separately, and isolated and online CPUs", async () => {
  using host = hostTree({
    "proc/stat": PROC_STAT,
    "sys/devices/system/cpu/isolated": "1-2,4\n",
    "sys/devices/system/cpu/cpu0/online": "1\n",
    "sys/devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
    "sys/devices/system/cpu/cpu0/topology/core_id": "3\n",
    "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "5\n",
    "sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count": "6\n",
  });
  const series = await seriesFrom(cpu, host);
  expect(series).toContain('node_cpu_seconds_total{cpu="0",mode="steal"} 8');
  expect(series).toContain('node_cpu_guest_seconds_total{cpu="0",mode="nice"} 10');
  expect(series).toContain('node_cpu_core_throttles_total{core="3",package="0"} 5');
  expect(series).toContain('node_cpu_package_throttles_total{package="0"} 6');
  expect(series.filter((line) => line.startsWith("node_cpu_isolated"))).toHaveLength(3);
  expect(series).toContain('node_cpu_online{cpu="0"} 1');
  expect((await seriesFrom(cpu, host, { "collector.cpu.guest": false })).join()).not.toContain("guest");
});

test("cpu shows the selected flags and bugs, and the fields of /proc/cpuinfo", async () => {
  using host = hostTree({
    "proc/stat": PROC_STAT,
    "proc/cpuinfo":
      "processor\t: 0\nvendor_id\t: V\ncpu family\t: 6\nmodel\t\t: 1\nmodel name\t: M X\nphysical id\t: 0\ncore id\t: 0\nflags\t\t: aes avx fpu\nbugs\t\t: mds\n",
    "sys/devices/system/cpu/cpu0/x": "",
  });
  const series = await seriesFrom(cpu, host, {
    "collector.cpu.info.flags-include": "^a",
    "collector.cpu.info.bugs-include": ".",
  });
  expect(series).toContain('node_cpu_flag_info{flag="avx"} 1');
  expect(series).toContain('node_cpu_bug_info{bug="mds"} 1');
  expect(series).toContain(
    'node_cpu_info{cachesize="",core="0",cpu="0",family="6",microcode="",model="1",model_name="M X",package="0",stepping="",vendor="V"} 1',
  );
});

test("cpu counters never fall, but start again if another CPU takes the number", async () => {
  using host = hostTree({ "proc/stat": PROC_STAT, "sys/devices/system/cpu/cpu0/x": "" });
  const collection = openCollection([cpu], {
    files: host,
    settings: Settings.of(cpu.flags),
    clock: new ManualClock(),
    logger: memoryLogger(),
    timeLimitMs: 1000,
  });
  const read = async (idle: number, user: number): Promise<number[]> => {
    host.write("proc/stat", `cpu0 ${user} 0 0 ${idle} 0 0 0 0 0 0\n`);
    const page = await pageOf(collection);
    return ["user", "idle"].map((mode) =>
      Number(new RegExp(`^node_cpu_seconds_total.*"${mode}"} (.*)$`, "m").exec(page)![1]),
    );
  };
  expect(await read(1000, 500)).toEqual([5, 10]);
  expect(await read(900, 400)).toEqual([5, 10]);
  expect(await read(700, 100)).toEqual([1, 7]);
});

test.each([
  [
    "loadavg",
    loadavg,
    { "proc/loadavg": "0.21 0.37 0.39 1/719 19737\n" },
    {},
    ["node_load1 0.21", "node_load15 0.39", "node_load5 0.37"],
  ],
  [
    "meminfo",
    meminfo,
    { "proc/meminfo": "MemTotal: 2 kB\nActive(anon): 3 kB\nHugePages_Free: 4\nBrandNew: 5 kB\n" },
    {},
    ["node_memory_Active_anon_bytes 3072", "node_memory_HugePages_Free 4", "node_memory_MemTotal_bytes 2048"],
  ],
  [
    "stat",
    stat,
    { "proc/stat": PROC_STAT },
    {},
    [
      "node_boot_time_seconds 9",
      "node_context_switches_total 8",
      "node_forks_total 10",
      "node_intr_total 7",
      "node_procs_blocked 1",
      "node_procs_running 2",
    ],
  ],
  [
    "vmstat",
    vmstat,
    { "proc/vmstat": "nr_free_pages 1\npgpgin 2\noom_kill 3\n" },
    {},
    ["node_vmstat_oom_kill 3", "node_vmstat_pgpgin 2"],
  ],
  [
    "filefd",
    filefd,
    { "proc/sys/fs/file-nr": "1024\t0\t1631329\n" },
    {},
    ["node_filefd_allocated 1024", "node_filefd_maximum 1.631329e+06"],
  ],
  [
    "entropy",
    entropy,
    { "proc/sys/kernel/random/entropy_avail": "256\n", "proc/sys/kernel/random/poolsize": "256\n" },
    {},
    ["node_entropy_available_bits 256", "node_entropy_pool_size_bits 256"],
  ],
  [
    "netdev",
    netdev,
    {
      "proc/net/dev": "a\nb\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n    lo: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
      "sys/class/net/eth0/statistics/rx_nohandler": "17\n",
    },
    { "collector.netdev.device-exclude": "lo" },
    [
      ..."receive_bytes 1,receive_compressed 7,receive_drop 4,receive_errs 3,receive_fifo 5,receive_frame 6,receive_multicast 8,receive_nohandler 17,receive_packets 2".split(
        ",",
      ),
      ..."transmit_bytes 9,transmit_carrier 15,transmit_colls 14,transmit_compressed 16,transmit_drop 12,transmit_errs 11,transmit_fifo 13,transmit_packets 10".split(
        ",",
      ),
    ].map((pair) => `node_network_${pair.replace(" ", '_total{device="eth0"} ')}`),
  ],
  [
    "netstat",
    netstat,
    {
      "proc/net/netstat": "IpExt: InOctets Other\nIpExt: 1 2\n",
      "proc/net/snmp": "Tcp: CurrEstab\nTcp: 3\n",
      "proc/net/snmp6": "Ip6InOctets 4\nIcmp6InMsgs 5\n",
    },
    {},
    [
      "node_netstat_Icmp6_InMsgs 5",
      "node_netstat_Ip6_InOctets 4",
      "node_netstat_IpExt_InOctets 1",
      "node_netstat_Tcp_CurrEstab 3",
    ],
  ],
  [
    "schedstat",
    schedstat,
    { "proc/schedstat": "version 15\ncpu0 0 0 0 0 0 0 3000000000 5000000000 7\n" },
    {},
    [
      'node_schedstat_running_seconds_total{cpu="0"} 3',
      'node_schedstat_timeslices_total{cpu="0"} 7',
      'node_schedstat_waiting_seconds_total{cpu="0"} 5',
    ],
  ],
  [
    "arp",
    arp,
    {
      "proc/net/arp":
        "IP address HW type Flags HW address Mask Device\n10.0.0.1 0x1 0x2 aa:bb * eth0\n10.0.0.2 0x1 0x2 aa:cc * eth0\n",
    },
    {},
    ['node_arp_entries{device="eth0"} 2'],
  ],
  [
    "kernel_hung",
    kernelHung,
    { "proc/sys/kernel/hung_task_detect_count": "3\n" },
    {},
    ["node_kernel_hung_tasks_total 3"],
  ],
  ["selinux", selinux, {}, {}, ["node_selinux_enabled 0"]],
  [
    "udp_queues",
    udpQueues,
    {
      "proc/net/udp": `head\n${["00000015:00000000", "00000000:00000010"]
        .map((queues, i) => ` ${i}: 0100007F:0035 00000000:0000 07 ${queues} 00:00000000 00000000 0 0 3 2 0 0\n`)
        .join("")}`,
    },
    {},
    ['node_udp_queues{ip="v4",queue="rx"} 16', 'node_udp_queues{ip="v4",queue="tx"} 21'],
  ],
  [
    "cpufreq",
    cpufreq,
    {
      "sys/devices/system/cpu/offline": "2\n",
      "sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq": "900\n",
      "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "1200\n",
      "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
      "sys/devices/system/cpu/cpu1/cpufreq/scaling_available_governors": "performance powersave\n",
    },
    {},
    [
      'node_cpu_scaling_frequency_hertz{cpu="1"} 1.2e+06',
      'node_cpu_scaling_governor{cpu="1",governor="performance"} 0',
      'node_cpu_scaling_governor{cpu="1",governor="powersave"} 1',
    ],
  ],
  [
    "thermal_zone",
    thermalZone,
    {
      "sys/class/thermal/thermal_zone0/temp": "12376\n",
      "sys/class/thermal/thermal_zone0/type": "cpu\n",
      "sys/class/thermal/cooling_device1/type": "Fan\n",
      "sys/class/thermal/cooling_device1/cur_state": "2\n",
      "sys/class/thermal/cooling_device1/max_state": "3\n",
    },
    {},
    [
      'node_cooling_device_cur_state{name="1",type="Fan"} 2',
      'node_cooling_device_max_state{name="1",type="Fan"} 3',
      'node_thermal_zone_temp{type="cpu",zone="0"} 12.376',
    ],
  ],
  [
    "dmi",
    dmi,
    { "sys/class/dmi/id/sys_vendor": "Acme\n", "sys/class/dmi/id/bios_date": "1/1\n" },
    {},
    ['node_dmi_info{bios_date="1/1",system_vendor="Acme"} 1'],
  ],
  [
    "os",
    osRelease,
    { "root/etc/os-release": 'ID=debian\nNAME="A \\"B\\""\nVERSION_ID="12.4.1"\nSUPPORT_END=2030-01-01\n' },
    {},
    [
      'node_os_info{build_id="",id="debian",id_like="",image_id="",image_version="",name="A \\"B\\"",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id="12.4.1"} 1',
      "node_os_support_end_timestamp_seconds 1.8934560e+09".replace("60e", "6e"),
      'node_os_version{id="debian",id_like="",name="A \\"B\\""} 12.4',
    ],
  ],
  [
    "softnet",
    softnet,
    { "proc/net/softnet_stat": "0000000a 1 2 0 0 0 0 0 3 4 5 6 00000007\n" },
    {},
    [
      'node_softnet_backlog_len{cpu="7"} 6',
      'node_softnet_cpu_collision_total{cpu="7"} 3',
      'node_softnet_dropped_total{cpu="7"} 1',
      'node_softnet_flow_limit_count_total{cpu="7"} 5',
      'node_softnet_processed_total{cpu="7"} 10',
      'node_softnet_received_rps_total{cpu="7"} 4',
      'node_softnet_times_squeezed_total{cpu="7"} 2',
    ],
  ],
  [
    "sockstat",
    sockstat,
    { "proc/net/sockstat": "sockets: used 229\nTCP: inuse 4 mem 1\n", "proc/net/sockstat6": "UDP6: inuse 9\n" },
    {},
    [
      "node_sockstat_TCP_inuse 4",
      "node_sockstat_TCP_mem 1",
      "node_sockstat_TCP_mem_bytes 4096",
      "node_sockstat_UDP6_inuse 9",
      "node_sockstat_sockets_used 229",
    ],
  ],
  [
    "pressure",
    pressure,
    { "proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=14036780\n" },
    {},
    ["node_pressure_cpu_waiting_seconds_total 14.03678"],
  ],
])("%s reads its files", async (_name, collector, files, flags, expected) => {
  using host = hostTree(files);
  expect(await seriesFrom(collector, host, flags)).toEqual(expected);
});

test.each([
  ["conntrack", conntrack],
  ["pressure", pressure],
  ["schedstat", schedstat],
  ["dmi", dmi],
  ["os", osRelease],
  ["kernel_hung", kernelHung],
  ["udp_queues", udpQueues],
])("%s shows no success, and no error, on a host that lacks the thing", async (name, collector) => {
  using host = hostTree();
  expect(await seriesFrom(collector, host)).toEqual([`node_scrape_collector_success{collector="${name}"} 0`]);
});

test("conntrack adds up the hexadecimal counts of the CPUs", async () => {
  using host = hostTree({
    "proc/sys/net/netfilter/nf_conntrack_count": "123\n",
    "proc/sys/net/netfilter/nf_conntrack_max": "65536\n",
    "proc/net/stat/nf_conntrack": `entries searched found\n1 2 0000000a ${"0 ".repeat(13)}1\n1 2 00000001 ${"0 ".repeat(13)}2\n`,
  });
  const series = await seriesFrom(conntrack, host);
  expect(series).toContain("node_nf_conntrack_stat_found 11");
  expect(series).toContain("node_nf_conntrack_stat_search_restart 3");
  expect(series).toContain("node_nf_conntrack_entries_limit 65536");
});

test("diskstats shows I/O and udev's data about the disk", async () => {
  using host = hostTree({
    "proc/diskstats": "   8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n   8 1 sda1 1 2 3 4 5 6 7 8 9 10 11\n",
    "sys/block/sda/queue/rotational": "1\n",
    "udev/b8:0":
      "S:disk\nE:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\nE:ID_MODEL=M\nE:ID_ATA=1\nE:ID_ATA_ROTATION_RATE_RPM=7200\nE:ID_FS_TYPE=ext4\n",
  });
  const series = await seriesFrom(diskstats, host);
  expect(series).toContain('node_disk_read_bytes_total{device="sda"} 1536');
  expect(series).toContain('node_disk_io_time_seconds_total{device="sda"} 0.01');
  expect(series).toContain('node_disk_ata_rotation_rate_rpm{device="sda"} 7200');
  expect(series).toContain('node_disk_filesystem_info{device="sda",type="ext4",usage="",uuid="",version=""} 1');
  expect(series).toContain(
    'node_disk_info{device="sda",major="8",minor="0",model="M",path="",revision="",rotational="1",serial="short",wwn=""} 1',
  );
  expect(series.join()).not.toContain("sda1");
  expect(series.join()).not.toContain("discard");
});

test("cpu reads the topology again only if a CPU was switched on or off", async () => {
  const core = "sys/devices/system/cpu/cpu0/topology/core_id";
  using host = hostTree({
    "proc/stat": "cpu0 1 2 3 4\n",
    "sys/devices/system/cpu/online": "0\n",
    "sys/devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
    "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "5\n",
    [core]: "1\n",
  });
  const collection = openCollection([cpu], {
    files: host,
    settings: Settings.of(cpu.flags),
    clock: systemClock,
    logger: memoryLogger(),
    timeLimitMs: 10_000,
  });
  const cores = async () =>
    Array.from(
      (await pageOf(collection)).matchAll(/^node_cpu_core_throttles_total\{core="(\d)"/gm),
      ([, core]) => core,
    );
  expect(await cores()).toEqual(["1"]);
  host.write(core, "2\n");
  expect(await cores()).toEqual(["1"]);
  host.write("sys/devices/system/cpu/online", "0-1\n");
  expect(await cores()).toEqual(["2"]);
});

test("netclass shows state and properties, and omits files that the kernel refuses to read", async () => {
  using host = hostTree({
    "sys/class/net/bonding_masters": "bond0\n",
    "sys/class/net/eth0/operstate": "up\n",
    "sys/class/net/eth0/flags": "0x1003\n",
    "sys/class/net/eth0/speed": "-1\n",
    "sys/class/net/eth0/mtu": "1500\n",
  });
  expect(await seriesFrom(netclass, host)).toEqual([
    'node_network_flags{device="eth0"} 4099',
    'node_network_info{address="",adminstate="up",broadcast="",device="eth0",duplex="",ifalias="",operstate="up"} 1',
    'node_network_mtu_bytes{device="eth0"} 1500',
    'node_network_speed_bytes{device="eth0"} -125000',
    'node_network_up{device="eth0"} 1',
  ]);
  const strict = await seriesFrom(netclass, host, { "collector.netclass.ignore-invalid-speed": true });
  expect(strict.join()).not.toContain("speed");
});

test("time shows the clock and the clock sources, uname the kernel", async () => {
  using host = hostTree({
    "sys/devices/system/clocksource/clocksource0/available_clocksource": "tsc hpet\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    ...Object.fromEntries(
      ["ostype", "osrelease", "version", "hostname", "domainname"].map((name) => [
        `proc/sys/kernel/${name}`,
        `${name}-x\n`,
      ]),
    ),
  });
  const series = await seriesFrom(time, host);
  expect(series).toContain('node_time_clocksource_available_info{clocksource="hpet",device="0"} 1');
  expect(series).toContain('node_time_clocksource_current_info{clocksource="tsc",device="0"} 1');
  expect(series.some((line) => line.startsWith("node_time_seconds 1."))).toBe(true);
  expect((await seriesFrom(uname, host))[0]).toMatch(
    /^node_uname_info\{domainname="domainname-x",machine="\w+",nodename="hostname-x",release="osrelease-x",sysname="ostype-x",version="version-x"\} 1$/,
  );
});
