import { runToEnd, systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { filesystem, filesystemCollector } from "./filesystem.ts";
import { MountList } from "./mount-info.ts";
import { loadavg } from "../cpu/loadavg.ts";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf, seriesFrom } from "../testing/host-tree.ts";

const MOUNTS =
  "22 27 0:21 / /proc rw - proc proc rw\n" +
  "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n" +
  "30 27 8:1 / /data\\040disk ro shared:1 - xfs /dev/sda1 rw\n" +
  "31 27 0:5 / /nfs rw - nfs server:/x rw\n";

const stats = { bsize: 10, blocks: 100, bfree: 50, bavail: 40, files: 7, ffree: 6 };

test("filesystem shows size, space and mount of the file systems that the expressions select", async () => {
  using host = hostTree({ "proc/1/mountinfo": MOUNTS });
  const series = await seriesFrom(
    filesystemCollector(async () => stats),
    host,
  );
  const labels = 'device="/dev/sda1",device_error="",fstype="xfs",mountpoint="/data disk"';
  expect(series).toContain(`node_filesystem_size_bytes{${labels}} 1000`);
  expect(series).toContain(`node_filesystem_avail_bytes{${labels}} 400`);
  expect(series).toContain(`node_filesystem_readonly{${labels}} 1`);
  expect(series).toContain('node_filesystem_mount_info{device="/dev/vda",major="254",minor="0",mountpoint="/"} 1');
  expect(series.join()).not.toContain('mountpoint="/proc"');
});

test("filesystem shows the error of a mount that cannot be asked", async () => {
  using host = hostTree({ "proc/self/mountinfo": MOUNTS });
  const broken = filesystemCollector(async (path) => {
    if (path.endsWith("nfs")) throw Object.assign(new Error("x"), { code: "ESTALE" });
    return stats;
  });
  const series = await seriesFrom(broken, host);
  expect(series.filter((line) => line.includes("server:/x"))).toEqual([
    'node_filesystem_device_error{device="server:/x",device_error="stale NFS file handle",fstype="nfs",mountpoint="/nfs"} 1',
    'node_filesystem_readonly{device="server:/x",device_error="stale NFS file handle",fstype="nfs",mountpoint="/nfs"} 0',
  ]);
});

test("a mount that hangs delays one scrape, delays no other collector, and is shown again when it answers", async () => {
  using host = hostTree({ "proc/1/mountinfo": MOUNTS, "proc/loadavg": "1 2 3\n" });
  const clock = new ManualClock();
  const hung = Promise.withResolvers<typeof stats>();
  let asked = 0;
  const stuck = filesystemCollector(async (path) => {
    if (!path.endsWith("nfs")) return stats;
    asked++;
    return hung.promise;
  });
  const collection = openCollection([stuck, loadavg], {
    files: host,
    settings: Settings.of(stuck.flags),
    clock,
    logger: memoryLogger(),
    timeLimitMs: 20_000,
  });
  const first = pageOf(collection);
  await clock.advance(5000);
  const timedOut =
    'node_filesystem_device_error{device="server:/x",device_error="mountpoint timeout",fstype="nfs",mountpoint="/nfs"} 1';
  expect(await first).toContain(timedOut);
  const second = await pageOf(collection);
  expect(second).toContain(timedOut);
  expect(second).toContain("node_load1 1\n");
  expect(asked).toBe(1);
  hung.resolve(stats);
  await settle();
  expect(await pageOf(collection)).not.toContain("timeout");
});

test("filesystem emits the mounts in the order of the host's list, whatever the order of the answers", async () => {
  using host = hostTree({ "proc/1/mountinfo": MOUNTS });
  const answers = new Map<string, () => void>();
  const collector = filesystemCollector(
    (path) => new Promise((resolve) => void answers.set(path, () => resolve(stats))),
  );
  const settings = Settings.of(collector.flags);
  const collect = collector.open({ settings, clock: new ManualClock(), logger: memoryLogger() });
  const emitted: string[] = [];
  const noted = (_value: number, device = ""): void => void (emitted.at(-1) === device || emitted.push(device));
  const emit = new Proxy({}, { get: () => noted }) as Parameters<typeof collect>[1];
  const done = collect(host, emit);
  await settle();
  for (const answer of [...answers.values()].toReversed()) {
    answer();
    await settle();
  }
  await done;
  expect(answers.size).toBe(3);
  expect(emitted).toEqual(["/dev/vda", "/dev/sda1", "server:/x"]);
});

/** Lists mounts of six exports of one server, of one export of another server, and of two local file systems. */
const MOUNTED = ["a", "b", "c", "d", "e", "f"]
  .map((name) => `40 27 0:5 / /nfs/${name} rw - nfs4 nas:/${name} rw\n`)
  .concat("41 27 0:6 / /other rw - cifs //peer/x rw\n")
  .concat("27 1 254:0 / / rw - ext4 /dev/vda rw\n", "42 27 0:7 / /tmp rw - tmpfs tmpfs rw\n")
  .join("");

test.each([
  ["had answered before", 1],
  ["never answered", 0],
])("a dead server takes no other mount off the page if its mounts %s", async (_title, scrapesBefore) => {
  using host = hostTree({ "proc/1/mountinfo": MOUNTED });
  const clock = new ManualClock();
  const asked = new Set<string>();
  const never = Promise.withResolvers<typeof stats>().promise;
  let isDead = scrapesBefore === 0;
  const prober = filesystemCollector(async (path) => {
    const isOnServer = path.includes("/nfs/");
    if (isDead && isOnServer) asked.add(path.slice(-1));
    return isDead && isOnServer ? never : stats;
  });
  const collection = openCollection([prober], {
    files: host,
    settings: Settings.of(prober.flags),
    clock,
    logger: memoryLogger(),
    timeLimitMs: 20_000,
  });
  if (scrapesBefore > 0) await pageOf(collection);
  isDead = true;
  const first = pageOf(collection);
  await clock.advance(5000);
  await clock.advance(500);
  await first;
  const text = await pageOf(collection);
  const shown = [...text.matchAll(/^node_filesystem_size_bytes\{.*mountpoint="(.*)"\} 1000$/gm)].map(
    (match) => match[1],
  );
  expect(shown.toSorted()).toEqual(["/", "/other", "/tmp"]);
  const late = [...text.matchAll(/device_error="mountpoint timeout".*mountpoint="\/nfs\/(.)"\} 1$/gm)];
  expect(new Set(late.map((match) => match[1]))).toEqual(asked);
  const notAsked = [
    ...text.matchAll(/^node_filesystem_device_error.*"not asked: other mountpoints do not answer".* 1$/gm),
  ];
  expect(notAsked).toHaveLength(6 - asked.size);
});

test("mounts are selected again only if the host's list changed", () => {
  using host = hostTree({ "proc/1/mountinfo": MOUNTS });
  let asked = 0;
  const list = new MountList(({ fsType }) => ++asked > 0 && fsType !== "proc");
  expect(runToEnd(list.listing(host))).toHaveLength(3);
  expect(runToEnd(list.listing(host))).toHaveLength(3);
  expect(asked).toBe(4);
  host.write("proc/1/mountinfo", MOUNTED);
  expect(runToEnd(list.listing(host))).toHaveLength(9);
});

test.each([
  ["EREMOTEIO", -121, "remote I/O error"],
  ["EINVAL", -22, "invalid argument"],
  ["Unknown system error -117", -117, "structure needs cleaning"],
  ["EHOSTUNREACH", -113, "no route to host"],
])("a mount that fails with %s has Go's message without the path", async (code, errno, message) => {
  using host = hostTree({ "proc/1/mountinfo": "27 1 254:0 / / rw - ext4 /dev/vda rw\n" });
  const broken = filesystemCollector(async () => {
    throw Object.assign(new Error(`${code}: statfs '/host'`), { code, errno });
  });
  expect((await seriesFrom(broken, host))[0]).toContain(`device_error="${message}"`);
});

test("a number of threads that is not a number counts as Node's default", async () => {
  vi.stubEnv("UV_THREADPOOL_SIZE", "eight");
  vi.resetModules();
  using host = hostTree({ "proc/1/mountinfo": MOUNTS });
  const { filesystemCollector: fresh } = await import("./filesystem.ts");
  const collecting = seriesFrom(
    fresh(async () => stats),
    host,
  );
  expect((await collecting).join()).toContain("node_filesystem_size_bytes");
  vi.unstubAllEnvs();
  vi.resetModules();
});

test("filesystem reads the root of this machine", async () => {
  const { DEFAULT_PATHS, hostFiles } = await import("../host-files/host-files.ts");
  const collection = openCollection([filesystem], {
    files: hostFiles(DEFAULT_PATHS),
    settings: Settings.of(filesystem.flags),
    clock: systemClock,
    logger: memoryLogger(),
    timeLimitMs: 10_000,
  });
  const text = await pageOf(collection);
  expect(text).toMatch(/node_scrape_collector_success\{collector="filesystem"\} 1/);
});
