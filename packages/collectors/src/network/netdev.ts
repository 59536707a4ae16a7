import { networkInterfaces } from "node:os";
import { flagKinds } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { filterBy, type NameFilter } from "../device-filter.ts";
import type { FileTree } from "../host-files.ts";
import { fieldsOf, linesOf, numberOf } from "../kernel-text.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { retired } from "../settings.ts";

/** Columns of /proc/net/dev: what the kernel adds up there is what node_exporter adds up from netlink's answer. */
const COLUMNS = [
  "receive_bytes",
  "receive_packets",
  "receive_errs",
  "receive_drop",
  "receive_fifo",
  "receive_frame",
  "receive_compressed",
  "receive_multicast",
  "transmit_bytes",
  "transmit_packets",
  "transmit_errs",
  "transmit_drop",
  "transmit_fifo",
  "transmit_colls",
  "transmit_carrier",
  "transmit_compressed",
];

/** What --collector.netdev.enable-detailed-metrics names the columns; only three differ from their short names. */
const DETAILED_COLUMNS = COLUMNS.map((name) => name.replace(/_errs$/, "_errors").replace(/_drop$/, "_dropped"));

/** The kernel's single counters, in /sys/class/net/<device>/statistics, under their detailed names. */
const DETAILED_STATISTICS: Readonly<Record<string, string>> = {
  rx_packets: "receive_packets",
  tx_packets: "transmit_packets",
  rx_bytes: "receive_bytes",
  tx_bytes: "transmit_bytes",
  rx_errors: "receive_errors",
  tx_errors: "transmit_errors",
  rx_dropped: "receive_dropped",
  tx_dropped: "transmit_dropped",
  multicast: "multicast",
  collisions: "collisions",
  rx_length_errors: "receive_length_errors",
  rx_over_errors: "receive_over_errors",
  rx_crc_errors: "receive_crc_errors",
  rx_frame_errors: "receive_frame_errors",
  rx_fifo_errors: "receive_fifo_errors",
  rx_missed_errors: "receive_missed_errors",
  tx_aborted_errors: "transmit_aborted_errors",
  tx_carrier_errors: "transmit_carrier_errors",
  tx_fifo_errors: "transmit_fifo_errors",
  tx_heartbeat_errors: "transmit_heartbeat_errors",
  tx_window_errors: "transmit_window_errors",
  rx_compressed: "receive_compressed",
  tx_compressed: "transmit_compressed",
  rx_nohandler: "receive_nohandler",
};

const FILTER = {
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

/** Traffic and errors per network device: the numbers that netlink gives, from /proc/net/dev and /sys/class/net. */
export const netdev = defineCollector({
  name: "netdev",
  enabled: true,
  flags: {
    [FILTER.include]: flagKinds.text("", "Regexp of net devices to include (mutually exclusive to device-exclude)."),
    [FILTER.retiredInclude]: retired(flagKinds.text("", "DEPRECATED: Use collector.netdev.device-include")),
    [FILTER.exclude]: flagKinds.text("", "Regexp of net devices to exclude (mutually exclusive to device-include)."),
    [FILTER.retiredExclude]: retired(flagKinds.text("", "DEPRECATED: Use collector.netdev.device-exclude")),
    [ADDRESSES]: flagKinds.flag(false, "Collect address-info for every device"),
    [DETAILED]: flagKinds.flag(false, "Use (incompatible) metric names that provide more detailed stats on Linux"),
    [NETLINK]: flagKinds.flag(true, "Use netlink to gather stats instead of /proc/net/dev."),
    [IFALIAS]: flagKinds.flag(false, "Add ifAlias label"),
  },
  metrics,
  open({ settings, logger }) {
    const isWanted = filterBy(settings, FILTER, logger);
    const isDetailed = settings.boolean(DETAILED);
    const asNetlink = settings.boolean(NETLINK);
    const withAlias = settings.boolean(IFALIAS);
    const withAddresses = settings.boolean(ADDRESSES);
    const specFor = statisticSpecs(withAlias ? ["device", "ifalias"] : ["device"]);
    const columns = isDetailed ? DETAILED_COLUMNS : COLUMNS;
    return ({ proc, sys, own }, emit) => {
      const files = asNetlink ? own : { proc, sys };
      for (const [device, numbers] of devices(files.proc.read("net/dev"))) {
        if (!isWanted(device)) continue;
        const labels = withAlias ? [device, sys.value(`class/net/${device}/ifalias`) ?? ""] : [device];
        const add = (name: string, value: number): void => emit.dynamic(specFor(name), value, ...labels);
        if (asNetlink && isDetailed) eachStatistic(files.sys, device, add);
        else columns.forEach((name, i) => add(name, numberOf(numbers[i], "net/dev")));
        if (asNetlink && !isDetailed) add("receive_nohandler", statistic(files.sys, device, "rx_nohandler"));
      }
      if (withAddresses) emitAddresses(emit, isWanted);
    };
  },
});

function statisticSpecs(labels: readonly string[]): (name: string) => MetricSpec {
  const specs = new Map<string, MetricSpec>();
  return (name) => {
    let spec = specs.get(name);
    if (spec === undefined) {
      spec = counter(`node_network_${name}_total`, `Network device statistic ${name}.`, labels);
      specs.set(name, spec);
    }
    return spec;
  };
}

/** Device and its sixteen numbers; the first two lines are headings. */
function* devices(text: string): Generator<[device: string, numbers: string[]]> {
  for (const line of linesOf(text).slice(2)) {
    const colon = line.lastIndexOf(":");
    if (colon !== -1) yield [line.slice(0, colon).trim(), fieldsOf(line.slice(colon + 1))];
  }
}

const statistic = (sys: FileTree, device: string, name: string): number =>
  Number(sys.value(`class/net/${device}/statistics/${name}`) ?? 0);

function eachStatistic(sys: FileTree, device: string, add: (name: string, value: number) => void): void {
  for (const [file, name] of Object.entries(DETAILED_STATISTICS)) add(name, statistic(sys, device, file));
}

function emitAddresses(emit: Emitter<typeof metrics>, isWanted: NameFilter): void {
  for (const [device, addresses = []] of Object.entries(networkInterfaces())) {
    if (!isWanted(device)) continue;
    for (const { address, cidr } of addresses)
      emit.address(1, device, address, cidr?.split("/")[1] ?? "", scopeOf(address));
  }
}

/** Reach of an address, in Go's terms. */
function scopeOf(address: string): string {
  if (/^(?:127\.|169\.254\.|224\.0\.0\.|::1$|fe[89ab]|ff.2:)/i.test(address)) return "link-local";
  if (/^ff.1:/i.test(address)) return "interface-local";
  return /^(?:22[4-9]|23\d|ff)/i.test(address) || address === "0.0.0.0" || address === "::" ? "" : "global";
}
