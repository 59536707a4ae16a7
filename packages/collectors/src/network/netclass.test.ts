import { renameSync, rmSync } from "node:fs";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { type HostTree, hostTree, pageOf } from "../testing/host-tree.ts";
import { netclass } from "./netclass.ts";

const FILES = {
  addr_assign_type: "0",
  address: "02:00:00:00:00:01",
  broadcast: "ff:ff:ff:ff:ff:ff",
  carrier: "1",
  carrier_changes: "2",
  carrier_down_count: "1",
  carrier_up_count: "1",
  dev_id: "0x0",
  dormant: "0",
  duplex: "full",
  flags: "0x1003",
  ifalias: "",
  ifindex: "2",
  iflink: "2",
  link_mode: "0",
  mtu: "1500",
  name_assign_type: "4",
  netdev_group: "0",
  operstate: "up",
  speed: "1000",
  tx_queue_len: "1000",
  type: "1",
};

const deviceFiles = (device: string): Record<string, string> =>
  Object.fromEntries(Object.entries(FILES).map(([file, value]) => [`sys/class/net/${device}/${file}`, `${value}\n`]));

/**
 * Returns a function that scrapes the host. The function also returns which files were read on the event loop's own
 * thread.
 */
function scraping(host: HostTree) {
  const reads: string[] = [];
  const sys = { ...host.sys, value: (file: string) => (reads.push(file), host.sys.value(file)) };
  const clock = new ManualClock();
  const collection = openCollection([netclass], {
    files: { ...host, sys },
    settings: Settings.of(netclass.flags, { "collector.netclass.ignored-devices": "^lo$" }),
    clock,
    logger: memoryLogger(),
    timeLimitMs: 10_000,
  });
  const scrape = async (): Promise<{ page: string; reads: string[] }> => {
    const page = await pageOf(collection);
    return { page, reads: reads.splice(0).map((file) => file.replace("class/net/", "")) };
  };
  return { clock, scrape };
}

const LIVE = [
  "carrier_changes",
  "carrier_down_count",
  "carrier_up_count",
  "dormant",
  "flags",
  "ifalias",
  "link_mode",
  "mtu",
  "netdev_group",
  "operstate",
  "tx_queue_len",
];
const STEADY = ["addr_assign_type", "address", "broadcast", "dev_id", "ifindex", "iflink", "name_assign_type", "type"];

test("netclass reads speed, duplex and carrier of every device on another thread", async () => {
  using host = hostTree({ ...deviceFiles("eth0"), ...deviceFiles("eth1"), ...deviceFiles("lo") });
  const { page, reads } = await scraping(host).scrape();
  expect(page).toContain('node_network_speed_bytes{device="eth1"} 1.25e+08');
  expect(page).toContain('node_network_carrier{device="eth1"} 1');
  expect(page.match(/duplex="full"/g)).toHaveLength(2);
  expect(reads.filter((file) => /speed|duplex|carrier$/.test(file))).toEqual([]);
});

test("netclass reads files that rarely change once, and again after a minute", async () => {
  using host = hostTree(deviceFiles("eth0"));
  const { clock, scrape } = scraping(host);
  const first = await scrape();
  expect(first.reads.toSorted()).toEqual([...LIVE, ...STEADY].toSorted().map((file) => `eth0/${file}`));
  host.write("sys/class/net/eth0/address", "02:00:00:00:00:02\n");
  host.write("sys/class/net/eth0/mtu", "9000\n");
  await clock.advance(59_999);
  const second = await scrape();
  expect(second.reads.toSorted()).toEqual(LIVE.map((file) => `eth0/${file}`));
  expect(second.page).toContain('address="02:00:00:00:00:01"');
  expect(second.page).toContain('node_network_mtu_bytes{device="eth0"} 9000');
  await clock.advance(1);
  expect((await scrape()).page).toContain('address="02:00:00:00:00:02"');
});

test("netclass reads all files of a device again if its flags changed", async () => {
  using host = hostTree(deviceFiles("eth0"));
  const { scrape } = scraping(host);
  await scrape();
  host.write("sys/class/net/eth0/address", "02:00:00:00:00:02\n");
  host.write("sys/class/net/eth0/flags", "0x1002\n");
  expect((await scrape()).page).toContain('address="02:00:00:00:00:02",adminstate="down"');
});

test("netclass reads all files again if the name belongs to another device", async () => {
  using host = hostTree({ ...deviceFiles("eth0"), ...deviceFiles("new"), "sys/class/net/new/ifindex": "7\n" });
  const { scrape } = scraping(host);
  expect((await scrape()).page).toContain('node_network_iface_id{device="eth0"} 2');
  rmSync(host.sys.path("class/net/eth0"), { recursive: true });
  renameSync(host.sys.path("class/net/new"), host.sys.path("class/net/eth0"));
  expect((await scrape()).page).toContain('node_network_iface_id{device="eth0"} 7');
});
