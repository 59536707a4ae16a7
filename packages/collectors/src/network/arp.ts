import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { keepAndDrop } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { literalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";
import { type NetlinkExchange, netlinkWithFallback } from "../system-calls/netlink.ts";
import { uint16, uint32 } from "../system-calls/netlink-message.ts";
import { namesOf, routeNetlink } from "./link-table.ts";

const FILTER = { include: "collector.arp.device-include", exclude: "collector.arp.device-exclude" };
const NETLINK = "collector.arp.netlink";

/**
 * Exports the number of IPv4 neighbours of each device, from rtnetlink or /proc/net/arp. Only /proc/net/arp lists
 * addresses for which this host answers on behalf of other hosts, and only rtnetlink lists unresolved neighbours.
 */
export const arp = defineCollector({
  name: "arp",
  enabled: true,
  flags: {
    [FILTER.include]: flagKinds.text("", "Regexp of arp devices to include (mutually exclusive to device-exclude)."),
    [FILTER.exclude]: flagKinds.text("", "Regexp of arp devices to exclude (mutually exclusive to device-include)."),
    [NETLINK]: flagKinds.flag(true, "Use netlink to gather stats instead of /proc/net/arp."),
  },
  metrics: { entries: gauge("node_arp_entries", "ARP entries by device", ["device"]) },
  open({ settings }) {
    const isWanted = keepAndDrop(settings, FILTER);
    const asNetlink = settings.boolean(NETLINK);
    return async (files, emit) => {
      const counts = asNetlink
        ? await netlinkWithFallback(routeNetlink(files), askedNeighbours, () => listedNeighbours(files.own.proc))
        : listedNeighbours(files.proc);
      for (const [device, count] of counts) if (isWanted(device)) emit.entries(count, device);
    };
  },
});

const RTM_GETNEIGH = 30;
/** Size in bytes of `struct ndmsg`. The collector needs no other part of an answer. */
const HEADER_BYTES = 12;
const AF_INET = 2;
const NUD_NOARP = 0x40;

function askedNeighbours(exchange: NetlinkExchange): Map<string, number> {
  const body = Buffer.alloc(HEADER_BYTES);
  body[0] = AF_INET;
  const byIndex = new Map<number, number>();
  exchange({ type: RTM_GETNEIGH, isDump: true, body }, ({ body: neighbour }) => {
    if (neighbour[0] !== AF_INET || Math.floor(uint16(neighbour, 8) / NUD_NOARP) % 2 === 1) return;
    const index = uint32(neighbour, 4);
    byIndex.set(index, (byIndex.get(index) ?? 0) + 1);
  });
  const counts = new Map<string, number>();
  const names = namesOf(exchange, [...byIndex.keys()]);
  for (const [index, count] of byIndex) {
    const device = names.get(index);
    // Skips a network device that was removed after the neighbours were listed.
    if (device !== undefined) counts.set(device, count);
  }
  return counts;
}

/** Number of words in the header line of /proc/net/arp. */
const HEADING_WORDS = 9;
/** Number of words in a neighbour's line of /proc/net/arp. */
const ENTRY_WORDS = 6;
const HARDWARE_ADDRESS = /^[\da-f]{2}(?:[:-][\da-f]{2})+$/i;
const MAX_FLAGS = 0xff;

/** Returns whether a word has the form of an entry's flags, usually 0x2. */
function isFlags(text: string): boolean {
  const flags = literalOf(text);
  return flags !== undefined && flags >= 0 && flags <= MAX_FLAGS;
}

function listedNeighbours(proc: FileTree): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of linesOf(proc.read("net/arp"))) {
    const words = fieldsOf(line);
    if (words.length === 0 || words.length === HEADING_WORDS) continue;
    const [, , flags = "", hardware = "", , device] = words;
    if (device === undefined || words.length > ENTRY_WORDS || !isFlags(flags) || !HARDWARE_ADDRESS.test(hardware))
      throw new Error(`net/arp: malformed line "${line}"`);
    counts.set(device, (counts.get(device) ?? 0) + 1);
  }
  return counts;
}
