import { rmSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openCollection } from "../collection/collection.ts";
import { Settings } from "../settings.ts";
import { type EthtoolCommand, EthtoolError } from "../system-calls/ethtool-ioctl.ts";
import { putUint32, uint32 } from "../system-calls/netlink-message.ts";
import { hostTree, pageOf, seriesFrom } from "../testing/host-tree.ts";
import { ethtoolCollector } from "./ethtool.ts";

const EOPNOTSUPP = 95;
const ENODEV = 19;

interface Device {
  /** Bit masks of the supported and the advertised link modes. */
  readonly modes?: readonly [supported: number, advertised: number];
  readonly texts?: readonly string[];
  readonly statistics?: Readonly<Record<string, number>>;
}

/** Simulates a kernel with the given devices and the four ethtool commands of the collector. */
function kernelWith(devices: Readonly<Record<string, Device>>): EthtoolCommand {
  return async (name, command) => {
    const device = devices[name];
    if (device === undefined) throw new EthtoolError(ENODEV);
    const { modes, texts = [], statistics = {} } = device;
    const names = Object.keys(statistics);
    switch (uint32(command, 0)) {
      case 0x1:
        if (modes === undefined) throw new EthtoolError(EOPNOTSUPP);
        putUint32(command, 4, modes[0]);
        putUint32(command, 8, modes[1]);
        command[18] = 1;
        return;
      case 0x3:
        texts.forEach((text, i) => command.write(text, 4 + 32 * i));
        putUint32(command, 180, names.length);
        return;
      case 0x1b:
        expect([uint32(command, 4), uint32(command, 8)]).toEqual([1, names.length]);
        command.fill(0, 12, 12 + 32 * names.length);
        names.forEach((text, i) => command.write(text, 12 + 32 * i));
        return;
      case 0x1d:
        names.forEach((text, i) => command.writeBigUInt64LE(BigInt(statistics[text]!), 8 + 8 * i));
        return;
      default:
        throw new Error("an unknown command");
    }
  };
}

const collectorOver = (devices: Readonly<Record<string, Device>>): ReturnType<typeof ethtoolCollector> =>
  ethtoolCollector(() => Promise.resolve(kernelWith(devices)));

test("ethtool shows ports, speeds and the negotiated modes", async () => {
  using host = hostTree({ "sys/class/net/eth0/mtu": "1500\n", "sys/class/net/bonding_masters": "\n" });
  const bit = (...bits: number[]): number => bits.reduce((sum, one) => sum + 2 ** one, 0);
  const series = await seriesFrom(collectorOver({ eth0: { modes: [bit(0, 6, 7, 13, 31), bit(5, 14)] } }), host);
  expect(series).toEqual([
    'node_ethtool_info{bus_info="",device="eth0",driver="",expansion_rom_version="",firmware_version="",version=""} 1',
    'node_network_advertised_speed_bytes{device="eth0",duplex="full",mode="1000baseT"} 1.25e+08',
    'node_network_asymmetricpause_advertised{device="eth0"} 1',
    'node_network_asymmetricpause_supported{device="eth0"} 0',
    'node_network_autonegotiate{device="eth0"} 1',
    'node_network_autonegotiate_advertised{device="eth0"} 0',
    'node_network_autonegotiate_supported{device="eth0"} 1',
    'node_network_pause_advertised{device="eth0"} 0',
    'node_network_pause_supported{device="eth0"} 1',
    'node_network_supported_port_info{device="eth0",type="TP"} 1',
    'node_network_supported_speed_bytes{device="eth0",duplex="full",mode="25000baseCR"} 3.125e+09',
    'node_network_supported_speed_bytes{device="eth0",duplex="half",mode="10baseT"} 1.25e+06',
  ]);
});

test("ethtool names statistics as the driver does, and omits those whose metric names are equal", async () => {
  using host = hostTree({ "sys/class/net/eth0/mtu": "1500\n", "sys/class/net/veth1/mtu": "1500\n" });
  const statistics = {
    rx_packets: 1,
    tx_packets: 2,
    tx_tx_timeouts: 3,
    "[0]: rx ucast": 4,
    __Odd_RX: 5,
    "drops.a": 6,
    "drops-a": 7,
    drops__a: 8,
    rx0_bytes: 9,
  };
  const collector = collectorOver({ eth0: { texts: ["e1000", "7.3", "fw", "0000:00:03.0", "rom"], statistics } });
  const series = await seriesFrom(collector, host);
  expect(series).toEqual([
    'node_ethtool_0_received_ucast{device="eth0"} 4',
    'node_ethtool_drops__a{device="eth0"} 8',
    'node_ethtool_info{bus_info="0000:00:03.0",device="eth0",driver="e1000",expansion_rom_version="rom",firmware_version="fw",version="7.3"} 1',
    'node_ethtool_odd_received{device="eth0"} 5',
    'node_ethtool_received_packets_total{device="eth0"} 1',
    'node_ethtool_rx0_bytes{device="eth0"} 9',
    'node_ethtool_transmitted_packets_total{device="eth0"} 2',
    'node_ethtool_transmitted_tx_timeouts{device="eth0"} 3',
  ]);
  const flags = { "collector.ethtool.metrics-include": "^_?Odd|^__", "collector.ethtool.device-exclude": "veth" };
  expect((await seriesFrom(collector, host, flags)).filter((line) => !line.includes("info"))).toEqual([
    'node_ethtool_odd_received{device="eth0"} 5',
  ]);
});

test("ethtool logs a refusal of a device once, and does not log a feature that the device lacks", async () => {
  using host = hostTree({ "sys/class/net/eth0/mtu": "1500\n", "sys/class/net/gone/mtu": "1500\n" });
  const collector = collectorOver({ eth0: {} });
  const logger = memoryLogger();
  const collection = openCollection([collector], {
    files: host,
    settings: Settings.of(collector.flags),
    clock: new ManualClock(),
    logger,
    timeLimitMs: 1000,
  });
  for (let i = 0; i < 3; i++) await pageOf(collection);
  const errors = logger.lines.filter(({ level }) => level === "error");
  expect(errors.map(({ message }) => message)).toEqual([
    "ethtool link info error",
    "ethtool driver info error",
    "ethtool stats error",
  ]);
  // Removes and recreates a device. The collector must treat it as a new device.
  rmSync(join(host.folder, "sys/class/net/gone"), { recursive: true });
  await pageOf(collection);
  host.write("sys/class/net/gone/mtu", "1500\n");
  await pageOf(collection);
  expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(6);
});

test("ethtool has no data on a host without network devices", async () => {
  using host = hostTree();
  expect(await seriesFrom(collectorOver({}), host)).toEqual(['node_scrape_collector_success{collector="ethtool"} 0']);
});
