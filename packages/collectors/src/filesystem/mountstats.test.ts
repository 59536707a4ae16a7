import { expect, test } from "vitest";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { mountstats } from "./mountstats.ts";
import { parseMountStats } from "./nfs-mount-stats.ts";

const counts = (n: number): string => Array.from({ length: n }, (_, i) => i + 1).join(" ");

const nfsMount = (at: string, ...transports: readonly string[]): string =>
  [
    `device 10.0.0.1:/srv mounted on ${at} with fstype nfs4 statvers=1.1`,
    "\topts:\trw,vers=4.0",
    "\tage:\t13968",
    `\tevents:\t${counts(27)}`,
    `\tbytes:\t${counts(8)}`,
    ...transports.map((transport) => `\txprt:\t${transport}`),
    "\tper-op statistics",
    "\t        NULL: 0 0 0 0 0 0 0 0",
    "\t        READ: 1298 1298 0 207680 1210292152 6 79386 18446744073709551615 5",
    "",
    "",
  ].join("\n");

const ROOT = "device rootfs mounted on / with fstype rootfs\n";
const INFO_ROOT = "1 1 0:1 / / rw - rootfs rootfs rw\n";
const nfsInfo = (at: string): string => `2 1 0:2 / ${at} rw shared:1 - nfs4 10.0.0.1:/srv rw,vers=4.0,addr=10.0.0.1\n`;

test("an NFS mount shows bytes, events, transports and operations", async () => {
  using host = hostTree({
    "proc/self/mountstats": ROOT + nfsMount("/mnt", `tcp ${counts(13)}`, `rdma ${counts(28)}`),
    "proc/self/mountinfo": INFO_ROOT + nfsInfo("/mnt"),
  });
  const series = (await seriesFrom(mountstats, host)).map((line) => line.replace("node_mountstats_nfs_", ""));
  const mount = 'export="10.0.0.1:/srv",mountaddr="10.0.0.1"';
  for (const line of [
    `age_seconds_total{${mount},protocol="tcp"} 13968`,
    `read_bytes_total{${mount},protocol="tcp"} 1`,
    `write_pages_total{${mount},protocol="tcp"} 8`,
    `event_vfs_file_release_total{${mount},protocol="tcp"} 18`,
    `event_truncation_total{${mount},protocol="tcp"} 20`,
    `event_pnfs_write_total{${mount},protocol="rdma"} 27`,
    `mountpoint_info{${mount},mountpoint="/mnt",protocol="rdma"} 1`,
    `transport_idle_time_seconds{${mount},protocol="tcp",transport="0"} 5`,
    `transport_backlog_queue_total{${mount},protocol="tcp",transport="1"} 10`,
    `transport_maximum_rpc_slots{${mount},protocol="tcp",transport="0"} 11`,
    `transport_maximum_rpc_slots{${mount},protocol="tcp",transport="1"} 0`,
    `operations_requests_total{${mount},operation="READ",protocol="tcp"} 1298`,
    `operations_response_time_seconds_total{${mount},operation="READ",protocol="tcp"} 79.386`,
    `operations_request_time_seconds_total{${mount},operation="READ",protocol="tcp"} 9.00719925474099e+12`,
  ])
    expect(series).toContain(line);
});

test("an export that is mounted twice shows its counters once and both mount points", async () => {
  using host = hostTree({
    "proc/self/mountstats": nfsMount("/a", `udp ${counts(10)}`) + nfsMount("/b", `udp ${counts(10)}`),
    "proc/self/mountinfo": nfsInfo("/a") + nfsInfo("/b"),
  });
  const series = await seriesFrom(mountstats, host);
  expect(series.filter((line) => line.includes("mountpoint_info"))).toHaveLength(2);
  expect(series.filter((line) => line.includes("age_seconds"))).toHaveLength(1);
  expect(series.filter((line) => line.includes("transport_sends_total")).map((line) => line.split(" ").at(-1))).toEqual(
    ["3"],
  );
});

test("a mount without an address has an empty address label", async () => {
  using host = hostTree({ "proc/self/mountstats": nfsMount("/a", `tcp ${counts(13)}`), "proc/self/mountinfo": "" });
  expect((await seriesFrom(mountstats, host)).join()).toContain('mountaddr=""');
});

test("mountinfo of an unknown format fails the collector", async () => {
  using host = hostTree({ "proc/self/mountstats": ROOT, "proc/self/mountinfo": "1 1 0:1 / / rw rootfs\n" });
  expect(await seriesFrom(mountstats, host)).toEqual(['node_scrape_collector_success{collector="mountstats"} 0']);
});

const HEAD = "device d mounted on /m with fstype nfs statvers=1.1\n";

test.each([
  ["a short device line", "device d mounted on /m\n"],
  ["another word in the device line", "device d mounted at /m with fstype nfs\n"],
  ["statistics of another file system", "device d mounted on /m with fstype ext4 statvers=1.1\n"],
  ["options without any", `${HEAD}\topts:\n`],
  ["an age that is none", `${HEAD}\tage: old\n`],
  ["seven byte counts", `${HEAD}\tbytes: ${counts(7)}\n`],
  ["26 events", `${HEAD}\tevents: ${counts(26)}\n`],
  ["an unknown transport", `${HEAD}\txprt: sctp ${counts(13)}\n`],
  ["an unknown version", `${HEAD.replace("1.1", "2.0")}\txprt: tcp ${counts(13)}\n`],
  ["a transport that lacks a count", `${HEAD}\txprt: tcp ${counts(12)}\n`],
  ["a transport of RDMA with too many counts", `${HEAD}\txprt: rdma ${counts(32)}\n`],
  ["an operation that lacks a count", `${HEAD}\tper-op statistics\n\tNULL: ${counts(7)}\n`],
  ["a count that is none", `${HEAD}\tbytes: 1 2 3 4 5 6 7 x\n`],
])("mountstats with %s are refused", (_, text) => {
  expect(() => parseMountStats(text)).toThrow(/^mountstats: /);
});

test("version 1.0 of the statistics has fewer counts, and mounts without statistics have none", () => {
  const text = `${ROOT}no device mounted on /x with fstype y\n${HEAD.replace("1.1", "1.0")}\txprt: tcp ${counts(10)}\n`;
  const [root, nfs] = parseMountStats(text);
  expect(root).toEqual({ device: "rootfs", mountPoint: "/" });
  expect(nfs?.nfs?.transports[0]?.counts).toHaveLength(10);
});
