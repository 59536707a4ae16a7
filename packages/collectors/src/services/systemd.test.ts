import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { afterEach, expect, test, vi } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { hostTree, pageOf, seriesFrom } from "../testing/host-tree.ts";
import { type BusCall, messageBus, variant } from "../testing/message-bus.ts";
import { systemdAnswers, type SystemdOnBus } from "../testing/systemd-on-bus.ts";
import { systemd } from "./systemd.ts";

const MANAGER = {
  Version: variant("s", "252.39-1~deb12u2"),
  Virtualization: variant("s", "kvm"),
  SystemState: variant("s", "running"),
};

const HOST: SystemdOnBus = {
  manager: MANAGER,
  units: [
    {
      name: "ssh@10.0.0.1:22.service",
      properties: {
        "Service.Type": variant("s", "notify"),
        "Service.NRestarts": variant("u", 3),
        "Service.TasksCurrent": variant("t", 5n),
        "Service.TasksMax": variant("t", 2n ** 64n - 1n),
        "Unit.ActiveEnterTimestamp": variant("t", 1_700_000_000_123_456n),
      },
    },
    {
      name: "backup.service",
      activeState: "failed",
      properties: { "Service.Type": variant("s", "oneshot"), "Service.NRestarts": variant("u", 0) },
    },
    { name: "gone.service", loadState: "not-found", activeState: "inactive" },
    { name: "apt.timer", properties: { "Timer.LastTriggerUSec": variant("t", 1_600_000_000_500_000n) } },
    {
      name: "ssh.socket",
      properties: {
        "Socket.NAccepted": variant("u", 7),
        "Socket.NConnections": variant("u", 2),
        "Socket.NRefused": variant("u", 1),
      },
    },
    { name: "-.mount", properties: { "Mount.Type": variant("s", "ext4") } },
    { name: "odd.target", activeState: "maintenance" },
  ],
};

afterEach(() => void vi.unstubAllEnvs());

async function seriesOf(host: SystemdOnBus, flags: Record<string, unknown> = {}): Promise<string[]> {
  await using bus = await messageBus(systemdAnswers(host));
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
  using files = hostTree();
  return await seriesFrom(systemd, files, flags);
}

test("systemd shows units, their states, timers, sockets and its own state", async () => {
  const series = await seriesOf(HOST);
  expect(series.filter((line) => !line.startsWith("node_systemd_unit_state"))).toEqual([
    'node_systemd_socket_accepted_connections_total{name="ssh.socket"} 7',
    'node_systemd_socket_current_connections{name="ssh.socket"} 2',
    'node_systemd_socket_refused_connections_total{name="ssh.socket"} 1',
    "node_systemd_system_running 1",
    'node_systemd_timer_last_trigger_seconds{name="apt.timer"} 1.6000000005e+09',
    'node_systemd_units{state="activating"} 0',
    'node_systemd_units{state="active"} 4',
    'node_systemd_units{state="deactivating"} 0',
    'node_systemd_units{state="failed"} 1',
    'node_systemd_units{state="inactive"} 1',
    'node_systemd_units{state="maintenance"} 1',
    'node_systemd_version{version="252.39-1~deb12u2"} 252.39',
    'node_systemd_virtualization_info{virtualization_type="kvm"} 1',
  ]);
  const states = series.filter((line) => line.startsWith("node_systemd_unit_state"));
  expect(states.filter((line) => line.endsWith(" 1"))).toEqual([
    'node_systemd_unit_state{name="apt.timer",state="active",type=""} 1',
    'node_systemd_unit_state{name="backup.service",state="failed",type="oneshot"} 1',
    'node_systemd_unit_state{name="ssh.socket",state="active",type=""} 1',
    'node_systemd_unit_state{name="ssh@10.0.0.1:22.service",state="active",type="notify"} 1',
  ]);
  expect(states).toHaveLength(5 * 5);
});

test("systemd shows tasks, restarts and start times if flags ask for them", async () => {
  const series = await seriesOf(HOST, {
    "collector.systemd.enable-task-metrics": true,
    "collector.systemd.enable-restarts-metrics": true,
    "collector.systemd.enable-start-time-metrics": true,
  });
  expect(series.filter((line) => /restart|tasks|start_time/.test(line))).toEqual([
    'node_systemd_service_restart_total{name="backup.service"} 0',
    'node_systemd_service_restart_total{name="ssh@10.0.0.1:22.service"} 3',
    'node_systemd_unit_start_time_seconds{name="backup.service"} 0',
    'node_systemd_unit_start_time_seconds{name="odd.target"} 0',
    'node_systemd_unit_start_time_seconds{name="ssh@10.0.0.1:22.service"} 1.700000000123456e+09',
    'node_systemd_unit_tasks_current{name="ssh@10.0.0.1:22.service"} 5',
  ]);
});

test("the expressions for units match whole names, and include and exclude may both be given", async () => {
  const names = (series: readonly string[]) =>
    series.filter((line) => line.includes('state="active"')).flatMap((line) => /name="([^"]+)"/.exec(line)?.[1] ?? []);
  expect(names(await seriesOf(HOST, { "collector.systemd.unit-include": "backup|ssh.*" }))).toEqual([
    "ssh.socket",
    "ssh@10.0.0.1:22.service",
  ]);
  const both = { "collector.systemd.unit-include": ".*mount|ssh.*", "collector.systemd.unit-exclude": "ssh[.]socket" };
  expect(names(await seriesOf(HOST, both))).toEqual(["-.mount", "ssh@10.0.0.1:22.service"]);
  expect(names(await seriesOf(HOST, { "collector.systemd.unit-blacklist": ".*[^r]" }))).toEqual(["apt.timer"]);
});

test("an expression given under both its old and its new name is refused", async () => {
  using files = hostTree();
  const flags = { "collector.systemd.unit-whitelist": "a", "collector.systemd.unit-include": "b" };
  await expect(seriesFrom(systemd, files, flags)).rejects.toThrow(
    "--collector.systemd.unit-whitelist and --collector.systemd.unit-include are mutually exclusive",
  );
});

test("an old version of systemd shows neither its state nor timers", async () => {
  const series = await seriesOf({ ...HOST, manager: { ...MANAGER, Version: variant("s", "systemd 211") } });
  expect(series.join("\n")).not.toMatch(/system_running|timer_last/);
  expect(series).toContain('node_systemd_version{version="systemd 211"} 211');
});

test("a version and a virtualization that systemd does not report have node_exporter's values", async () => {
  const bare = await seriesOf({ units: [], manager: { ...MANAGER, Virtualization: variant("s", "") } });
  expect(bare).toContain('node_systemd_virtualization_info{virtualization_type="none"} 1');
  const dumb = await seriesOf({ units: [], manager: {} });
  expect(dumb).toContain('node_systemd_virtualization_info{virtualization_type="unknown"} 1');
  expect(dumb).toContain('node_systemd_version{version=""} 0');
});

test("if systemd's state cannot be read, the data read before it is shown, and the collector fails", async () => {
  const { SystemState: _, ...manager } = MANAGER;
  const series = await seriesOf({ ...HOST, manager });
  expect(series).toContain('node_scrape_collector_success{collector="systemd"} 0');
  expect(series).toContain('node_systemd_unit_state{name="apt.timer",state="active",type=""} 1');
});

test("on a host without a bus the collector fails with a message", async () => {
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/socket");
  using files = hostTree();
  expect(await seriesFrom(systemd, files)).toEqual(['node_scrape_collector_success{collector="systemd"} 0']);
});

test("the connection to a bus that stops answering is closed before the scrape's limit, and its earlier answers are shown", async () => {
  const answers = systemdAnswers(HOST);
  const silent = (call: BusCall) => (call.path.includes("/unit/") ? undefined : answers(call));
  await using bus = await messageBus(silent);
  vi.stubEnv("DBUS_SYSTEM_BUS_ADDRESS", bus.address);
  using files = hostTree();
  const clock = new ManualClock();
  const logger = memoryLogger();
  const settings = Settings.of(systemd.flags);
  const collection = openCollection([systemd], { files, settings, clock, logger, timeLimitMs: 8000 });
  const gathered = pageOf(collection);
  await vi.waitFor(() => expect(bus.calls.filter(({ path }) => path.includes("/unit/")).length).toBeGreaterThan(5));
  await clock.advance(7000);
  const text = await gathered;
  expect(text).toContain('node_systemd_units{state="active"} 4');
  expect(text).toContain('node_scrape_collector_success{collector="systemd"} 0');
  expect(logger.lines.map(({ fields }) => fields["err"])).toEqual(["no answer within 7 s"]);
});
