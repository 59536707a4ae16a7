import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings, SettingsError } from "../settings.ts";
import {
  containerHost,
  type ContainerHost,
  containerId,
  type FakeEngine,
  fakeEngine,
} from "../testing/container-host.ts";
import { pageOf } from "../testing/host-tree.ts";
import { containers } from "./containers.ts";

const SOCKET = "collector.containers.docker-socket";
const WEB = containerId("aaa");
const DB = containerId("bbb");

/**
 * An exporter with only this collector. `scrape` returns its sample lines, without comments and without metrics about
 * the exporter itself.
 */
function exporter(host: ContainerHost, flags: Readonly<Record<string, unknown>> = {}) {
  const clock = new ManualClock(1_800_000_000_000);
  const logger = memoryLogger();
  const settings = Settings.of(containers.flags, { [SOCKET]: [], ...flags });
  const collection = openCollection([containers], { files: host, settings, clock, logger, timeLimitMs: 1000 });
  const scrape = async (): Promise<string[]> =>
    (await pageOf(collection))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("node_"));
  return { clock, logger, scrape };
}

const about = (lines: readonly string[], id: string): string[] =>
  lines
    .filter((line) => line.includes(`id="${id}"`))
    .map((line) => line.replace(/^container_/, "").replace(/(?:id|image|name|container)="[^"]*",?/g, ""))
    .map((line) => line.replace("{}", "").replace(",}", "}"))
    .filter((line) => !/^(?:creation|start)_time/.test(line));

test("a group of version 2 shows the values of its files; the snapshot is our own output", async () => {
  using host = containerHost(2);
  host.group("/system.slice/web.service", {
    "cpu.max": "50000 100000\n",
    "memory.max": "268435456\n",
    "memory.low": "1048576\n",
    "pids.max": "64\n",
    "cgroup.procs": "10\n11\n",
    "cpu.stat":
      "usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000\nnr_periods 9\nnr_throttled 2\nthrottled_usec 1500000\nnr_bursts 1\nburst_usec 20\n",
  });
  host.process(10, 0);
  host.process(11, 0);
  const lines = await exporter(host).scrape();
  expect(about(lines, "/system.slice/web.service")).toMatchInlineSnapshot(`
    [
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Discard"} 0",
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Read"} 4096",
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Write"} 8192",
      "cpu_cfs_burst_periods_total 1",
      "cpu_cfs_burst_seconds_total 2e-05",
      "cpu_cfs_periods_total 9",
      "cpu_cfs_throttled_periods_total 2",
      "cpu_cfs_throttled_seconds_total 1.5",
      "cpu_load_average_10s 0",
      "cpu_load_d_average_10s 0",
      "cpu_system_seconds_total 1",
      "cpu_usage_seconds_total{cpu="total"} 3",
      "cpu_user_seconds_total 2",
      "file_descriptors 4",
      "fs_io_cost_indebt_seconds_total{device="/dev/sda"} 0",
      "fs_io_cost_indelay_seconds_total{device="/dev/sda"} 7e-06",
      "fs_io_cost_usage_seconds_total{device="/dev/sda"} 1.5",
      "fs_io_cost_wait_seconds_total{device="/dev/sda"} 2e-06",
      "fs_reads_bytes_total{device="/dev/sda"} 4096",
      "fs_reads_total{device="/dev/sda"} 1",
      "fs_writes_bytes_total{device="/dev/sda"} 8192",
      "fs_writes_total{device="/dev/sda"} 2",
      "health_state -1",
      "last_seen 1.8e+09",
      "memory_cache 4e+07",
      "memory_events_high_total 2",
      "memory_events_max_total 7",
      "memory_failcnt 7",
      "memory_failures_total{failure_type="pgfault",scope="container"} 1234",
      "memory_failures_total{failure_type="pgfault",scope="hierarchy"} 1234",
      "memory_failures_total{failure_type="pgmajfault",scope="container"} 5",
      "memory_failures_total{failure_type="pgmajfault",scope="hierarchy"} 5",
      "memory_file_dirty_bytes 8192",
      "memory_file_writeback_bytes 0",
      "memory_kernel_usage 3e+06",
      "memory_mapped_file 7e+06",
      "memory_max_usage_bytes 2.097152e+08",
      "memory_pgscan_total 11",
      "memory_pgsteal_total 9",
      "memory_rss 5e+07",
      "memory_swap 4096",
      "memory_total_active_file_bytes 1e+07",
      "memory_total_inactive_file_bytes 3e+07",
      "memory_usage_bytes 1.048576e+08",
      "memory_working_set_bytes 7.48576e+07",
      "memory_workingset_refault_anon_total 3",
      "memory_workingset_refault_file_total 4",
      "oom_events_total 1",
      "pressure_cpu_stalled_seconds_total 0.5",
      "pressure_cpu_waiting_seconds_total 1.5",
      "pressure_io_stalled_seconds_total 1.5e-05",
      "pressure_io_waiting_seconds_total 2e-05",
      "pressure_memory_stalled_seconds_total 5e-06",
      "pressure_memory_waiting_seconds_total 1e-05",
      "processes 2",
      "sockets 2",
      "spec_cpu_period 100000",
      "spec_cpu_quota 50000",
      "spec_cpu_shares 2597",
      "spec_memory_limit_bytes 2.68435456e+08",
      "spec_memory_reservation_limit_bytes 1.048576e+06",
      "spec_memory_swap_limit_bytes 0",
      "tasks_state{state="iowaiting"} 0",
      "tasks_state{state="running"} 0",
      "tasks_state{state="sleeping"} 0",
      "tasks_state{state="stopped"} 0",
      "tasks_state{state="uninterruptible"} 0",
      "threads 3",
      "threads_max 64",
    ]
  `);
});

test("the root of version 2 shows the machine's memory", async () => {
  using host = containerHost(2);
  const lines = about(await exporter(host).scrape(), "/");
  expect(lines).toEqual(
    expect.arrayContaining([
      `memory_usage_bytes ${600 * 1024}`,
      "memory_working_set_bytes 0",
      `memory_swap ${10 * 1024}`,
      "spec_memory_limit_bytes 1.024e+06",
      'cpu_usage_seconds_total{cpu="total"} 3',
      "last_seen 1.8e+09",
      'network_receive_bytes_total{interface="eth0"} 1000',
    ]),
  );
});

test("a group of version 1 shows the values of its hierarchies", async () => {
  using host = containerHost(1);
  host.group(`/docker/${WEB}`, { "cgroup.procs": "10\n", "cpu.cfs_quota_us": "50000\n" });
  host.process(10, 77);
  const lines = await exporter(host).scrape();
  expect(about(lines, `/docker/${WEB}`)).toMatchInlineSnapshot(`
    [
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Read"} 4096",
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Sync"} 12288",
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Total"} 12288",
      "blkio_device_usage_total{device="/dev/sda",major="8",minor="0",operation="Write"} 8192",
      "cpu_cfs_burst_periods_total 0",
      "cpu_cfs_burst_seconds_total 0",
      "cpu_cfs_periods_total 10",
      "cpu_cfs_throttled_periods_total 4",
      "cpu_cfs_throttled_seconds_total 0.25",
      "cpu_load_average_10s 0",
      "cpu_load_d_average_10s 0",
      "cpu_system_seconds_total 1",
      "cpu_usage_seconds_total{cpu="total"} 3.5",
      "cpu_user_seconds_total 2",
      "file_descriptors 2",
      "fs_reads_bytes_total{device="/dev/sda"} 4096",
      "fs_reads_total{device="/dev/sda"} 1",
      "fs_writes_bytes_total{device="/dev/sda"} 8192",
      "fs_writes_total{device="/dev/sda"} 2",
      "health_state -1",
      "last_seen 1.8e+09",
      "memory_cache 4e+07",
      "memory_failcnt 6",
      "memory_failures_total{failure_type="pgfault",scope="container"} 100",
      "memory_failures_total{failure_type="pgfault",scope="hierarchy"} 1234",
      "memory_failures_total{failure_type="pgmajfault",scope="container"} 10",
      "memory_failures_total{failure_type="pgmajfault",scope="hierarchy"} 50",
      "memory_kernel_usage 65536",
      "memory_mapped_file 7e+06",
      "memory_max_usage_bytes 2.097152e+08",
      "memory_rss 5e+07",
      "memory_swap 4096",
      "memory_total_active_file_bytes 1e+07",
      "memory_total_inactive_file_bytes 3e+07",
      "memory_usage_bytes 1.048576e+08",
      "memory_working_set_bytes 7.48576e+07",
      "network_receive_bytes_total{interface="eth0"} 77",
      "network_receive_errors_total{interface="eth0"} 3",
      "network_receive_packets_dropped_total{interface="eth0"} 4",
      "network_receive_packets_total{interface="eth0"} 2",
      "network_transmit_bytes_total{interface="eth0"} 50",
      "network_transmit_errors_total{interface="eth0"} 7",
      "network_transmit_packets_dropped_total{interface="eth0"} 8",
      "network_transmit_packets_total{interface="eth0"} 6",
      "oom_events_total 2",
      "processes 1",
      "sockets 1",
      "spec_cpu_period 100000",
      "spec_cpu_quota 50000",
      "spec_cpu_shares 1024",
      "spec_memory_limit_bytes 0",
      "spec_memory_reservation_limit_bytes 0",
      "spec_memory_swap_limit_bytes 0",
      "tasks_state{state="iowaiting"} 0",
      "tasks_state{state="running"} 0",
      "tasks_state{state="sleeping"} 0",
      "tasks_state{state="stopped"} 0",
      "tasks_state{state="uninterruptible"} 0",
      "threads 3",
      "threads_max 100",
      "ulimits_soft{ulimit="max_open_files"} 1024",
    ]
  `);
});

test("CPU time is shown per CPU if the flag asks for it", async () => {
  using host = containerHost(1);
  const lines = await exporter(host, { "collector.containers.per-cpu": true }).scrape();
  expect(lines.filter((line) => line.startsWith("container_cpu_usage"))).toEqual([
    'container_cpu_usage_seconds_total{cpu="cpu00",id="/",image="",name=""} 2.5',
    'container_cpu_usage_seconds_total{cpu="cpu02",id="/",image="",name=""} 1',
  ]);
});

test("a hybrid host's pressure comes from its version 2 hierarchy", async () => {
  using host = containerHost(1);
  host.group("/docker");
  host.write("sys/fs/cgroup/unified/cgroup.procs", "");
  host.write("sys/fs/cgroup/unified/docker/cpu.pressure", "some avg10=0.00 total=2000000\nfull avg10=0.00 total=7\n");
  const lines = about(await exporter(host).scrape(), "/docker");
  expect(lines).toContain("pressure_cpu_waiting_seconds_total 2");
});

test("a host without control groups has no data", async () => {
  using host = containerHost(2);
  rmSync(join(host.folder, "sys/fs"), { recursive: true });
  const { scrape, logger } = exporter(host);
  expect(await scrape()).toEqual([]);
  expect(logger.lines).toEqual([]);
});

/** A host with an engine and two containers that the engine knows. */
async function engineHost(): Promise<{ host: ContainerHost; engine: FakeEngine }> {
  const host = containerHost(2);
  host.group("/system.slice");
  host.group(`/system.slice/docker-${WEB}.scope`, { "cgroup.procs": "10\n" });
  host.group(`/system.slice/docker-${DB}.scope`, { "cgroup.procs": "20\n" });
  host.process(10, 100);
  host.process(20, 200);
  const engine = await fakeEngine(host.folder);
  engine.containers = [
    {
      Id: WEB,
      Names: ["/other/alias", "/web"],
      Image: "nginx:1.27",
      Labels: { "com.docker.compose.project": "shop", "com.docker.compose/project": "double", tier: "front" },
      Status: "Up 2 hours (healthy)",
      StartedAt: "2023-11-14T22:20:00.25Z",
      RestartCount: 3,
      Env: ["APP_MODE=fast=1", "SECRET=x"],
      SizeRw: 12_345,
    },
    { Id: DB, Names: ["/db"], Image: "postgres:17", Status: "Up 1 second (health: starting)" },
  ];
  return { host, engine };
}

test("names, images, labels, health and times come from the engine", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  const { scrape } = exporter(host, { [SOCKET]: [engine.socket], "collector.containers.env": "^APP_" });
  const lines = await scrape();
  const series = (name: string): string[] => lines.filter((line) => line.startsWith(`${name}{`));
  const web =
    'container="web",container_env_app_mode="fast=1",container_label_com_docker_compose_project="shop",' +
    `container_label_restartcount="3",container_label_tier="front",id="/system.slice/docker-${WEB}.scope",` +
    'image="nginx:1.27",name="web"';
  const none = (container: string, rest: string): string =>
    `container="${container}",container_env_app_mode="",container_label_com_docker_compose_project="",` +
    `container_label_restartcount="",container_label_tier="",${rest}`;
  const db = none("db", `id="/system.slice/docker-${DB}.scope",image="postgres:17",name="db"`);
  expect(series("container_health_state")).toEqual([
    `container_health_state{${none("", 'id="/",image="",name=""')}} -1`,
    `container_health_state{${none("", 'id="/system.slice",image="",name=""')}} -1`,
    `container_health_state{${db}} 0`,
    `container_health_state{${web}} 1`,
  ]);
  expect(lines).toContain(`container_creation_time_seconds{${web}} 1.7000001e+09`);
  expect(lines).toContain(`container_start_time_seconds{${web}} 1.7000004e+09`);
  expect(series("container_network_receive_bytes_total").map((line) => line.replace(/.*name="/, ""))).toEqual([
    '"} 1000',
    'db"} 200',
    'web"} 100',
  ]);
  expect(lines.find((line) => line.startsWith("cadvisor_version_info"))).toContain('dockerVersion="26.1.5"');
});

test("the bytes that a container wrote are counted rarely, and are shown next to the space of the engine's file system", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  host.write("proc/1/mountinfo", "1 1 8:0 / / rw - ext4 /dev/sda rw\n2 1 0:5 / /run rw - tmpfs tmpfs rw\n");
  host.write("root/run/file", "");
  const { scrape, clock } = exporter(host, { [SOCKET]: [engine.socket] });
  const sized = (): number => engine.requests.filter((path) => path.includes("size=1")).length;
  await scrape();
  await vi.waitFor(async () =>
    expect(await scrape()).toContainEqual(expect.stringMatching(/^container_fs_usage_bytes\{.*name="web"\} 12345$/)),
  );
  await clock.advance(60_000);
  await scrape();
  expect(sized()).toBe(1);
  await clock.advance(300_000);
  await scrape();
  await vi.waitFor(() => expect(sized()).toBe(2));
  const devices = (await scrape()).filter((line) => /^container_fs_inodes_total\{.*id="\/"/.test(line));
  expect(devices.map((line) => /device="([^"]*)"/.exec(line)![1])).toEqual(["/dev/sda", "/run"]);
});

test("an engine that hangs delays one scrape briefly; then the last known names are used", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  const { scrape, clock, logger } = exporter(host, { [SOCKET]: [engine.socket] });
  await scrape();
  engine.silentOn = /./;
  host.group(`/system.slice/docker-${containerId("ccc")}.scope`, { "cgroup.procs": "1\n" });
  const pending = scrape();
  await vi.waitFor(() => expect(clock.pending).toBeGreaterThan(1));
  await clock.advance(300);
  const lines = await pending;
  expect(lines.some((line) => line.includes('name="web"'))).toBe(true);
  expect(lines.some((line) => line.includes(`docker-${containerId("ccc")}.scope`))).toBe(true);
  // Expects that the scrape returns the container immediately and does not wait a second time while the engine does not
  // answer.
  expect((await scrape()).some((line) => line.includes('name="db"'))).toBe(true);
  await clock.advance(10_000);
  await expect
    .poll(() => logger.lines.map(({ message }) => message))
    .toContainEqual(expect.stringMatching(/^Asking the container engine at .* failed$/));
  engine.silentOn = undefined;
  await clock.advance(15_000);
  await scrape();
  await expect
    .poll(() => logger.lines.map(({ message }) => message))
    .toContainEqual(expect.stringMatching(/works again$/));
});

test("a start time is not shown before the engine reported it, because a start time that changes would look like a restart", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  engine.silentOn = new RegExp(`/${WEB}/json`);
  const { scrape, clock } = exporter(host, { [SOCKET]: [engine.socket] });
  const starts = (lines: readonly string[]): string[] =>
    lines
      .filter((line) => line.startsWith("container_start_time_seconds") && line.includes('name="web"'))
      .map((line) => line.split(" ").at(-1)!);
  const pending = scrape();
  await vi.waitFor(() => expect(engine.requests).toContain(`/containers/${WEB}/json`));
  await clock.advance(300);
  const lines = await pending;
  expect(lines.some((line) => line.startsWith("container_last_seen") && line.includes('name="web"'))).toBe(true);
  expect(starts(lines)).toEqual([]);
  // Expects the group's creation time if the engine does not answer, as in cAdvisor.
  await clock.advance(10_000);
  await expect.poll(async () => starts(await scrape())).toEqual(["1.7000001e+09"]);
  engine.silentOn = undefined;
  await clock.advance(15_000);
  await expect.poll(async () => starts(await scrape())).toEqual(["1.7000004e+09"]);
});

test("an engine's socket is also found below --path.rootfs", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  host.link("root/run/no-engine/docker.sock", engine.socket);
  const lines = await exporter(host, { [SOCKET]: ["/var/run/no-engine/docker.sock"] }).scrape();
  expect(lines.some((line) => line.includes('name="web"'))).toBe(true);
});

test("without an engine containers have no names, and this is logged once", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await engine[Symbol.asyncDispose]();
  const { scrape, clock, logger } = exporter(host, { [SOCKET]: [engine.socket] });
  for (let i = 0; i < 3; i++) {
    const lines = await scrape();
    expect(lines).toContain(`container_health_state{id="/system.slice/docker-${WEB}.scope",image="",name=""} -1`);
    await clock.advance(20_000);
  }
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "No container engine answers: containers are shown without names and images",
  ]);
});

test("a container that is gone keeps its last-seen time for a while", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  const { scrape, clock } = exporter(host, { [SOCKET]: [engine.socket] });
  await scrape();
  await clock.advance(15_000);
  rmSync(join(host.folder, `sys/fs/cgroup/system.slice/docker-${WEB}.scope`), { recursive: true });
  engine.containers = engine.containers.slice(1);
  const web = async (): Promise<string[]> =>
    (await scrape()).filter((line) => line.includes('name="web"')).map((line) => line.replace(/\{.*\}/, ""));
  expect(await web()).toEqual([
    "container_creation_time_seconds 1.7000001e+09",
    "container_last_seen 1.8e+09",
    "container_start_time_seconds 1.7000004e+09",
  ]);
  await clock.advance(240_000);
  expect(await web()).toHaveLength(3);
  await clock.advance(60_000);
  expect(await web()).toEqual([]);
});

test("a container that was created again under its name does not count as removed, and its restart is shown", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  const { scrape, clock } = exporter(host, { [SOCKET]: [engine.socket] });
  await scrape();
  const folder = join(host.folder, `sys/fs/cgroup/system.slice`);
  const next = containerId("ddd");
  rmSync(join(folder, `docker-${WEB}.scope`), { recursive: true });
  host.group(`/system.slice/docker-${next}.scope`, { "cgroup.procs": "10\n" });
  // Creates the new group before it removes the old group, so that the inodes differ.
  host.group("/system.slice/again", { "cgroup.procs": "20\n" });
  rmSync(join(folder, `docker-${DB}.scope`), { recursive: true });
  renameSync(join(folder, "again"), join(folder, `docker-${DB}.scope`));
  engine.containers = [
    { Id: next, Names: ["/web"], Image: "nginx:1.28" },
    { Id: DB, Names: ["/db"], Image: "postgres:17", StartedAt: "2023-11-14T23:00:00Z" },
  ];
  await clock.advance(15_000);
  const lines = await scrape();
  expect(lines.filter((line) => /^container_last_seen.*name="web"/.test(line))).toHaveLength(1);
  expect(lines.find((line) => /^container_start_time_seconds.*name="db"/.test(line))).toMatch(/ 1\.7000028e\+09$/);
});

test("each network namespace is shown once: the host's at the root, a shared one at its oldest container", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  host.link("proc/30/net/dev", "../../1/net/dev");
  host.link("proc/40/net/dev", "../../10/net/dev");
  host.group(`/system.slice/docker-${containerId("eee")}.scope`, { "cgroup.procs": "30\n" });
  host.group(`/system.slice/docker-${containerId("000")}.scope`, { "cgroup.procs": "40\n" });
  engine.containers = [
    ...engine.containers,
    { Id: containerId("eee"), Names: ["/host"], Image: "i", Created: 1 },
    { Id: containerId("000"), Names: ["/joined"], Image: "i", Created: 1_700_000_200 },
  ];
  const { scrape } = exporter(host, { [SOCKET]: [engine.socket] });
  const shown = (await scrape()).filter((line) => line.startsWith("container_network_transmit_bytes_total"));
  expect(shown.map((line) => /name="([^"]*)"/.exec(line)![1])).toEqual(["", "db", "web"]);
});

test("groups are selected by id or name; the root is always shown", async () => {
  const { host, engine } = await engineHost();
  using _host = host;
  await using _engine = engine;
  const seen = async (flags: Readonly<Record<string, unknown>>): Promise<(string | undefined)[]> => {
    const lines = await exporter(host, { [SOCKET]: [engine.socket], ...flags }).scrape();
    return lines
      .filter((line) => line.startsWith("container_last_seen"))
      .map((line) => / id="|,id="([^"]{1,20})/.exec(line)?.[1]);
  };
  expect(await seen({ "collector.containers.include": "^web$" })).toEqual(["/", "/system.slice/docker"]);
  expect(await seen({ "collector.containers.exclude": "^web$|^/system.slice$" })).toEqual([
    "/",
    "/system.slice/docker",
  ]);
  expect(await seen({ "collector.containers.docker-only": true })).toHaveLength(3);
  const lines = await exporter(host, { [SOCKET]: [engine.socket], "collector.containers.labels": "^tier$" }).scrape();
  expect(lines.some((line) => line.includes("container_label_com"))).toBe(false);
  expect(lines.some((line) => line.includes('container_label_tier="front"'))).toBe(true);
  expect(() => exporter(host, { "collector.containers.include": "a", "collector.containers.exclude": "b" })).toThrow(
    SettingsError,
  );
});

test("pods and their containers are named from the node's files", async () => {
  using host = containerHost(2);
  const uid = "01234567-89ab-cdef-0123-456789abcdef";
  const [sandbox, app, cached] = [containerId("f1"), containerId("f2"), containerId("f3")] as const;
  const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll("-", "_")}.slice`;
  for (const path of ["/kubepods.slice", "/kubepods.slice/kubepods-burstable.slice", slice]) host.group(path);
  for (const [id, pid] of [
    [sandbox, 50],
    [app, 51],
    [cached, 52],
  ] as const)
    host.group(`${slice}/cri-containerd-${id}.scope`, { "cgroup.procs": `${pid}\n` });
  const unnamed = "89abcdef-0123-4567-89ab-cdef01234567";
  host.group(`/kubepods.slice/kubepods-pod${unnamed.replaceAll("-", "_")}.slice`);
  host.write(`root/var/log/pods/shop_web-5d8f_${uid}/app/0.log`, "");
  host.write(`root/var/log/containers/web-5d8f_shop_app-${app}.log`, "");
  const annotations = {
    "io.kubernetes.cri.container-name": "cache",
    "io.kubernetes.cri.image-name": "redis:7",
    "io.kubernetes.cri.sandbox-name": "web-5d8f",
    "io.kubernetes.cri.sandbox-namespace": "shop",
  };
  host.write(
    `root/run/containerd/io.containerd.runtime.v2.task/k8s.io/${cached}/config.json`,
    JSON.stringify({ annotations }),
  );
  const lines = await exporter(host).scrape();
  const names = lines
    .filter((line) => line.startsWith("container_health_state"))
    .map((line) => line.replace(/id="[^"]*",/, "").replaceAll(/0{30,}/g, "…"));
  expect(names).toEqual([
    'container_health_state{container="",image="",name="",namespace="",pod=""} -1',
    'container_health_state{container="",image="",name="",namespace="",pod=""} -1',
    'container_health_state{container="",image="",name="",namespace="",pod=""} -1',
    'container_health_state{container="",image="",name="",namespace="shop",pod="web-5d8f"} -1',
    'container_health_state{container="",image="",name="f1…",namespace="shop",pod="web-5d8f"} -1',
    `container_health_state{container="",image="",name="",namespace="",pod="${unnamed}"} -1`,
    'container_health_state{container="app",image="",name="f2…",namespace="shop",pod="web-5d8f"} -1',
    'container_health_state{container="cache",image="redis:7",name="f3…",namespace="shop",pod="web-5d8f"} -1',
  ]);
});

test("a container whose processes are in a group below its own shows its network and process limits", async () => {
  using host = containerHost(2);
  const scope = `/machine.slice/libpod-${WEB}.scope`;
  host.group(scope);
  host.group(`${scope}/container`, { "cgroup.procs": "10\n" });
  host.group(`/machine.slice/libpod-conmon-${WEB}.scope`, { "cgroup.procs": "9\n" });
  host.process(10, 42);
  const lines = await exporter(host).scrape();
  expect(about(lines, scope)).toEqual(
    expect.arrayContaining([
      'network_receive_bytes_total{interface="eth0"} 42',
      'ulimits_soft{ulimit="max_open_files"} 1024',
    ]),
  );
});

test("in a PID namespace, the processes of containers are found in the host's procfs", async () => {
  using host = containerHost(2);
  host.write("proc/self/status", "Name:\tnode\nNSpid:\t4711\t1\n");
  host.group("/system.slice", { "cgroup.procs": "0\n" });
  host.group(`/system.slice/docker-${WEB}.scope`, { "cgroup.procs": "0\n0\n" });
  host.process(10, 42);
  host.write("proc/10/cgroup", `0::/../docker-${WEB}.scope\n`);
  host.write("proc/11/cgroup", `1:cpu:/elsewhere\n0::/../docker-${WEB}.scope\n`);
  host.write("proc/12/cgroup", "0::/../ssh.service\n");
  const lines = await exporter(host).scrape();
  expect(about(lines, `/system.slice/docker-${WEB}.scope`)).toEqual(
    expect.arrayContaining(["processes 2", 'network_receive_bytes_total{interface="eth0"} 42', "sockets 1"]),
  );
  expect(about(lines, "/system.slice").filter((line) => /^(?:processes|sockets)/.test(line))).toEqual([]);
});

test("the facts about the machine and the version are shown", async () => {
  using host = containerHost(2);
  for (const name of ["dimm0", "dimm1"]) {
    host.write(`sys/devices/system/edac/mc/mc0/${name}/dimm_mem_type`, "Unbuffered-DDR4\n");
    host.write(`sys/devices/system/edac/mc/mc0/${name}/size`, "1024\n");
  }
  const lines = (await exporter(host).scrape()).filter((line) => /^(?:machine|cadvisor)_/.test(line));
  const labels = '{boot_id="boot",machine_id="machine",system_uuid="machine"}';
  const typed = (name: string, value: string): string => labels.replace("}", `,${name}="${value}"}`);
  expect(lines).toEqual([
    'cadvisor_version_info{cadvisorRevision="",cadvisorVersion="0.1.0",dockerVersion="",kernelVersion="6.1.0",osVersion="Some Linux 1"} 1',
    `machine_cpu_cores${labels} 2`,
    `machine_cpu_physical_cores${labels} 1`,
    `machine_cpu_sockets${labels} 1`,
    `machine_dimm_capacity_bytes${typed("type", "Unbuffered-DDR4")} 2.147483648e+09`,
    `machine_dimm_count${typed("type", "Unbuffered-DDR4")} 2`,
    `machine_memory_bytes${labels} 1.024e+06`,
    `machine_nvm_avg_power_budget_watts${labels} 0`,
    'machine_nvm_capacity{boot_id="boot",machine_id="machine",mode="app_direct_mode",system_uuid="machine"} 0',
    'machine_nvm_capacity{boot_id="boot",machine_id="machine",mode="memory_mode",system_uuid="machine"} 0',
    "machine_scrape_error 0",
    `machine_swap_bytes${labels} 102400`,
  ]);
});
