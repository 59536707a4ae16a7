import { expect, test } from "vitest";
import { bonding } from "./network/bonding.ts";
import { edac } from "./hardware/edac.ts";
import { hwmon } from "./hardware/hwmon.ts";
import { interrupts } from "./cpu/interrupts.ts";
import { mdadm } from "./disk/mdadm.ts";
import { nfs, nfsd } from "./filesystem/nfs.ts";
import { nvme } from "./disk/nvme.ts";
import { powerSupply } from "./hardware/power-supply.ts";
import { processes } from "./kernel/processes.ts";
import { rapl } from "./hardware/rapl.ts";
import { tcpstat } from "./network/tcpstat.ts";
import { hostTree, seriesFrom } from "./testing/host-tree.ts";
import { timex } from "./kernel/timex.ts";
import { watchdog } from "./hardware/watchdog.ts";
import { zfs } from "./filesystem/zfs.ts";

test.each([
  [
    "bonding",
    bonding,
    {
      "sys/class/net/bonding_masters": "bond0 bond1\n",
      "sys/class/net/bond0/bonding/slaves": "eth0 eth1\n",
      "sys/class/net/bond0/lower_eth0/bonding_slave/mii_status": "up\n",
      "sys/class/net/bond0/slave_eth1/bonding_slave/mii_status": "down\n",
      "sys/class/net/bond1/bonding/slaves": "\n",
    },
    [
      'node_bonding_active{master="bond0"} 1',
      'node_bonding_active{master="bond1"} 0',
      'node_bonding_slaves{master="bond0"} 2',
      'node_bonding_slaves{master="bond1"} 0',
    ],
  ],
  [
    "edac",
    edac,
    {
      ...Object.fromEntries(
        ["ce_count", "ce_noinfo_count", "ue_count", "ue_noinfo_count"].map((file, i) => [
          `sys/devices/system/edac/mc/mc0/${file}`,
          `${i + 1}\n`,
        ]),
      ),
      "sys/devices/system/edac/mc/mc0/csrow0/ce_count": "5\n",
      "sys/devices/system/edac/mc/mc0/csrow0/ue_count": "6\n",
      "sys/devices/system/edac/mc/mc0/csrow0/ch1_ce_count": "7\n",
      "sys/devices/system/edac/mc/mc0/csrow0/ch1_dimm_label": "mc#0csrow#0channel#1\n",
    },
    [
      'node_edac_channel_correctable_errors_total{channel="1",controller="0",csrow="0",dimm_label="mc0_csrow0_channel1"} 7',
      'node_edac_correctable_errors_total{controller="0"} 1',
      'node_edac_csrow_correctable_errors_total{controller="0",csrow="0"} 5',
      'node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"} 2',
      'node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="0"} 6',
      'node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"} 4',
      'node_edac_uncorrectable_errors_total{controller="0"} 3',
    ],
  ],
  [
    "watchdog",
    watchdog,
    { "sys/class/watchdog/watchdog0/timeout": "60\n", "sys/class/watchdog/watchdog0/identity": "Soft\n" },
    [
      'node_watchdog_info{identity="Soft",name="watchdog0",options="",pretimeout_governor="",state="",status=""} 1',
      'node_watchdog_timeout_seconds{name="watchdog0"} 60',
    ],
  ],
  [
    "powersupplyclass",
    powerSupply,
    {
      "sys/class/power_supply/BAT0/type": "Battery\n",
      "sys/class/power_supply/BAT0/capacity": "81\n",
      "sys/class/power_supply/BAT0/energy_now": "36580000\n",
      "sys/class/power_supply/BAT0/temp": "305\n",
    },
    [
      'node_power_supply_capacity{power_supply="BAT0"} 81',
      'node_power_supply_energy_watthour{power_supply="BAT0"} 36.58',
      'node_power_supply_info{power_supply="BAT0",type="Battery"} 1',
      'node_power_supply_temp_celsius{power_supply="BAT0"} 30.5',
    ],
  ],
  [
    "nvme",
    nvme,
    {
      "sys/class/nvme/nvme0/model": "M\n",
      "sys/class/nvme/nvme0/firmware_rev": "\n",
      "sys/class/nvme/nvme0/serial": "\n",
      "sys/class/nvme/nvme0/state": "live\n",
      "sys/class/nvme/nvme0/cntlid": "1\n",
      "sys/class/nvme/nvme0/nvme0c1n2/size": "100\n",
      "sys/class/nvme/nvme0/nvme0c1n2/nuse": "10\n",
      "sys/class/nvme/nvme0/nvme0c1n2/queue/logical_block_size": "512\n",
    },
    [
      'node_nvme_info{cntlid="1",device="nvme0",firmware_revision="",model="M",serial="",state="live"} 1',
      'node_nvme_namespace_capacity_bytes{device="nvme0",nsid="2"} 51200',
      'node_nvme_namespace_info{ana_state="unknown",device="nvme0",nsid="2"} 1',
      'node_nvme_namespace_logical_block_size_bytes{device="nvme0",nsid="2"} 512',
      'node_nvme_namespace_size_bytes{device="nvme0",nsid="2"} 51200',
      'node_nvme_namespace_used_bytes{device="nvme0",nsid="2"} 5120',
    ],
  ],
  [
    "tcpstat",
    tcpstat,
    { "proc/net/tcp": "head\n 0: 0:0 0:0 0A 00000000:00000001 x\n 1: 0:0 0:0 01 00000002:00000000 x\n" },
    [
      'node_tcp_connection_states{state="established"} 1',
      'node_tcp_connection_states{state="listen"} 1',
      'node_tcp_connection_states{state="rx_queued_bytes"} 1',
      'node_tcp_connection_states{state="tx_queued_bytes"} 2',
    ],
  ],
  [
    "processes",
    processes,
    {
      "proc/sys/kernel/threads-max": "100\n",
      "proc/sys/kernel/pid_max": "200\n",
      "proc/7/stat": `7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 2 0 ${"0 ".repeat(23)}\n`,
      "proc/7/task/7/stat": "",
      "proc/7/task/8/stat": `8 (a) b) R ${"1 ".repeat(41)}\n`,
    },
    [
      "node_processes_max_processes 200",
      "node_processes_max_threads 100",
      "node_processes_pids 1",
      'node_processes_state{state="S"} 1',
      "node_processes_threads 2",
      'node_processes_threads_state{thread_state="R"} 1',
      'node_processes_threads_state{thread_state="S"} 1',
    ],
  ],
  [
    "interrupts",
    interrupts,
    {
      "proc/interrupts":
        "  CPU0 CPU1\n  8: 1 2 IO-APIC 8-edge rtc0\n9223372036854775808: 1 2 IO-APIC 9-edge\n" +
        "NMI: 3 4 Non-maskable interrupts\nERR: 5\n",
    },
    [
      'node_interrupts_total{cpu="0",devices="",info="IO-APIC 9-edge",type="9223372036854775808"} 1',
      'node_interrupts_total{cpu="1",devices="",info="IO-APIC 9-edge",type="9223372036854775808"} 2',
      'node_interrupts_total{cpu="0",devices="8-edge rtc0",info="IO-APIC",type="8"} 1',
      'node_interrupts_total{cpu="0",devices="",info="Non-maskable interrupts",type="NMI"} 3',
      'node_interrupts_total{cpu="1",devices="8-edge rtc0",info="IO-APIC",type="8"} 2',
      'node_interrupts_total{cpu="1",devices="",info="Non-maskable interrupts",type="NMI"} 4',
    ].toSorted(),
  ],
])("%s reads its files", async (_name, collector, files, expected) => {
  using host = hostTree(files);
  expect((await seriesFrom(collector, host)).toSorted()).toEqual(expected);
});

test.each([
  ["bonding", bonding],
  ["hwmon", hwmon],
  ["mdadm", mdadm],
  ["nvme", nvme],
  ["powersupplyclass", powerSupply],
  ["rapl", rapl],
  ["watchdog", watchdog],
])("%s shows no success, and no error, on a host that lacks the hardware", async (name, collector) => {
  using host = hostTree();
  expect(await seriesFrom(collector, host)).toEqual([`node_scrape_collector_success{collector="${name}"} 0`]);
});

test("hwmon names chips by bus and device, distinguishes chips of one device, and converts units", async () => {
  using host = hostTree({
    "sys/devices/platform/coretemp.0/x": "",
    "sys/class/hwmon/hwmon0/name": "coretemp\n",
    "sys/class/hwmon/hwmon0/temp1_input": "55000\n",
    "sys/class/hwmon/hwmon0/temp1_label": "Core 0\n",
    "sys/class/hwmon/hwmon0/temp1_crit_alarm": "0\n",
    "sys/class/hwmon/hwmon1/name": "wmi\n",
    "sys/class/hwmon/hwmon1/fan1_input": "1200\n",
    "sys/class/hwmon/hwmon1/in0_alarm": "1\n",
    "sys/class/hwmon/hwmon1/power1_average": "2500000\n",
  });
  for (const chip of ["hwmon0", "hwmon1"])
    host.link(`sys/class/hwmon/${chip}/device`, `${host.folder}/sys/devices/platform/coretemp.0`);
  expect(await seriesFrom(hwmon, host)).toEqual([
    'node_hwmon_chip_names{chip="platform_coretemp_0_coretemp",chip_name="coretemp"} 1',
    'node_hwmon_chip_names{chip="platform_coretemp_0_wmi",chip_name="wmi"} 1',
    'node_hwmon_fan_rpm{chip="platform_coretemp_0_wmi",sensor="fan1"} 1200',
    'node_hwmon_in_alarm{chip="platform_coretemp_0_wmi",sensor="in0"} 1',
    'node_hwmon_power_average_watt{chip="platform_coretemp_0_wmi",sensor="power1"} 2.5',
    'node_hwmon_sensor_label{chip="platform_coretemp_0_coretemp",label="Core 0",sensor="temp1"} 1',
    'node_hwmon_temp_celsius{chip="platform_coretemp_0_coretemp",sensor="temp1"} 55',
    'node_hwmon_temp_crit_alarm_celsius{chip="platform_coretemp_0_coretemp",sensor="temp1"} 0',
  ]);
});

test("mdadm shows arrays, their disks and their progress", async () => {
  using host = hostTree({
    "proc/mdstat":
      "Personalities : [raid1]\n\nmd6 : active raid1 sdb2[2](F) sdc[1](S) sda2[0]\n      195310144 blocks [2/1] [U_]\n" +
      "      [=>....]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec\n\nunused devices: <none>\n",
    "sys/block/md6/md/raid_disks": "4 (3)\n",
    ...Object.fromEntries(
      ["level", "array_state", "metadata_version", "uuid"].map((file) => [`sys/block/md6/md/${file}`, "linear\n"]),
    ),
    "sys/block/md6/md/degraded": "1\n",
  });
  const series = await seriesFrom(mdadm, host);
  expect(series).toContain('node_md_state{device="md6",state="recovering"} 1');
  expect(series).toContain('node_md_state{device="md6",state="active"} 0');
  expect(series).toContain('node_md_disks{device="md6",state="failed"} 1');
  expect(series).toContain('node_md_disks_required{device="md6"} 2');
  expect(series).toContain('node_md_blocks_synced{device="md6"} 1.6775552e+07');
  expect(series).toContain('node_md_raid_disks{device="md6"} 4');
});

test("rapl shows joules per zone, under one name with a label if its flag is set", async () => {
  using host = hostTree({
    "sys/class/powercap/intel-rapl:0/name": "package-10\n",
    "sys/class/powercap/intel-rapl:0/energy_uj": "240422366267\n",
  });
  const path = host.sys.path("class/powercap/intel-rapl:0");
  expect(await seriesFrom(rapl, host)).toEqual([
    `node_rapl_package_joules_total{index="10",path="${path}"} 240422.366267`,
  ]);
  expect(await seriesFrom(rapl, host, { "collector.rapl.enable-zone-label": true })).toEqual([
    `node_rapl_joules_total{index="10",path="${path}",rapl_zone="package"} 240422.366267`,
  ]);
});

test("zfs shows caches, pools and datasets", async () => {
  using host = hostTree({
    "proc/spl/kstat/zfs/arcstats": "5 1 0x01\nname type data\nhits 4 87\nmemory-low 3 -5\nlabel 7 text\n",
    "proc/spl/kstat/zfs/tank/io": `12 3 0x00\nnread nwritten${" x".repeat(10)}\n18 27${" 0".repeat(10)}\n`,
    "proc/spl/kstat/zfs/tank/state": "ONLINE\n",
    "proc/spl/kstat/zfs/tank/objset-1": "1 2\nname type data\nreads 4 2\ndataset_name 7 tank/a b\nwrites 4 3\n",
  });
  const series = await seriesFrom(zfs, host);
  expect(series).toContain("node_zfs_arc_hits 87");
  expect(series).toContain("node_zfs_arc_memory_low -5");
  expect(series).toContain('node_zfs_zpool_nwritten{zpool="tank"} 27');
  expect(series).toContain('node_zfs_zpool_dataset_writes{dataset="tank/a b",zpool="tank"} 3');
  expect(series).toContain('node_zfs_zpool_dataset_reads{dataset="",zpool=""} 2');
  expect(series).toContain('node_zfs_zpool_state{state="online",zpool="tank"} 1');
  expect(series.join()).not.toContain("label ");
});

test("nfs and nfsd show packets, calls and procedures by version", async () => {
  using host = hostTree({
    "proc/net/rpc/nfs": `net 70 1 69 45\nrpc 12 3 4\nproc2 18 16 57${" 0".repeat(16)}\nproc4 3 98 51 54\n`,
    "proc/net/rpc/nfsd":
      "rc 0 6 18622\nfh 9 0 0 0 0\nio 157 72\nth 8 0\nra 32 0 0 0 0 0 0 0 0 0 0 5\nnet 972 55 917 1\n" +
      `rpc 18628 3 1 2 0\nproc3 22 2 112 7${" 0".repeat(19)}\nproc4ops 39 0 0 0 1098 2 0 5${" 0".repeat(32)}\n`,
  });
  const client = await seriesFrom(nfs, host);
  expect(client).toContain('node_nfs_packets_total{protocol="tcp"} 69');
  expect(client).toContain('node_nfs_requests_total{method="GetAttr",proto="2"} 57');
  expect(client).toContain('node_nfs_requests_total{method="Write",proto="4"} 54');
  const server = await seriesFrom(nfsd, host);
  expect(server).toContain('node_nfsd_requests_total{method="SetAttr",proto="3"} 7');
  expect(server).toContain('node_nfsd_requests_total{method="Access",proto="4"} 1098');
  expect(server).toContain("node_nfsd_read_ahead_cache_not_found_total 5");
  expect(server).toContain('node_nfsd_rpc_errors_total{error="auth"} 2');
  expect(server.join()).not.toContain('"Null"');
  using bare = hostTree();
  expect(await seriesFrom(nfs, bare)).toEqual(['node_scrape_collector_success{collector="nfs"} 0']);
});

test.skipIf(process.platform !== "linux")("timex reads the clock state of this kernel", async () => {
  using host = hostTree();
  const series = await seriesFrom(timex, host);
  const tick = series.find((line) => line.startsWith("node_timex_tick_seconds "));
  // Expects a tick of 10 ms (100 Hz), minus the 10 % by which a kernel clock may be tuned.
  expect(Number(tick?.split(" ")[1])).toBeGreaterThan(0.0089);
  expect(Number(tick?.split(" ")[1])).toBeLessThan(0.0111);
});
