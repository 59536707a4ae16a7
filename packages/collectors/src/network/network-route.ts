import { defineCollector, type Emitter } from "../collector.ts";
import { gauge } from "../metric.ts";
import type { NetlinkExchange } from "../system-calls/netlink.ts";
import { AttributeTable, uint16, uint32 } from "../system-calls/netlink-message.ts";
import { addressText, fourBytes } from "./ip-address.ts";
import { linkNames, routeNetlink } from "./link-table.ts";

const metrics = {
  route: gauge("node_network_route_info", "network routing table information", [
    "device",
    "src",
    "dest",
    "gw",
    "priority",
    "proto",
    "weight",
  ]),
  routes: gauge("node_network_routes", "network routes by interface", ["device"]),
};

/**
 * Exports unicast routes of all tables from rtnetlink. Routes with equal labels form one series, whose value is their
 * number.
 */
export const networkRoute = defineCollector({
  name: "network_route",
  enabled: false,
  metrics,
  async collect(files, emit) {
    const exchange = await routeNetlink(files);
    const names = linkNames(exchange);
    const routes = routesOf(exchange);
    emitRoutes(routes, names, emit);
  },
});

/** A route, or one next hop of a route with several next hops. */
interface Route {
  /** Index of the network device. */
  readonly device: number;
  readonly source: string;
  readonly destination: string;
  readonly gateway: string;
  readonly priority: number;
  readonly protocol: number;
  /** Weight of this next hop if several hops share the traffic. */
  readonly weight: string;
}

function emitRoutes(routes: readonly Route[], names: ReadonlyMap<number, string>, emit: Emitter<typeof metrics>): void {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  for (const { device: index, source, destination, gateway, priority, protocol, weight } of routes) {
    const device = names.get(index) ?? "";
    counts.set(device, (counts.get(device) ?? 0) + 1);
    const labels = [device, source, destination, gateway, String(priority), protocolName(protocol), weight];
    const key = labels.join("\n");
    if (seen.has(key)) continue;
    seen.add(key);
    emit.route(1, ...labels);
  }
  for (const [device, count] of counts) emit.routes(count, device);
}

const RTM_GETROUTE = 26;
/** Size in bytes of `struct rtmsg`, which precedes the attributes. */
const HEADER_BYTES = 12;
const RTN_UNICAST = 1;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_MULTIPATH = 9;
/** Size in bytes of `struct rtnexthop`: length, flags, hops, device. */
const HOP_HEADER_BYTES = 8;

const attributes = new AttributeTable(40);
const hopAttributes = new AttributeTable(40);

function routesOf(exchange: NetlinkExchange): Route[] {
  const routes: Route[] = [];
  exchange({ type: RTM_GETROUTE, isDump: true, body: Buffer.alloc(HEADER_BYTES) }, ({ body }) => {
    if (body[7] !== RTN_UNICAST) return;
    attributes.read(body, HEADER_BYTES);
    const route = {
      device: attributes.uint32(RTA_OIF) ?? 0,
      source: addressOf(attributes, RTA_PREFSRC),
      destination: destinationOf(attributes.bytes(RTA_DST), body[1]!),
      gateway: addressOf(attributes, RTA_GATEWAY),
      priority: attributes.uint32(RTA_PRIORITY) ?? 0,
      protocol: body[5]!,
      weight: "",
    };
    const hops = attributes.bytes(RTA_MULTIPATH);
    if (hops === undefined || hops.length === 0) routes.push(route);
    else for (const hop of hopsOf(hops)) routes.push({ ...route, ...hop });
  });
  return routes;
}

function addressOf(table: AttributeTable, type: number): string {
  const bytes = table.bytes(type);
  return bytes === undefined || (bytes.length !== 4 && bytes.length !== 16) ? "" : addressText(bytes);
}

function destinationOf(address: Buffer | undefined, prefix: number): string {
  if (prefix === 0 || address === undefined) return "default";
  // Returns `<nil>` as Go does: an IPv4 address of 16 bytes with a prefix longer than 32 bits cannot be masked.
  return fourBytes(address) !== undefined && prefix > 32 ? "<nil>" : `${addressText(address)}/${prefix}`;
}

function hopsOf(bytes: Buffer): Pick<Route, "device" | "gateway" | "weight">[] {
  const hops: Pick<Route, "device" | "gateway" | "weight">[] = [];
  for (let at = 0; at + HOP_HEADER_BYTES <= bytes.length;) {
    const length = uint16(bytes, at);
    if (length < HOP_HEADER_BYTES || at + length > bytes.length)
      throw new Error(`netlink: a next hop of ${length} bytes, but only ${bytes.length - at} bytes are left`);
    hopAttributes.read(bytes, at + HOP_HEADER_BYTES, at + length);
    hops.push({
      device: uint32(bytes, at + 4),
      gateway: addressOf(hopAttributes, RTA_GATEWAY),
      weight: String(bytes[at + 3]! + 1),
    });
    at += Math.ceil(length / 4) * 4;
  }
  return hops;
}

/** Names of route origins (protocols), by the kernel's number. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: "unspec",
  1: "redirect",
  2: "kernel",
  3: "boot",
  4: "static",
  8: "gated",
  9: "ra",
  10: "mrt",
  11: "zebra",
  12: "bird",
  13: "dnrouted",
  14: "xorp",
  15: "ntk",
  16: "dhcp",
  17: "mrouted",
  42: "babel",
  186: "bgp",
  187: "isis",
  188: "ospf",
  189: "rip",
  192: "eigrp",
};

const protocolName = (protocol: number): string => PROTOCOLS[protocol] ?? "unknown";
