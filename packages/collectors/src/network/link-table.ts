import type { Steps } from "@narthex/runtime";
import type { HostFiles } from "../host-files/host-files.ts";
import { NETLINK_ROUTE, NetlinkError, type NetlinkExchange } from "../system-calls/netlink.ts";
import {
  attributeBytes,
  AttributeTable,
  type NetlinkMessage,
  putUint32,
  uint16,
  uint32,
} from "../system-calls/netlink-message.ts";

const RTM_GETLINK = 18;
/** Size in bytes of `struct ifinfomsg`, which precedes the attributes. */
const LINK_HEADER_BYTES = 16;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;
/** Limit of the attribute types that the table keeps. The kernel's newest types are between 60 and 70. */
const ATTRIBUTE_LIMIT = 80;

/** A network device in an answer of rtnetlink. Its attributes are valid only during the visit. */
export interface Link {
  readonly index: number;
  /** Hardware type, for example ARPHRD_ETHER. */
  readonly hardwareType: number;
  readonly flags: number;
  readonly name: string;
  readonly attributes: AttributeTable;
  readonly bytes: Buffer;
}

const table = new AttributeTable(ATTRIBUTE_LIMIT);

/** Builds a netlink request for network devices. Without statistics, the request costs the kernel half the time. */
function linkRequest(withStatistics: boolean, index = 0): Buffer {
  const header = Buffer.alloc(LINK_HEADER_BYTES);
  putUint32(header, 4, index);
  if (withStatistics) return header;
  const mask = Buffer.alloc(4);
  putUint32(mask, 0, RTEXT_FILTER_SKIP_STATS);
  return Buffer.concat([header, attributeBytes(IFLA_EXT_MASK, mask)]);
}

/** Visits every network device of the namespace once. */
export function eachLink(exchange: NetlinkExchange, withStatistics: boolean, visit: (link: Link) => void): void {
  exchange({ type: RTM_GETLINK, isDump: true, body: linkRequest(withStatistics) }, onceEach(visit));
}

/** Visits every network device with its statistics once, in steps. */
export const visitingLinks = (exchange: NetlinkExchange, visit: (link: Link) => void): Steps<void> =>
  exchange.inSteps({ type: RTM_GETLINK, isDump: true, body: linkRequest(true) }, onceEach(visit));

/** Returns a visitor that parses each device only once, because an interrupted dump may contain a device twice. */
function onceEach(visit: (link: Link) => void): (message: NetlinkMessage) => void {
  const seen = new Set<number>();
  return ({ body }) => {
    const index = uint32(body, 4);
    if (seen.has(index)) return;
    seen.add(index);
    const attributes = table.read(body, LINK_HEADER_BYTES);
    visit({
      index,
      hardwareType: uint16(body, 2),
      flags: uint32(body, 8),
      name: attributes.text(IFLA_IFNAME) ?? "",
      attributes,
      bytes: body,
    });
  };
}

/**
 * Largest number of devices whose names are requested one by one. For more devices, one request for all names is
 * faster.
 */
const SINGLE_QUESTIONS = 3;

/** Returns the names of the network devices with the given indexes. Omits removed devices. */
export function namesOf(exchange: NetlinkExchange, indexes: readonly number[]): Map<number, string> {
  if (indexes.length > SINGLE_QUESTIONS) return linkNames(exchange);
  const names = new Map<number, string>();
  for (const index of indexes) {
    try {
      exchange({ type: RTM_GETLINK, isDump: false, body: linkRequest(false, index) }, ({ body }) => {
        const name = table.read(body, LINK_HEADER_BYTES).text(IFLA_IFNAME);
        if (name !== undefined) names.set(uint32(body, 4), name);
      });
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
    }
  }
  return names;
}

/** Returns the names of all network devices by index. */
export function linkNames(exchange: NetlinkExchange): Map<number, string> {
  const names = new Map<number, string>();
  eachLink(exchange, false, ({ index, name }) => void names.set(index, name));
  return names;
}

/** Opens rtnetlink of this process's network namespace. */
export const routeNetlink = ({ own }: HostFiles): Promise<NetlinkExchange> => own.netlink(NETLINK_ROUTE);
