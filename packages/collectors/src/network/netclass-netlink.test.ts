import { expect, test } from "vitest";
import { NETLINK_GENERIC } from "../system-calls/netlink.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { type Attribute, attributesOf, linkBody, recordedNetlink } from "../testing/netlink-recording.ts";
import { netclass } from "./netclass.ts";

const word = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const byte = (value: number): Buffer => Buffer.from([value]);
const generic = (attributes: readonly Attribute[]): Buffer =>
  Buffer.concat([Buffer.alloc(4), attributesOf(attributes)]);

const MAC = Buffer.from("0242ac110002", "hex");
const COUNTERS = Buffer.from(BigUint64Array.from({ length: 24 }, (_, i) => BigInt(i)).buffer);
const ETH0 = linkBody(2, "eth0", [
  [1, MAC],
  [2, Buffer.alloc(6, 0xff)],
  [4, 1500],
  [5, 9],
  [13, 1000],
  [16, byte(6)],
  [17, byte(1)],
  [20, "uplink"],
  [23, COUNTERS],
  [27, 3],
  [33, byte(1)],
  [35, 4],
  [47, 2],
  [48, 2],
  [
    52 + 0x8000,
    [
      [53, "enp3s0"],
      [53, ""],
    ],
  ],
]);
const MODE = generic([
  [
    1,
    [
      [1, 2],
      [2, "eth0"],
    ],
  ],
  [5, 1000],
  [6, byte(1)],
]);

async function series(flags: Readonly<Record<string, unknown>>, hasEthtool = true): Promise<string[]> {
  using host = hostTree({ "sys/class/net/eth0/addr_assign_type": "3\n", "sys/class/net/eth0/dev_id": "0x1\n" });
  const netlink = recordedNetlink(({ type }, protocol) => {
    if (protocol !== NETLINK_GENERIC) return [linkBody(1, "lo"), ETH0];
    if (!hasEthtool) return undefined;
    return type === 16
      ? [
          generic([
            [1, word(20)],
            [3, 1],
          ]),
        ]
      : [MODE];
  });
  return await seriesFrom(
    netclass,
    { ...host, own: { ...host.own, netlink } },
    { "collector.netclass.netlink": true, "collector.netclass.ignored-devices": "^lo$", ...flags },
  );
}

test("netclass shows properties over netlink, and takes those that netlink lacks from /sys", async () => {
  expect(await series({})).toEqual([
    'node_network_address_assign_type{device="eth0"} 3',
    'node_network_altnames_info{altname="enp3s0",device="eth0"} 1',
    'node_network_carrier{device="eth0"} 1',
    'node_network_carrier_changes_total{device="eth0"} 4',
    'node_network_carrier_down_changes_total{device="eth0"} 2',
    'node_network_carrier_up_changes_total{device="eth0"} 2',
    'node_network_device_id{device="eth0"} 1',
    'node_network_dormant{device="eth0"} 1',
    'node_network_flags{device="eth0"} 0',
    'node_network_iface_id{device="eth0"} 2',
    'node_network_iface_link{device="eth0"} 9',
    'node_network_iface_link_mode{device="eth0"} 1',
    'node_network_info{address="02:42:ac:11:00:02",broadcast="ff:ff:ff:ff:ff:ff",device="eth0",duplex="Full",ifalias="uplink",operstate="up"} 1',
    'node_network_mtu_bytes{device="eth0"} 1500',
    'node_network_net_dev_group{device="eth0"} 3',
    'node_network_protocol_type{device="eth0"} 0',
    'node_network_speed_bytes{device="eth0"} 1.25e+08',
    'node_network_transmit_queue_length{device="eth0"} 1000',
    'node_network_up{device="eth0"} 1',
  ]);
});

test("netclass shows the counters of devices with --collector.netclass_rtnl.with-stats", async () => {
  const lines = await series({ "collector.netclass_rtnl.with-stats": true });
  expect(lines).toHaveLength(19 + 24);
  expect(lines).toContain('node_network_transmit_window_errors_total{device="eth0"} 20');
});

test("netclass omits speed and duplex if the kernel has no ethtool over netlink", async () => {
  const lines = await series({}, false);
  expect(lines.join("\n")).not.toContain("speed");
  expect(lines.join("\n")).toContain('duplex=""');
});
