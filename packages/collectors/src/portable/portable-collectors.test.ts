import { hostname } from "node:os";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { LINUX_COLLECTORS } from "../registry.ts";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf } from "../testing/host-tree.ts";
import { portableCollectors } from "./portable-collectors.ts";
import type { SystemInformation } from "./systeminformation.ts";

const library: SystemInformation = {
  mem: async () => ({
    total: 80,
    free: 20,
    available: 40,
    active: 30,
    buffers: 0,
    cached: 0,
    buffcache: 15,
    swaptotal: 6,
    swapused: 1,
    swapfree: 5,
  }),
  fsSize: async () => [
    { fs: "/dev/disk1s1", type: "APFS", size: 100, used: 60, available: 30, mount: "/", rw: true },
    { fs: "/dev/disk9", type: "hfs", size: 9, used: 9, available: 0, mount: "/Volumes/none", rw: false },
    { fs: "devfs", type: "devfs", size: 1, used: 1, available: 0, mount: "/dev", rw: true },
  ],
  networkStats: async () => [
    { iface: "en0", rx_bytes: 10, rx_dropped: 1, rx_errors: 2, tx_bytes: 20, tx_dropped: 3, tx_errors: 4 },
    { iface: "utun0", rx_bytes: 1, rx_dropped: 1, rx_errors: 1, tx_bytes: 1, tx_dropped: 1, tx_errors: 1 },
  ],
  disksIO: async () => ({ rIO: 7, wIO: 9 }),
  fsStats: async () => ({ rx: 70, wx: null }),
};

/** Returns the exposition text of the portable collectors on a platform. */
async function printed(
  platform: NodeJS.Platform,
  { given = {}, answers = {} }: { given?: Record<string, unknown>; answers?: Partial<SystemInformation> } = {},
): Promise<string> {
  const collectors = portableCollectors(async () => ({ ...library, ...answers }), platform);
  const flags = Object.assign({}, ...LINUX_COLLECTORS.map((collector) => collector.flags)) as Record<string, never>;
  using host = hostTree({
    "root/System/Library/CoreServices/SystemVersion.plist":
      "<plist><dict>\n\t<key>ProductBuildVersion</key>\n\t<string>24A335</string>\n\t<key>ProductName</key>\n" +
      "\t<string>macOS</string>\n\t<key>ProductVersion</key>\n\t<string>15.0.1</string></dict></plist>\n",
  });
  const collection = openCollection(collectors, {
    files: host,
    settings: Settings.of(flags, given),
    clock: new ManualClock(),
    logger: memoryLogger(),
    timeLimitMs: 10_000,
  });
  return pageOf(collection);
}

test("macOS shows memory under Linux' names and under node_exporter's own names for macOS", async () => {
  const text = await printed("darwin");
  for (const line of [
    "node_memory_MemTotal_bytes 80",
    "node_memory_Cached_bytes 15",
    "node_memory_SwapFree_bytes 5",
    "# HELP node_memory_active_bytes Memory information field active_bytes.",
    "node_memory_active_bytes 30",
    "node_memory_free_bytes 20",
    "node_memory_total_bytes 80",
    "node_memory_swap_total_bytes 6",
    "node_memory_swap_used_bytes 1",
    'node_filesystem_free_bytes{device="/dev/disk1s1",device_error="",fstype="APFS",mountpoint="/"} 40',
    'node_filesystem_device_error{device="/dev/disk1s1",device_error="",fstype="APFS",mountpoint="/"} 0',
    'node_filesystem_readonly{device="/dev/disk9",device_error="",fstype="hfs",mountpoint="/Volumes/none"} 1',
    'node_network_receive_bytes_total{device="en0"} 10',
    'node_network_transmit_errs_total{device="en0"} 4',
    'node_disk_reads_completed_total{device="total"} 7',
    'node_disk_read_bytes_total{device="total"} 70',
    "# TYPE node_boot_time_seconds gauge",
    'node_os_version{id="",id_like="",name="macOS"} 15',
    "node_textfile_scrape_error 0",
    'node_scrape_collector_success{collector="cpu"} 1',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="nice"\} /m);
  expect(text).toMatch(/^node_load15 /m);
  expect(text).toMatch(/^node_filesystem_files\{.*mountpoint="\/"\} \d/m);
  expect(text).toMatch(new RegExp(`^node_uname_info\\{.*nodename="${hostname().split(".")[0]!}"`, "m"));
  expect(text).not.toContain("node_disk_written_bytes_total");
  expect(text).not.toContain('mode="irq"');
  expect(text).not.toContain('mountpoint="/dev"');
  expect(text).not.toContain('node_filesystem_files{device="/dev/disk9"');
  expect(text).not.toMatch(/collector_success\{.*\} 0$/m);
});

test("Windows has no load average, and shows interrupt time instead of nice time", async () => {
  const text = await printed("win32");
  expect(text).toContain('node_scrape_collector_success{collector="loadavg"} 0\n');
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="irq"\} /m);
  expect(text).not.toContain('mode="nice"');
  expect(text).not.toContain("node_memory_total_bytes");
});

test("the flags of netdev and filesystem also work on hosts without /proc", async () => {
  const text = await printed("darwin", {
    given: { "collector.netdev.device-include": "^en", "collector.filesystem.mount-points-include": "^/$" },
  });
  expect(text).toContain('device="en0"');
  expect(text).not.toContain("utun0");
  expect(text).not.toContain("/Volumes/none");
});

test("there is no data for disks if the platform reports none", async () => {
  const text = await printed("win32", { answers: { disksIO: async () => null, fsStats: async () => null } });
  expect(text).toContain('node_scrape_collector_success{collector="diskstats"} 0\n');
});
