import { flagKinds, logOnChange, type Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { compileFlag } from "../device-filter.ts";
import { type FileTree, listOnThread } from "../host-files/host-files.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { integerOf } from "../host-files/kernel-number.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { BYTES_PER_MEGABIT, DEVICE, property } from "./link-property.ts";
import { emitLinks } from "./netclass-netlink.ts";
import { type SteadyDevice, SteadyFiles } from "./steady-files.ts";

const IGNORED = "collector.netclass.ignored-devices";
const IGNORE_INVALID_SPEED = "collector.netclass.ignore-invalid-speed";
const NETLINK = "collector.netclass.netlink";
const RTNL_STATS = "collector.netclass_rtnl.with-stats";

/** Files in /sys/class/net/<device> with their metrics. */
const PROPERTIES: readonly (readonly [file: string, metric: MetricSpec])[] = [
  ["addr_assign_type", property(gauge, "address_assign_type")],
  ["carrier", property(gauge, "carrier")],
  ["carrier_changes", property(counter, "carrier_changes_total")],
  ["carrier_up_count", property(counter, "carrier_up_changes_total")],
  ["carrier_down_count", property(counter, "carrier_down_changes_total")],
  ["dev_id", property(gauge, "device_id")],
  ["dormant", property(gauge, "dormant")],
  ["flags", property(gauge, "flags")],
  ["ifindex", property(gauge, "iface_id")],
  ["iflink", property(gauge, "iface_link")],
  ["link_mode", property(gauge, "iface_link_mode")],
  ["mtu", property(gauge, "mtu_bytes")],
  ["name_assign_type", property(gauge, "name_assign_type")],
  ["netdev_group", property(gauge, "net_dev_group")],
  ["tx_queue_len", property(gauge, "transmit_queue_length")],
  ["type", property(gauge, "protocol_type")],
];

/**
 * Files whose read can wait until the kernel has finished a change of any network device. Another thread reads them.
 */
const WAITING_FILES = ["carrier", "duplex", "speed"];

const SPEED = property(gauge, "speed_bytes");

const metrics = {
  up: gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", DEVICE),
  info: gauge("node_network_info", "Non-numeric data from /sys/class/net/<iface>, value is always 1.", [
    "device",
    "address",
    "broadcast",
    "duplex",
    "operstate",
    "adminstate",
    "ifalias",
  ]),
};

/**
 * Exports state and properties of network devices from /sys/class/net, or over netlink if a flag is set. Netlink costs
 * half as much. However, netlink reports other flags, no dormancy and no name assignment type, and may show another
 * network namespace than a mounted /sys.
 */
export const netclass = defineCollector({
  name: "netclass",
  enabled: true,
  flags: {
    [IGNORED]: flagKinds.text("^$", "Regexp of net devices to ignore for netclass collector."),
    [IGNORE_INVALID_SPEED]: flagKinds.flag(
      false,
      "Ignore devices where the speed is invalid. This will be the default behavior in 2.x.",
    ),
    [NETLINK]: flagKinds.flag(false, "Use netlink to gather stats instead of /proc/net/dev."),
    [RTNL_STATS]: flagKinds.flag(false, "Expose the statistics for each network device, replacing netdev collector."),
  },
  metrics,
  open({ settings, clock, logger }) {
    const ignored = compileFlag(IGNORED, settings.text(IGNORED));
    const withInvalidSpeed = !settings.boolean(IGNORE_INVALID_SPEED);
    if (settings.boolean(NETLINK)) {
      const choice = {
        isIgnored: (device: string) => ignored.test(device),
        withStatistics: settings.boolean(RTNL_STATS),
        modesLog: logOnChange(logger, "Asking for link modes"),
      };
      return (files, emit) => emitLinks(files, choice, emit);
    }
    const steady = new SteadyFiles(clock);
    return async ({ sys }, emit) => {
      const names = await listOnThread(sys, "class/net");
      const { count, devices } = await runInTurns(clock, openDevices(sys, names, ignored, steady));
      if (count === 0) throw new NoDataError("no network devices");
      const slow = devices.flatMap(({ name }) => WAITING_FILES.map((file) => `class/net/${name}/${file}`));
      return withDriverFiles(sys, slow, (ready) =>
        runInTurns(clock, emitDevices(ready, devices, withInvalidSpeed, emit)),
      );
    };
  },
});

/** Returns the devices that are not ignored, and the number of all devices. */
function* openDevices(
  sys: FileTree,
  names: readonly string[],
  ignored: { test(name: string): boolean },
  steady: SteadyFiles,
): Steps<{ count: number; devices: readonly SteadyDevice[] }> {
  const devices: SteadyDevice[] = [];
  let count = 0;
  for (const name of names) {
    // Skips a name without an inode, because it is not a device: `bonding_masters` is a file.
    const inode = sys.inode(`class/net/${name}`);
    if (inode === undefined) continue;
    count++;
    if (!ignored.test(name)) devices.push(steady.of(sys, name, inode));
    yield;
  }
  steady.keepOnly(devices);
  return { count, devices };
}

function* emitDevices(
  sys: FileTree,
  devices: readonly SteadyDevice[],
  withInvalidSpeed: boolean,
  emit: Emitter<typeof metrics>,
): Steps<void> {
  for (const device of devices) {
    emitDevice(sys, device, withInvalidSpeed, emit);
    yield;
  }
}

function adminState(flags: number | undefined): string {
  if (flags === undefined) return "unknown";
  return flags % 2 === 1 ? "up" : "down";
}

function emitDevice(
  sys: FileTree,
  { name: device, values }: SteadyDevice,
  withInvalidSpeed: boolean,
  emit: Emitter<typeof metrics>,
): void {
  const read = (file: string): string | undefined =>
    values.has(file) ? values.get(file) : sys.value(`class/net/${device}/${file}`);
  const text = (file: string): string => read(file) ?? "";
  /** Uses 0 for a file without a number, as node_exporter does. */
  const number = (file: string): number | undefined => {
    const value = read(file);
    return value === undefined ? undefined : (integerOf(value) ?? 0);
  };
  const state = text("operstate");
  emit.up(state === "up" ? 1 : 0, device);
  const flags = number("flags");
  const identity = [text("address"), text("broadcast"), text("duplex"), state, adminState(flags)];
  emit.info(1, device, ...identity, text("ifalias"));
  for (const [file, metric] of PROPERTIES) {
    const value = file === "flags" ? flags : number(file);
    if (value !== undefined) emit.dynamic(metric, value, device);
  }
  const speed = number("speed");
  if (speed !== undefined && (speed >= 0 || withInvalidSpeed))
    emit.dynamic(SPEED, Math.trunc(speed * BYTES_PER_MEGABIT), device);
}
