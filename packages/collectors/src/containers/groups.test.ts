import { rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { fileTree } from "../host-files/host-files.ts";
import { containerHost } from "../testing/container-host.ts";
import { BlockDevices } from "./block-io.ts";
import { CgroupFiles } from "./cgroup-file.ts";
import { hierarchiesOf } from "./cgroup-tree.ts";
import { networkNamespace } from "./container-network.ts";
import { Groups } from "./groups.ts";

test("a file that no group has is read again after a minute, because a controller may have been enabled", () => {
  using host = containerHost(2);
  const folder = join(host.folder, "sys/fs/cgroup");
  const paths = Array.from({ length: 10 }, (_, i) => `/s${i}`);
  for (const path of paths) host.group(path);
  for (const path of ["", ...paths]) rmSync(join(folder, path, "cpu.max"), { force: true });
  const groups = new Groups(host, hierarchiesOf(host.sys)!);
  const quota = (now: number): number => {
    const [, group] = runToEnd(groups.listing(now));
    return groups
      .read(group!, { devices: new BlockDevices(host), perCpu: false, now, isRead: () => true })
      .get("cpuQuota");
  };
  const readAll = (now: number): void => {
    for (const group of runToEnd(groups.listing(now)))
      groups.read(group, { devices: new BlockDevices(host), perCpu: false, now, isRead: () => true });
  };
  readAll(0);
  host.write("sys/fs/cgroup/s0/cpu.max", "50000 100000\n");
  expect(quota(40_000)).toBeNaN();
  expect(quota(100_000)).toBe(50_000);
});

test.skipIf(process.platform !== "linux")("a kernel's list of many records is read to its end", () => {
  const maps = new CgroupFiles(fileTree("/proc")).list("self", "maps")!;
  expect(maps.length).toBeGreaterThan(8192);
  expect(maps.endsWith("\n")).toBe(true);
});

test.each([
  [1, "memory", "cgroup.clone_children"],
  [2, "", "cgroup.events"],
] as const)(
  "version %i: the creation time of a group does not move when children come and go",
  (version, mount, file) => {
    using host = containerHost(version);
    host.group("/pods", { [file]: "0\n" });
    const folder = join(host.folder, "sys/fs/cgroup", mount, "pods");
    host.write(join("sys/fs/cgroup", mount, "pods", file), "0\n");
    const groups = new Groups(host, hierarchiesOf(host.sys)!);
    const created = (): number => runToEnd(groups.listing(0)).find(({ path }) => path === "/pods")!.created;
    utimesSync(join(folder, file), 1000, 1000);
    utimesSync(folder, 2000, 2000);
    expect(created()).toBe(1000);
    rmSync(join(folder, file));
    utimesSync(folder, 3000, 3000);
    expect(created()).toBe(1000);
  },
);

test("a process that is hidden from this user has no network namespace", () => {
  using host = containerHost(2);
  // Uses a link to itself as an unreadable folder. A folder without permission would not work, because root may open
  // every folder.
  host.link("proc/7/net", "net");
  expect(networkNamespace(host.proc, "7")).toBeUndefined();
});

test("files of kinds that are not shown are not read", () => {
  using host = containerHost(2);
  host.group("/s");
  const groups = new Groups(host, hierarchiesOf(host.sys)!);
  const [, group] = runToEnd(groups.listing(0));
  const read = (isRead: (kind: string) => boolean) =>
    groups.read(group!, { devices: new BlockDevices(host), perCpu: false, now: 0, isRead });
  const keys = ["user", "rss", "threads", "cpuWaiting"] as const;
  const shown = (isRead: (kind: string) => boolean) => keys.filter((key) => !Number.isNaN(read(isRead).get(key)));
  expect(shown((kind) => kind !== "pressure" && kind !== "pids")).toEqual(["user", "rss"]);
  expect(shown((kind) => kind === "pressure" || kind === "pids")).toEqual(["threads", "cpuWaiting"]);
});
