import type { StateLog } from "@narthex/runtime";
import type { DynamicEmitter } from "../collector.ts";
import type { FileTree, HostFiles } from "../host-files/host-files.ts";
import { integerOf } from "../host-files/kernel-number.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { NETLINK_GENERIC, NETLINK_ROUTE, NetlinkError, type NetlinkExchange } from "../system-calls/netlink.ts";
import { type AttributeTable, cText, eachAttribute } from "../system-calls/netlink-message.ts";
import { linkModes } from "./link-modes.ts";
import { BYTES_PER_MEGABIT, DEVICE, property } from "./link-property.ts";
import { LINK_STATISTICS, readStatistics } from "./link-statistics.ts";
import { eachLink } from "./link-table.ts";

const UP = gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", DEVICE);
const INFO = gauge("node_network_info", "Non-numeric data of <iface>, value is always 1.", [
  "device",
  "address",
  "broadcast",
  "duplex",
  "operstate",
  "ifalias",
]);
const ALTERNATIVE_NAME = gauge(
  "node_network_altnames_info",
  "Non-numeric data of <iface> altname, value is always 1.",
  ["altname", "device"],
);
const SPEED = property(gauge, "speed_bytes");

/** Counters of network devices, which this collector declares as gauges, as node_exporter does. */
const STATISTICS = LINK_STATISTICS.map((name) => property(gauge, `${name}_total`));

/** Properties that netlink does not report: files in /sys/class/net/<device> with their metrics. */
const FILES: readonly (readonly [file: string, metric: MetricSpec])[] = [
  ["addr_assign_type", property(gauge, "address_assign_type")],
  ["dev_id", property(gauge, "device_id")],
  ["name_assign_type", property(gauge, "name_assign_type")],
];

const OPERATIONAL_STATES = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];
const STATE_UP = 6;
const DUPLEX: Readonly<Record<number, string>> = { 0: "Half", 1: "Full", 255: "Unknown" };

const IFLA_ADDRESS = 1;
const IFLA_BROADCAST = 2;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_TXQLEN = 13;
const IFLA_OPERSTATE = 16;
const IFLA_LINKMODE = 17;
const IFLA_IFALIAS = 20;
const IFLA_GROUP = 27;
const IFLA_CARRIER = 33;
const IFLA_CARRIER_CHANGES = 35;
const IFLA_CARRIER_UP_COUNT = 47;
const IFLA_CARRIER_DOWN_COUNT = 48;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;

type Read = (attributes: AttributeTable) => number | undefined;
const uint8 =
  (type: number): Read =>
  (attributes) =>
    attributes.uint8(type);
const uint32 =
  (type: number): Read =>
  (attributes) =>
    attributes.uint32(type);

/** Metrics of a link's netlink attributes. As in node_exporter, the link mode is emitted a second time as dormancy. */
const ATTRIBUTES: readonly (readonly [read: Read, metric: MetricSpec])[] = [
  [uint8(IFLA_CARRIER), property(gauge, "carrier")],
  [uint32(IFLA_CARRIER_CHANGES), property(counter, "carrier_changes_total")],
  [uint32(IFLA_CARRIER_UP_COUNT), property(counter, "carrier_up_changes_total")],
  [uint32(IFLA_CARRIER_DOWN_COUNT), property(counter, "carrier_down_changes_total")],
  [uint8(IFLA_LINKMODE), property(gauge, "iface_link_mode")],
  [uint8(IFLA_LINKMODE), property(gauge, "dormant")],
  [(attributes) => attributes.uint32(IFLA_MTU) ?? 0, property(gauge, "mtu_bytes")],
  [uint32(IFLA_GROUP), property(gauge, "net_dev_group")],
  [uint32(IFLA_TXQLEN), property(gauge, "transmit_queue_length")],
];

const FLAGS = property(gauge, "flags");
const INDEX = property(gauge, "iface_id");
const LOWER = property(gauge, "iface_link");
const HARDWARE = property(gauge, "protocol_type");

interface Device {
  readonly name: string;
  readonly address: string;
  readonly broadcast: string;
  readonly alias: string;
  readonly state: number;
  readonly alternativeNames: readonly string[];
  readonly numbers: readonly (readonly [metric: MetricSpec, value: number])[];
}

/** Settings from the collector's flags. */
export interface NetclassChoice {
  readonly isIgnored: (device: string) => boolean;
  readonly withStatistics: boolean;
  /** Logs if the kernel does not report speeds over netlink. */
  readonly modesLog: StateLog;
}

/** Emits properties of network devices over netlink. Netlink does not wait for drivers, unlike some files of /sys. */
export async function emitLinks(files: HostFiles, choice: NetclassChoice, emit: DynamicEmitter): Promise<void> {
  const duplexOf = emitSpeeds(await files.own.netlink(NETLINK_GENERIC), choice, emit);
  for (const device of devicesOf(await files.own.netlink(NETLINK_ROUTE), choice.withStatistics)) {
    const { name, state } = device;
    if (choice.isIgnored(name)) continue;
    emit.dynamic(UP, state === STATE_UP ? 1 : 0, name);
    const operational = OPERATIONAL_STATES[state] ?? "unknown";
    emit.dynamic(INFO, 1, name, device.address, device.broadcast, duplexOf(name), operational, device.alias);
    for (const other of device.alternativeNames) emit.dynamic(ALTERNATIVE_NAME, 1, other, name);
    for (const [metric, value] of device.numbers) emit.dynamic(metric, value, name);
    emitFiles(files.own.sys, name, emit);
  }
}

function emitSpeeds(
  exchange: NetlinkExchange,
  { isIgnored, modesLog }: NetclassChoice,
  emit: DynamicEmitter,
): (device: string) => string {
  const duplexes = new Map<string, string>();
  try {
    for (const { device, megabits, duplex } of linkModes(exchange)) {
      if (isIgnored(device)) continue;
      emit.dynamic(SPEED, megabits * BYTES_PER_MEGABIT, device);
      duplexes.set(device, DUPLEX[duplex] ?? `Duplex(${duplex})`);
    }
    modesLog.succeeded();
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "ENOENT") throw error;
    modesLog.failed("the kernel has no ethtool over netlink: duplex and link speed are not scraped");
  }
  return (device) => duplexes.get(device) ?? "";
}

function emitFiles(sys: FileTree, device: string, emit: DynamicEmitter): void {
  for (const [file, metric] of FILES) {
    const value = sys.value(`class/net/${device}/${file}`);
    if (value !== undefined) emit.dynamic(metric, integerOf(value) ?? 0, device);
  }
}

const hardwareAddress = (bytes: Buffer | undefined): string =>
  Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, "0")).join(":");

const counters = new Float64Array(LINK_STATISTICS.length);

function devicesOf(exchange: NetlinkExchange, withStatistics: boolean): Device[] {
  const devices: Device[] = [];
  eachLink(exchange, withStatistics, (link) => {
    const { attributes } = link;
    const numbers: [MetricSpec, number][] = [
      [FLAGS, link.flags],
      [INDEX, link.index],
      // Uses the device's own index if the kernel omits the lower device.
      [LOWER, attributes.uint32(IFLA_LINK) || link.index],
      [HARDWARE, link.hardwareType],
    ];
    for (const [read, metric] of ATTRIBUTES) {
      const value = read(attributes);
      if (value !== undefined) numbers.push([metric, value]);
    }
    if (withStatistics && readStatistics(link, counters))
      STATISTICS.forEach((metric, i) => numbers.push([metric, counters[i]!]));
    devices.push({
      name: link.name,
      address: hardwareAddress(attributes.bytes(IFLA_ADDRESS)),
      broadcast: hardwareAddress(attributes.bytes(IFLA_BROADCAST)),
      alias: attributes.text(IFLA_IFALIAS) ?? "",
      state: attributes.uint8(IFLA_OPERSTATE) ?? 0,
      alternativeNames: alternativeNames(attributes.bytes(IFLA_PROP_LIST)),
      numbers,
    });
  });
  return devices;
}

function alternativeNames(list: Buffer = Buffer.alloc(0)): string[] {
  const names: string[] = [];
  eachAttribute(list, 0, (type, at, end) => {
    const name = cText(list, at, end);
    if (type === IFLA_ALT_IFNAME && name !== "") names.push(name);
  });
  return names;
}
