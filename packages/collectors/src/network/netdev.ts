import { networkInterfaces } from "node:os";
import { flagKinds, type Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector } from "../collector.ts";
import { filterBy } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { hiddenFlag } from "../settings.ts";
import { type NetlinkExchange, netlinkWithFallback } from "../system-calls/netlink.ts";
import { AttributeTable, uint32 } from "../system-calls/netlink-message.ts";
import { addressBytes, addressScope, addressText } from "./ip-address.ts";
import { LINK_STATISTICS, type LinkStatistic, readStatistics } from "./link-statistics.ts";
import { linkNames, routeNetlink, visitingLinks } from "./link-table.ts";

/**
 * Column names of /proc/net/dev, each with the kernel counters that the column adds up. Counters without a column come
 * after them.
 */
const SHORT_STATISTICS: readonly (readonly [name: string, ...of: LinkStatistic[]])[] = [
  ["receive_bytes", "receive_bytes"],
  ["receive_packets", "receive_packets"],
  ["receive_errs", "receive_errors"],
  ["receive_drop", "receive_dropped", "receive_missed_errors"],
  ["receive_fifo", "receive_fifo_errors"],
  ["receive_frame", "receive_frame_errors", "receive_length_errors", "receive_over_errors", "receive_crc_errors"],
  ["receive_compressed", "receive_compressed"],
  ["receive_multicast", "multicast"],
  ["transmit_bytes", "transmit_bytes"],
  ["transmit_packets", "transmit_packets"],
  ["transmit_errs", "transmit_errors"],
  ["transmit_drop", "transmit_dropped"],
  ["transmit_fifo", "transmit_fifo_errors"],
  ["transmit_colls", "collisions"],
  [
    "transmit_carrier",
    "transmit_carrier_errors",
    "transmit_aborted_errors",
    "transmit_heartbeat_errors",
    "transmit_window_errors",
  ],
  ["transmit_compressed", "transmit_compressed"],
  ["receive_nohandler", "receive_nohandler"],
];

const COLUMNS = SHORT_STATISTICS.slice(0, 16).map(([name]) => name);

/** Column names with --collector.netdev.enable-detailed-metrics. Only the names of errors and drops differ. */
const DETAILED_COLUMNS = COLUMNS.map((name) => name.replace(/_errs$/, "_errors").replace(/_drop$/, "_dropped"));

const DETAILED_STATISTICS = LINK_STATISTICS.map((name) => [name, name] as const);

export const DEVICES = {
  include: "collector.netdev.device-include",
  exclude: "collector.netdev.device-exclude",
  retiredInclude: "collector.netdev.device-whitelist",
  retiredExclude: "collector.netdev.device-blacklist",
};
const NETLINK = "collector.netdev.netlink";
const DETAILED = "collector.netdev.enable-detailed-metrics";
const ADDRESSES = "collector.netdev.address-info";
const IFALIAS = "collector.netdev.label-ifalias";

const metrics = {
  address: gauge("node_network_address_info", "node network address by device", [
    "device",
    "address",
    "netmask",
    "scope",
  ]),
};

/** A device and its counters, in the order of the requested names. */
type DeviceNumbers = readonly [device: string, numbers: ArrayLike<number>];

/**
 * Exports traffic and errors per network device. Uses one request over rtnetlink, which costs less than reading
 * /proc/net/dev and /sys/class/net. Reads these files if netlink is not available.
 */
export const netdev = defineCollector({
  name: "netdev",
  enabled: true,
  flags: {
    [DEVICES.include]: flagKinds.text("", "Regexp of net devices to include (mutually exclusive to device-exclude)."),
    [DEVICES.retiredInclude]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.netdev.device-include")),
    [DEVICES.exclude]: flagKinds.text("", "Regexp of net devices to exclude (mutually exclusive to device-include)."),
    [DEVICES.retiredExclude]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.netdev.device-exclude")),
    [ADDRESSES]: flagKinds.flag(false, "Collect address-info for every device"),
    [DETAILED]: flagKinds.flag(false, "Use (incompatible) metric names that provide more detailed stats on Linux"),
    [NETLINK]: flagKinds.flag(true, "Use netlink to gather stats instead of /proc/net/dev."),
    [IFALIAS]: flagKinds.flag(false, "Add ifAlias label"),
  },
  metrics,
  open({ settings, clock, logger }) {
    const isWanted = filterBy(settings, DEVICES, logger);
    const isDetailed = settings.boolean(DETAILED);
    const asNetlink = settings.boolean(NETLINK);
    const withAlias = settings.boolean(IFALIAS);
    const withAddresses = settings.boolean(ADDRESSES);
    const labels = withAlias ? ["device", "ifalias"] : ["device"];
    const statistics = isDetailed ? DETAILED_STATISTICS : SHORT_STATISTICS;
    const places = statistics.map(([, ...of]) => of.map((name) => LINK_STATISTICS.indexOf(name)));
    const listed = specsOf(isDetailed ? DETAILED_COLUMNS : COLUMNS, labels);
    const asked = specsOf(
      statistics.map(([name]) => name),
      labels,
    );
    return async (files, emit) => {
      const { own, proc, sys } = files;
      const devices = asNetlink
        ? await netlinkWithFallback(
            routeNetlink(files),
            (exchange) => runInTurns(clock, askingDevices(exchange, places)),
            () => (isDetailed ? detailedDevices(own.sys) : summedDevices(own.proc, own.sys)),
          )
        : listedDevices(proc);
      const specs = asNetlink ? asked : listed;
      const emitAll = function* (): Steps<void> {
        for (const [device, numbers] of devices) {
          if (!isWanted(device)) continue;
          const values = withAlias ? [device, sys.value(`class/net/${device}/ifalias`) ?? ""] : [device];
          for (const [i, spec] of specs.entries()) emit.dynamic(spec, numbers[i] ?? 0, ...values);
          yield;
        }
      };
      await runInTurns(clock, emitAll());
      if (!withAddresses) return;
      for (const { device, address, prefix } of await addressesOf(routeNetlink(files)))
        if (isWanted(device)) emit.address(1, device, addressText(address), prefix, addressScope(address));
    };
  },
});

const specsOf = (names: readonly string[], labels: readonly string[]): MetricSpec[] =>
  names.map((name) => counter(`node_network_${name}_total`, `Network device statistic ${name}.`, labels));

const counters = new Float64Array(LINK_STATISTICS.length);

/**
 * Reads the counters of all devices over netlink.
 * @param places positions of the kernel counters that are added up, for each exported number
 */
function* askingDevices(
  exchange: NetlinkExchange,
  places: readonly (readonly number[])[],
): Steps<readonly DeviceNumbers[]> {
  const devices: DeviceNumbers[] = [];
  yield* visitingLinks(exchange, (link) => {
    if (!readStatistics(link, counters)) return;
    devices.push([link.name, places.map((of) => of.reduce((sum, place) => sum + counters[place]!, 0))]);
  });
  return devices;
}

/** Returns the file of a counter in /sys/class/net/<device>/statistics. */
const fileOf = (name: LinkStatistic): string => name.replace(/^receive_/, "rx_").replace(/^transmit_/, "tx_");

const statisticOf = (sys: FileTree, device: string, name: LinkStatistic): number =>
  Number(sys.value(`class/net/${device}/statistics/${fileOf(name)}`) ?? 0);

const detailedDevices = (sys: FileTree): DeviceNumbers[] =>
  sys
    .list("class/net")
    .filter((device) => sys.isFolder(`class/net/${device}/statistics`))
    .map((device) => [device, LINK_STATISTICS.map((name) => statisticOf(sys, device, name))]);

const summedDevices = (proc: FileTree, sys: FileTree): DeviceNumbers[] =>
  listedDevices(proc).map(([device, columns]) => [
    device,
    [...Array.from(columns), statisticOf(sys, device, "receive_nohandler")],
  ]);

/** Reads the counters of all devices from /proc/net/dev. Skips its first two lines, which are headers. */
function listedDevices(proc: FileTree): DeviceNumbers[] {
  const devices: DeviceNumbers[] = [];
  for (const line of linesOf(proc.read("net/dev")).slice(2)) {
    const colon = line.lastIndexOf(":");
    if (colon === -1) continue;
    const fields = fieldsOf(line.slice(colon + 1));
    devices.push([line.slice(0, colon).trim(), COLUMNS.map((_, i) => unsignedOf(fields[i], "net/dev"))]);
  }
  return devices;
}

/** An address of a device and the prefix length of its network. */
interface DeviceAddress {
  readonly device: string;
  readonly address: Uint8Array;
  readonly prefix: string;
}

const RTM_GETADDR = 22;
/** Size in bytes of `struct ifaddrmsg`, which precedes the attributes. */
const ADDRESS_HEADER_BYTES = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const addressAttributes = new AttributeTable(16);

/** Returns IPv4 and IPv6 addresses without duplicates. */
async function addressesOf(opening: Promise<NetlinkExchange>): Promise<DeviceAddress[]> {
  const addresses = await netlinkWithFallback(opening, askedAddresses, listedAddresses);
  const seen = new Set<string>();
  return addresses.filter(({ device, address, prefix }) => {
    const key = `${device} ${addressText(address)}/${prefix}`;
    return seen.size < seen.add(key).size;
  });
}

/** Reads addresses over netlink. On a point-to-point link, IFA_ADDRESS is the address of the peer. */
function askedAddresses(exchange: NetlinkExchange): DeviceAddress[] {
  const names = linkNames(exchange);
  const addresses: DeviceAddress[] = [];
  exchange({ type: RTM_GETADDR, isDump: true, body: Buffer.alloc(ADDRESS_HEADER_BYTES) }, ({ body }) => {
    addressAttributes.read(body, ADDRESS_HEADER_BYTES);
    const address = addressAttributes.bytes(IFA_LOCAL) ?? addressAttributes.bytes(IFA_ADDRESS);
    const device = names.get(uint32(body, 4));
    if (device !== undefined && (address?.length === 4 || address?.length === 16))
      addresses.push({ device, address: Uint8Array.from(address), prefix: String(body[1]) });
  });
  return addresses;
}

/** Reads addresses from the operating system, which omits devices that are down. */
function listedAddresses(): DeviceAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, addresses = []]) =>
    addresses.map(({ address, cidr }) => ({
      device,
      address: addressBytes(address),
      prefix: cidr?.split("/")[1] ?? "",
    })),
  );
}
