import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Collector } from "../collector.ts";
import { Settings } from "../settings.ts";
import { NETLINK_ROUTE, NETLINK_SOCK_DIAG } from "../system-calls/netlink.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import {
  type Attribute,
  linkBody,
  messageBody,
  type RecordedAnswers,
  recordedNetlink,
} from "../testing/netlink-recording.ts";
import { arp } from "./arp.ts";
import { netdev } from "./netdev.ts";
import { networkRoute } from "./network-route.ts";
import { qdisc } from "./qdisc.ts";
import { tcpstat } from "./tcpstat.ts";
import { udpQueues } from "./udp-queues.ts";

const LINKS = [linkBody(1, "lo"), linkBody(2, "eth0"), linkBody(3, "eth1")];

/** Returns the series of a collector on a host without files. The host's kernel gives the recorded netlink answers. */
async function askedSeries(
  collector: Collector,
  answers: RecordedAnswers,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  using host = hostTree({ "proc/net/tcp6": "" });
  return await seriesFrom(collector, { ...host, own: { ...host.own, netlink: recordedNetlink(answers) } }, flags);
}

const withLinks =
  (type: number, bodies: readonly Buffer[]): RecordedAnswers =>
  (request, protocol) => {
    expect(protocol).toBe(NETLINK_ROUTE);
    return request.type === 18 ? LINKS : request.type === type ? bodies : undefined;
  };

const ROOT = 0xffffffff;
const disciplines = (index: number, parent: number, kind: string, attributes: readonly Attribute[] = []): Buffer =>
  messageBody(20, { 4: index, 12: parent }, [[1, kind], ...attributes]);

test("qdisc shows the root of each device, and nothing below it", async () => {
  const basic = Buffer.alloc(16);
  basic.writeUInt32LE(1500, 0);
  basic.writeUInt32LE(3, 8);
  const queue = Buffer.alloc(20);
  [1, 60, 2, 4, 5].forEach((value, i) => queue.writeUInt32LE(value, i * 4));
  const statistics: Attribute = [
    7,
    [
      [1, basic],
      [3, queue],
    ],
  ];
  const bodies = [
    disciplines(2, ROOT, "htb", [statistics]),
    disciplines(2, 0x10001, "pfifo", [statistics]),
    disciplines(3, 0xfffffff1, "clsact"),
    disciplines(3, ROOT, "noqueue"),
  ];
  const series = await askedSeries(qdisc, withLinks(38, bodies), { "collector.qdisc.device-exclude": "eth1" });
  expect(series).toEqual([
    'node_qdisc_backlog{device="eth0",kind="htb"} 60',
    'node_qdisc_bytes_total{device="eth0",kind="htb"} 1500',
    'node_qdisc_current_queue_length{device="eth0",kind="htb"} 1',
    'node_qdisc_drops_total{device="eth0",kind="htb"} 2',
    'node_qdisc_overlimits_total{device="eth0",kind="htb"} 5',
    'node_qdisc_packets_total{device="eth0",kind="htb"} 3',
    'node_qdisc_requeues_total{device="eth0",kind="htb"} 4',
  ]);
  expect(await askedSeries(qdisc, withLinks(38, bodies))).toContain(
    'node_qdisc_drops_total{device="eth1",kind="noqueue"} 0',
  );
});

test("qdisc reads a recorded answer, and filters it by the flags' old names", async () => {
  using host = hostTree({
    "qdisc/results.json":
      '[{"IfaceName":"wlan0","Bytes":42,"Kind":"fq"},{"IfaceName":"eth0","Parent":1,"Kind":"fq"},{"IfaceName":"lo"}]',
  });
  const flags = { "collector.qdisc.fixtures": `${host.folder}/qdisc`, "collector.qdisk.device-include": "wlan|eth" };
  const series = await seriesFrom(qdisc, host, flags);
  expect(series).toHaveLength(7);
  expect(series).toContain('node_qdisc_bytes_total{device="wlan0",kind="fq"} 42');
});

test("arp counts IPv4 neighbours per device without those that need no resolution", async () => {
  const neighbour = (index: number, state: number): Buffer => messageBody(12, { 0: 2, 4: index, 8: state }, []);
  const bodies = [neighbour(2, 2), neighbour(2, 0), neighbour(3, 0x40), neighbour(9, 2)];
  expect(await askedSeries(arp, withLinks(30, bodies))).toEqual(['node_arp_entries{device="eth0"} 2']);
  expect(await askedSeries(arp, withLinks(30, bodies), { "collector.arp.device-include": "eth1" })).toEqual([]);
});

test("network_route shows destinations, sources, gateways and weights; equal routes are one series", async () => {
  const route = (length: number, kind: number, protocol: number, attributes: readonly Attribute[]): Buffer =>
    messageBody(12, { 0: 2, 1: length, 5: protocol, 7: kind }, attributes);
  const ip = (...bytes: number[]): Buffer => Buffer.from(bytes);
  const hop = (index: number, hops: number, last: number): Buffer =>
    Buffer.concat([ip(16, 0, 0, hops, index, 0, 0, 0), ip(8, 0, 5, 0, 10, 0, 0, last)]);
  const bodies = [
    route(0, 1, 3, [
      [5, ip(10, 0, 0, 1)],
      [4, 2],
    ]),
    route(24, 1, 2, [
      [1, ip(10, 0, 0, 0)],
      [7, ip(10, 0, 0, 9)],
      [4, 2],
      [6, 100],
    ]),
    route(24, 1, 2, [
      [1, ip(10, 0, 0, 0)],
      [7, ip(10, 0, 0, 9)],
      [4, 2],
      [6, 100],
    ]),
    route(16, 1, 99, [
      [1, ip(10, 1, 0, 0)],
      [9, Buffer.concat([hop(2, 2, 7), hop(3, 0, 8)])],
    ]),
    route(8, 2, 2, [
      [1, ip(127, 0, 0, 0)],
      [4, 1],
    ]),
  ];
  expect(await askedSeries(networkRoute, withLinks(26, bodies))).toEqual([
    'node_network_route_info{dest="10.0.0.0/24",device="eth0",gw="",priority="100",proto="kernel",src="10.0.0.9",weight=""} 1',
    'node_network_route_info{dest="10.1.0.0/16",device="eth0",gw="10.0.0.7",priority="0",proto="unknown",src="",weight="3"} 1',
    'node_network_route_info{dest="10.1.0.0/16",device="eth1",gw="10.0.0.8",priority="0",proto="unknown",src="",weight="1"} 1',
    'node_network_route_info{dest="default",device="eth0",gw="10.0.0.1",priority="0",proto="boot",src="",weight=""} 1',
    'node_network_routes{device="eth0"} 4',
    'node_network_routes{device="eth1"} 1',
  ]);
});

test("network_route has no data if there is no netlink", async () => {
  using host = hostTree();
  expect(await seriesFrom(networkRoute, host)).toEqual(['node_scrape_collector_success{collector="network_route"} 0']);
});

test("tcpstat counts sockets by state over both families, and bytes in queues", async () => {
  const socket = (state: number, received: number, sending: number): Buffer =>
    messageBody(72, { 1: state, 56: received, 60: sending }, []);
  const asked: number[] = [];
  const series = await askedSeries(tcpstat, ({ body }, protocol) => {
    expect(protocol).toBe(NETLINK_SOCK_DIAG);
    asked.push(body[0]!);
    return body[0] === 2 ? [socket(1, 5, 300), socket(10, 0, 128)] : [socket(1, 0, 0), socket(12, 0, 0)];
  });
  expect(asked).toEqual([2, 10]);
  expect(series).toEqual([
    'node_tcp_connection_states{state="established"} 2',
    'node_tcp_connection_states{state="listen"} 1',
    'node_tcp_connection_states{state="rx_queued_bytes"} 5',
    'node_tcp_connection_states{state="tx_queued_bytes"} 428',
    'node_tcp_connection_states{state="unknown"} 1',
  ]);
});

const UDP_LINE = " 0: 0100007F:0035 00000000:0000 07 00000001:00000002 00:00000000 00000000 0 0 3 2 0 0\n";

test.each([
  ["many UDP sockets, udp_queues asks sock_diag", 1001, ["rx 5", "tx 300"]],
  ["few UDP sockets, udp_queues reads /proc/net/udp", 1000, ["rx 2", "tx 1"]],
])("for %s", async (_, inUse, [rx, tx]) => {
  using host = hostTree({ "proc/net/sockstat": `UDP: inuse ${inUse} mem 0\n`, "proc/net/udp": `head\n${UDP_LINE}` });
  const netlink = recordedNetlink(({ body }) => {
    expect([body[0], body[1]]).toEqual([2, 17]);
    return [messageBody(72, { 1: 7, 56: 5, 60: 300 }, [])];
  });
  expect(await seriesFrom(udpQueues, { ...host, own: { ...host.own, netlink } })).toEqual(
    [rx, tx].map((text) => `node_udp_queues{ip="v4",queue="${text!.replace(" ", '"} ')}`),
  );
  // Reads the files if the exporter shows another host, because sock_diag would list the sockets of the exporter's own
  // network namespace.
  const other = { ...host, own: { ...host.own, proc: { ...host.own.proc, root: "/proc" }, netlink } };
  expect(await seriesFrom(udpQueues, other)).toContain('node_udp_queues{ip="v4",queue="tx"} 1');
});

test.each([tcpstat, udpQueues])("$name yields to other work while the kernel lists many sockets", async (collector) => {
  using host = hostTree({ "proc/net/sockstat": "UDP: inuse 1000000\n" });
  const netlink = recordedNetlink(() => Array.from({ length: 3 }, () => messageBody(72, { 1: 1 }, [])));
  let [now, turns] = [0, 0];
  const clock = { ...systemClock, monotonic: () => (now += 1000), sleep: async () => void turns++ };
  const emit = { states: () => undefined, queues: () => undefined };
  const context = { clock, logger: memoryLogger(), settings: Settings.of(collector.flags, {}) };
  await collector.open(context)({ ...host, own: { ...host.own, netlink } }, emit as never);
  expect(turns).toBe(3);
});

test("netdev yields to other work while the kernel lists many devices", async () => {
  using host = hostTree();
  // Devices without counters, so that the collector emits no series after the list.
  const netlink = recordedNetlink(() => Array.from({ length: 3 }, (_, i) => linkBody(i, `eth${i}`)));
  const turnsWith = async (answers: typeof netlink): Promise<number> => {
    let [now, turns] = [0, 0];
    const clock = { ...systemClock, monotonic: () => (now += 1000), sleep: async () => void turns++ };
    const context = { clock, logger: memoryLogger(), settings: Settings.of(netdev.flags, {}) };
    const emit = { dynamic: () => undefined, address: () => undefined };
    await netdev.open(context)({ ...host, own: { ...host.own, netlink: answers } }, emit as never);
    return turns;
  };
  expect((await turnsWith(netlink)) - (await turnsWith(recordedNetlink(() => [])))).toBe(3);
});

test("tcpstat reads /proc/net/tcp if there is no sock_diag", async () => {
  using host = hostTree({
    "proc/net/tcp":
      "  sl  local_address rem_address   st tx_queue rx_queue\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000010 00:0\n   1: 0100007F:1F90 0100007F:2222 01 00000020:00000000 00:0\n",
  });
  expect(await seriesFrom(tcpstat, host)).toEqual([
    'node_tcp_connection_states{state="established"} 1',
    'node_tcp_connection_states{state="listen"} 1',
    'node_tcp_connection_states{state="rx_queued_bytes"} 16',
    'node_tcp_connection_states{state="tx_queued_bytes"} 32',
  ]);
});

/**
 * Statistics in which counter i of `struct rtnl_link_stats64` is 2^i, so that a sum shows which counters were added.
 */
const POWERS = Buffer.from(BigUint64Array.from({ length: 25 }, (_, i) => 2n ** BigInt(i)).buffer);
const WORDS = Buffer.from(Uint32Array.from({ length: 23 }, (_, i) => i).buffer);
const COUNTED = [
  linkBody(1, "lo", [
    [23, POWERS],
    [7, WORDS],
  ]),
  linkBody(2, "old", [[7, WORDS]]),
  linkBody(3, "none"),
];

test("netdev adds up the kernel's counters like /proc/net/dev", async () => {
  // Repeats a device in the answer, as a netlink dump that was interrupted may do.
  const series = await askedSeries(netdev, () => [...COUNTED, COUNTED[0]!], {
    "collector.netdev.device-include": "lo",
  });
  expect(series).toHaveLength(17);
  const bits = (...places: number[]): number => places.reduce((sum, place) => sum + 2 ** place, 0);
  const sums = {
    receive_bytes: bits(2),
    receive_drop: bits(6, 15),
    receive_frame: bits(10, 11, 12, 13),
    receive_nohandler: bits(23),
    transmit_carrier: bits(16, 17, 19, 20),
    transmit_packets: bits(1),
  };
  for (const [name, sum] of Object.entries(sums)) {
    const line = series.find((one) => one.startsWith(`node_network_${name}_total{`));
    expect([name, Number(line?.split(" ")[1])]).toEqual([name, sum]);
  }
});

test("netdev uses the 32-bit counters if there are no others, and omits devices without counters", async () => {
  const series = await askedSeries(netdev, () => COUNTED, { "collector.netdev.enable-detailed-metrics": true });
  expect(series).toHaveLength(48);
  expect(series).toContain('node_network_collisions_total{device="old"} 9');
  expect(series).toContain('node_network_receive_nohandler_total{device="old"} 0');
});

test("netdev shows each address of all devices once, with the local end of a point-to-point link", async () => {
  const address = (family: number, prefix: number, index: number, attributes: readonly Attribute[]): Buffer =>
    messageBody(8, { 0: family, 1: prefix, 4: index }, attributes);
  const bodies = [
    address(2, 8, 1, [
      [1, Buffer.from([127, 0, 0, 1])],
      [2, Buffer.from([127, 0, 0, 1])],
    ]),
    address(2, 32, 2, [
      [1, Buffer.from([10, 0, 0, 2])],
      [2, Buffer.from([10, 0, 0, 1])],
    ]),
    address(2, 32, 2, [
      [1, Buffer.from([10, 0, 0, 3])],
      [2, Buffer.from([10, 0, 0, 1])],
    ]),
    address(10, 64, 2, [[1, Buffer.from("fd000000000000000000000000000001", "hex")]]),
  ];
  const series = await askedSeries(netdev, ({ type }) => (type === 18 ? LINKS : type === 22 ? bodies : undefined), {
    "collector.netdev.address-info": true,
  });
  expect(series).toEqual([
    'node_network_address_info{address="10.0.0.1",device="eth0",netmask="32",scope="global"} 1',
    'node_network_address_info{address="127.0.0.1",device="lo",netmask="8",scope="link-local"} 1',
    'node_network_address_info{address="fd00::1",device="eth0",netmask="64",scope="global"} 1',
  ]);
});

test("without netlink, netdev reads the counters of /sys if its flag asks for them", async () => {
  using host = hostTree({
    "sys/class/net/eth0/statistics/rx_bytes": "5\n",
    "sys/class/net/eth0/statistics/tx_carrier_errors": "6\n",
    "sys/class/net/bonding_masters": "\n",
  });
  const series = await seriesFrom(netdev, host, { "collector.netdev.enable-detailed-metrics": true });
  expect(series).toHaveLength(24);
  expect(series).toContain('node_network_receive_bytes_total{device="eth0"} 5');
  expect(series).toContain('node_network_transmit_carrier_errors_total{device="eth0"} 6');
});
