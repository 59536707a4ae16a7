import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { writeText } from "@narthex/exposition";
import { expect, test } from "vitest";
import { openCollection } from "../run.ts";
import { Settings } from "../settings.ts";
import { portableCollectors, type SystemInformation } from "./systeminformation.ts";
import { hostTree } from "../testing/host-tree.ts";

const library: SystemInformation = {
  mem: async () => ({ total: 8, free: 2, available: 4, active: 3, buffers: 1, cached: 1, swaptotal: 6, swapfree: 5 }),
  fsSize: async () => [{ fs: "/dev/disk1s1", type: "APFS", size: 100, used: 60, available: 30, mount: "/", rw: true }],
  networkStats: async () => [
    { iface: "en0", rx_bytes: 10, rx_dropped: 1, rx_errors: 2, tx_bytes: 20, tx_dropped: 3, tx_errors: 4 },
  ],
  disksIO: async () => ({ rIO: 7, wIO: 9 }),
  fsStats: async () => null,
};

test("portableCollectors() give a host without /proc the names that Linux has", async () => {
  using host = hostTree();
  const collection = openCollection(
    portableCollectors(async () => library),
    {
      files: host,
      settings: Settings.of({}),
      clock: systemClock,
      logger: memoryLogger(),
      timeLimitMs: 10_000,
    },
  );
  const text = writeText(await collection.gather());
  for (const line of [
    "node_memory_MemTotal_bytes 8",
    "node_memory_SwapFree_bytes 5",
    'node_filesystem_free_bytes{device="/dev/disk1s1",device_error="",fstype="APFS",mountpoint="/"} 40',
    'node_network_receive_bytes_total{device="en0"} 10',
    'node_network_transmit_errs_total{device="en0"} 4',
    'node_disk_reads_completed_total{device="total"} 7',
    'node_scrape_collector_success{collector="cpu"} 1',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="idle"\} /m);
  expect(text).toMatch(/^node_load1 /m);
  expect(text).not.toContain('"} 0\nnode_scrape_collector_success');
});
