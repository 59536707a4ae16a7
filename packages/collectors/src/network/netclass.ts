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
 * half as much. But netlink reports other flags, no dormancy and no name assignment type, and may see another network
 * namespace than a mounted /sys.
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
    return async ({ sys }, emit) => {
      const names = await listOnThread(sys, "class/net");
      const emitAll = function* (ready: FileTree): Steps<void> {
        let count = 0;
        for (const name of names) {
          if (!isDevice(ready, name)) continue;
          count++;
          if (!ignored.test(name)) emitDevice(ready, name, withInvalidSpeed, emit);
          yield;
        }
        if (count === 0) throw new NoDataError("no network devices");
      };
      return withDriverFiles(sys, firstSpeed(names), (ready) => runInTurns(clock, emitAll(ready)));
    };
  },
});

/**
 * Returns the path of one speed file, which another thread reads first: the read waits while the kernel changes any
 * network device.
 */
function firstSpeed(names: readonly string[]): readonly string[] {
  const device = names.find((name) => name !== "lo" && name !== "bonding_masters");
  return device === undefined ? [] : [`class/net/${device}/speed`];
}

/** Excludes `bonding_masters`, which is a file among the folders. */
const isDevice = (sys: FileTree, name: string): boolean => sys.isFolder(`class/net/${name}`);

function adminState(flags: number | undefined): string {
  if (flags === undefined) return "unknown";
  return flags % 2 === 1 ? "up" : "down";
}

function emitDevice(sys: FileTree, device: string, withInvalidSpeed: boolean, emit: Emitter<typeof metrics>): void {
  const read = (file: string): string | undefined => sys.value(`class/net/${device}/${file}`);
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
