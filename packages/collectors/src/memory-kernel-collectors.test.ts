import { memoryLogger } from "@narthex/runtime/testing";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { cpuVulnerabilities } from "./cpu/cpu-vulnerabilities.ts";
import { interrupts } from "./cpu/interrupts.ts";
import { softirqs } from "./cpu/softirqs.ts";
import { drbd } from "./disk/drbd.ts";
import { cgroups } from "./kernel/cgroups.ts";
import { kernelHung } from "./kernel/kernel-hung.ts";
import { sysctl } from "./kernel/sysctl.ts";
import { buddyinfo } from "./memory/buddyinfo.ts";
import { ksmd } from "./memory/ksmd.ts";
import { meminfoNuma } from "./memory/meminfo-numa.ts";
import { slabinfo } from "./memory/slabinfo.ts";
import { swap } from "./memory/swap.ts";
import { zoneinfo } from "./memory/zoneinfo.ts";
import { lnstat } from "./network/lnstat.ts";
import { xfrm } from "./network/xfrm.ts";
import { openCollection } from "./collection/collection.ts";
import { Settings } from "./settings.ts";
import { hostTree, pageOf, seriesFrom } from "./testing/host-tree.ts";

const SLABS =
  "slabinfo - version: 2.1\n# name <active_objs>\n" +
  "dentry 1206 1239 192 39 2 : tunables 0 0 0 : slabdata 59 59 0\n" +
  "kmalloc-8k 132 148 8192 4 8 : tunables 0 0 0 : slabdata 37 37 0\n";
const NUMA = "sys/devices/system/node/node";

test.each([
  [
    "buddyinfo",
    buddyinfo,
    { "proc/buddyinfo": "Node 0, zone      DMA      1      0\nNode 1, zone   Normal   4381   1093\n" },
    {},
    [
      'node_buddyinfo_blocks{node="0",size="0",zone="DMA"} 1',
      'node_buddyinfo_blocks{node="0",size="1",zone="DMA"} 0',
      'node_buddyinfo_blocks{node="1",size="0",zone="Normal"} 4381',
      'node_buddyinfo_blocks{node="1",size="1",zone="Normal"} 1093',
    ],
  ],
  [
    "cgroups",
    cgroups,
    { "proc/cgroups": "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t5\t47\t1\nrdma\t0\t1\t0\n" },
    {},
    [
      'node_cgroups_cgroups{subsys_name="cpu"} 47',
      'node_cgroups_cgroups{subsys_name="rdma"} 1',
      'node_cgroups_enabled{subsys_name="cpu"} 1',
      'node_cgroups_enabled{subsys_name="rdma"} 0',
    ],
  ],
  [
    "cpu_vulnerabilities",
    cpuVulnerabilities,
    Object.fromEntries(
      [
        ["itlb_multihit", "Not affected"],
        ["mds", "Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable"],
        ["odd", "KVM: Mitigation: VMX disabled"],
        ["retbleed", "Mitigation: untrained return thunk; SMT enabled"],
        ["tsx", "Unknown: No mitigations"],
      ].map(([name, text]) => [`sys/devices/system/cpu/vulnerabilities/${name}`, `${text}\n`]),
    ),
    {},
    [
      'node_cpu_vulnerabilities_info{codename="itlb_multihit",mitigation="",state="not affected"} 1',
      'node_cpu_vulnerabilities_info{codename="mds",mitigation="Clear CPU buffers attempted, no microcode; SMT vulnerable",state="vulnerable"} 1',
      'node_cpu_vulnerabilities_info{codename="odd",mitigation="KVM: Mitigation: VMX disabled",state="unknown"} 1',
      'node_cpu_vulnerabilities_info{codename="retbleed",mitigation="untrained return thunk; SMT enabled",state="mitigation"} 1',
      'node_cpu_vulnerabilities_info{codename="tsx",mitigation="No mitigations",state="unknown"} 1',
    ],
  ],
  [
    "drbd",
    drbd,
    {
      "proc/drbd":
        "version: 8.4.5 (api:1/proto:86-101)\n 1: cs:Connected ro:Primary/Secondary ds:UpToDate/Failed C r-----\n 99999999999999999999999: ns:2 nr:3 al:4 oos:5\n",
    },
    {},
    [
      'node_drbd_activitylog_writes_total{device="drbd1"} 4',
      'node_drbd_connected{device="drbd1"} 1',
      'node_drbd_disk_state_is_up_to_date{device="drbd1",node="local"} 1',
      'node_drbd_disk_state_is_up_to_date{device="drbd1",node="remote"} 0',
      'node_drbd_network_received_bytes_total{device="drbd1"} 3',
      'node_drbd_network_sent_bytes_total{device="drbd1"} 2048',
      'node_drbd_node_role_is_primary{device="drbd1",node="local"} 1',
      'node_drbd_node_role_is_primary{device="drbd1",node="remote"} 0',
      'node_drbd_out_of_sync_bytes{device="drbd1"} 5120',
    ],
  ],
  [
    "ksmd",
    ksmd,
    {
      "sys/kernel/mm/ksm/full_scans": "323\n",
      "sys/kernel/mm/ksm/general_profit": "-64\n",
      "sys/kernel/mm/ksm/sleep_millisecs": "20\n",
    },
    {},
    ["node_ksmd_full_scans_total 323", "node_ksmd_general_profit_bytes -64", "node_ksmd_sleep_seconds 0.02"],
  ],
  [
    "lnstat",
    lnstat,
    { "proc/net/stat/arp_cache": "entries  allocs\n00000014 00000001\n00000015 0000000a\n" },
    {},
    [
      'node_lnstat_allocs_total{cpu="0",subsystem="arp_cache"} 1',
      'node_lnstat_allocs_total{cpu="1",subsystem="arp_cache"} 10',
      'node_lnstat_entries_total{cpu="0",subsystem="arp_cache"} 20',
      'node_lnstat_entries_total{cpu="1",subsystem="arp_cache"} 21',
    ],
  ],
  [
    "meminfo_numa",
    meminfoNuma,
    {
      [`${NUMA}3/meminfo`]: "\nNode 3 Active(anon):  2 kB\nNode 3 HugePages_Free:  7\n",
      [`${NUMA}3/numastat`]: "numa_hit 5\n",
    },
    {},
    [
      'node_memory_numa_Active_anon{node="3"} 2048',
      'node_memory_numa_HugePages_Free{node="3"} 7',
      'node_memory_numa_numa_hit_total{node="3"} 5',
    ],
  ],
  [
    "slabinfo",
    slabinfo,
    { "proc/slabinfo": SLABS },
    { "collector.slabinfo.slabs-exclude": "^kmalloc" },
    [
      'node_slabinfo_active_objects{slab="dentry"} 1206',
      'node_slabinfo_object_size_bytes{slab="dentry"} 192',
      'node_slabinfo_objects_per_slab{slab="dentry"} 39',
      'node_slabinfo_objects{slab="dentry"} 1239',
      'node_slabinfo_pages_per_slab{slab="dentry"} 2',
    ],
  ],
  [
    "softirqs",
    softirqs,
    { "proc/softirqs": "    CPU0 CPU1\n  HI: 7 1\n TIMER:\n NEWER: 5 5\n" },
    {},
    ['node_softirqs_functions_total{cpu="0",type="HI"} 7', 'node_softirqs_functions_total{cpu="1",type="HI"} 1'],
  ],
  [
    "swap",
    swap,
    { "proc/swaps": "Filename Type Size Used Priority\n/dev/zram0  partition\t8\t2\t-2\n" },
    {},
    [
      'node_swap_priority{device="/dev/zram0",swap_type="partition"} -2',
      'node_swap_size_bytes{device="/dev/zram0",swap_type="partition"} 8192',
      'node_swap_used_bytes{device="/dev/zram0",swap_type="partition"} 2048',
    ],
  ],
  [
    "sysctl",
    sysctl,
    {
      "proc/sys/fs/file-nr": "1024\t0\t1631329\n",
      "proc/sys/kernel/threads-max": "7801\n",
      "proc/sys/kernel/seccomp/actions_avail": "kill trap\n",
      "proc/sys/kernel/ostype": "Linux\n",
    },
    {
      "collector.sysctl.include": ["fs.file-nr", "fs.file-nr:total,current,max", "kernel.threads-max"],
      "collector.sysctl.include-info": ["kernel.seccomp.actions_avail", "kernel.ostype"],
    },
    [
      'node_sysctl_fs_file_nr{index="0"} 1024',
      'node_sysctl_fs_file_nr{index="1"} 0',
      'node_sysctl_fs_file_nr{index="2"} 1.631329e+06',
      "node_sysctl_fs_file_nr_current 0",
      "node_sysctl_fs_file_nr_max 1.631329e+06",
      "node_sysctl_fs_file_nr_total 1024",
      'node_sysctl_info{index="0",name="kernel.ostype",value="Linux"} 1',
      'node_sysctl_info{index="0",name="kernel.seccomp.actions_avail",value="kill"} 1',
      'node_sysctl_info{index="1",name="kernel.seccomp.actions_avail",value="trap"} 1',
      "node_sysctl_kernel_threads_max 7801",
    ],
  ],
  [
    "zoneinfo",
    zoneinfo,
    {
      "proc/zoneinfo":
        "Node 0, zone      DMA\n  per-node stats\n      nr_dirtied   3\n  pages free     2949\n        min      0x10\n" +
        "        protection: (0, 2877)\n      nr_free_pages x\n" +
        "Node 1, zone  Movable\n        high     9\n        protection: (0, none)\n",
    },
    {},
    [
      'node_zoneinfo_high_pages{node="1",zone="Movable"} 9',
      'node_zoneinfo_min_pages{node="0",zone="DMA"} 16',
      'node_zoneinfo_nr_dirtied_total{node="0",zone="DMA"} 3',
      'node_zoneinfo_nr_free_pages{node="0",zone="DMA"} 0',
      'node_zoneinfo_protection_0{node="0",zone="DMA"} 0',
      'node_zoneinfo_protection_1{node="0",zone="DMA"} 2877',
    ],
  ],
])("%s reads the kernel's text", async (_, collector, files, flags, expected) => {
  using host = hostTree(files);
  expect((await seriesFrom(collector, host, flags as Record<string, unknown>)).toSorted()).toEqual(expected.toSorted());
});

test("xfrm shows 0 for counters that the kernel lacks", async () => {
  using host = hostTree({
    "proc/net/xfrm_stat": "XfrmInError             1\nXfrmAcquireError        24532\nNewer 1\n",
  });
  const series = await seriesFrom(xfrm, host);
  expect(series).toHaveLength(28);
  expect(series).toContain("node_xfrm_in_error_packets_total 1");
  expect(series).toContain("node_xfrm_acquire_error_packets_total 24532");
  expect(series).toContain("node_xfrm_out_pol_dead_packets_total 0");
});

test("interrupts and slabs accept an include and an exclude expression together", async () => {
  using host = hostTree({
    "proc/interrupts":
      "  CPU0\n 0: 18 IO-APIC 2-edge timer\n 9: 0 IO-APIC 9-edge acpi\nNMI: 4 Non-maskable interrupts\n",
  });
  const flags = { "collector.interrupts.name-include": "^[09];", "collector.interrupts.name-exclude": "acpi$" };
  expect(await seriesFrom(interrupts, host, flags)).toEqual([
    'node_interrupts_total{cpu="0",devices="2-edge timer",info="IO-APIC",type="0"} 18',
  ]);
  expect(await seriesFrom(interrupts, host, { "collector.interrupts.include-zeros": false })).toHaveLength(2);
});

/** Runs a collector. Returns its log and whether it succeeded. */
async function outcomeOf(
  collector: typeof buddyinfo,
  files: Record<string, string>,
  flags: Record<string, unknown> = {},
): Promise<{ succeeded: boolean; logged: string[] }> {
  using host = hostTree(files);
  const logger = memoryLogger();
  const settings = Settings.of(collector.flags, flags);
  const collection = openCollection([collector], {
    files: host,
    settings,
    clock: systemClock,
    logger,
    timeLimitMs: 10_000,
  });
  const succeeded = /^node_scrape_collector_success.* 1$/m.test(await pageOf(collection));
  return { succeeded, logged: logger.lines.map(({ message }) => message) };
}

test.each([
  ["drbd", drbd],
  ["kernel_hung", kernelHung],
])("%s without its file has no data, and logs nothing", async (_, collector) => {
  expect(await outcomeOf(collector, {})).toEqual({ succeeded: false, logged: [] });
});

test.each([
  ["buddyinfo", buddyinfo],
  ["cgroups", cgroups],
  ["interrupts", interrupts],
  ["slabinfo", slabinfo],
  ["softirqs", softirqs],
  ["swap", swap],
  ["xfrm", xfrm],
  ["zoneinfo", zoneinfo],
])("%s without its file fails", async (_, collector) => {
  const { succeeded, logged } = await outcomeOf(collector, {});
  expect(succeeded).toBe(false);
  expect(logged).toHaveLength(1);
});

test.each([
  ["cpu_vulnerabilities", cpuVulnerabilities],
  ["ksmd", ksmd],
  ["lnstat", lnstat],
  ["meminfo_numa", meminfoNuma],
])("%s without its folder succeeds with nothing to say", async (_, collector) => {
  expect((await outcomeOf(collector, {})).succeeded).toBe(true);
});

test.each([
  ["buddyinfo with a short line", buddyinfo, { "proc/buddyinfo": "Node 0, zone\n" }],
  ["buddyinfo with zones of unlike length", buddyinfo, { "proc/buddyinfo": "Node 0, zone A 1 2\nNode 0, zone B 1\n" }],
  ["buddyinfo with a word for a count", buddyinfo, { "proc/buddyinfo": "Node 0, zone A many\n" }],
  ["cgroups with three columns", cgroups, { "proc/cgroups": "cpu 1 2\n" }],
  ["drbd with a word for a count", drbd, { "proc/drbd": "0: ns:many\n" }],
  ["drbd with half a pair", drbd, { "proc/drbd": "0: ro:Primary\n" }],
  ["interrupts that are empty", interrupts, { "proc/interrupts": "" }],
  ["interrupts with a word for a count", interrupts, { "proc/interrupts": " CPU0\n 0: x IO-APIC\n" }],
  ["kernel_hung with an empty file", kernelHung, { "proc/sys/kernel/hung_task_detect_count": "\n" }],
  ["ksmd with a fraction", ksmd, { "sys/kernel/mm/ksm/run": "0.5\n" }],
  ["lnstat with a decimal point", lnstat, { "proc/net/stat/x": "a\n1.0\n" }],
  ["lnstat with more numbers than columns", lnstat, { "proc/net/stat/x": "a\n1 2\n" }],
  ["meminfo_numa without numastat", meminfoNuma, { [`${NUMA}0/meminfo`]: "Node 0 MemFree: 1 kB\n" }],
  [
    "meminfo_numa in an unknown unit",
    meminfoNuma,
    { [`${NUMA}0/meminfo`]: "Node 0 MemFree: 1 MB\n", [`${NUMA}0/numastat`]: "" },
  ],
  [
    "meminfo_numa with a long numastat line",
    meminfoNuma,
    { [`${NUMA}0/meminfo`]: "", [`${NUMA}0/numastat`]: "numa_hit 1 2\n" },
  ],
  ["slabinfo with a missing column", slabinfo, { "proc/slabinfo": "a 1 2 3\n" }],
  ["softirqs that are empty", softirqs, { "proc/softirqs": "" }],
  ["softirqs with a word for a count", softirqs, { "proc/softirqs": "CPU0\nHI: x\n" }],
  ["swap with four columns", swap, { "proc/swaps": "Filename\n/dev/sda partition 1 2\n" }],
  ["xfrm with a blank line", xfrm, { "proc/net/xfrm_stat": "XfrmInError 1\n\n" }],
])("%s fails", async (_, collector, files) => {
  expect((await outcomeOf(collector, files as Record<string, string>)).succeeded).toBe(false);
});

test.each([
  ["a parameter that is not there", { "collector.sysctl.include": ["a.b"] }],
  ["a parameter without values", { "collector.sysctl.include": ["empty"] }],
  ["a word for a number", { "collector.sysctl.include": ["word"] }],
  ["a name for a single value", { "collector.sysctl.include": ["one:a"] }],
  ["fewer names than values", { "collector.sysctl.include": ["three:a,b"] }],
  ["names for texts", { "collector.sysctl.include-info": ["three:a,b,c"] }],
])("sysctl fails on %s", async (_, flags) => {
  const files = {
    "proc/sys/empty": "\n",
    "proc/sys/word": "x\n",
    "proc/sys/one": "1\n",
    "proc/sys/three": "1 2 3\n",
  };
  expect((await outcomeOf(sysctl, files, flags)).succeeded).toBe(false);
});
