import { expect, test } from "vitest";
import { NETLINK_GENERIC } from "../system-calls/netlink.ts";
import { hostTree, seriesFrom } from "../testing/host-tree.ts";
import { type Attribute, attributesOf, type RecordedAnswers, recordedNetlink } from "../testing/netlink-recording.ts";
import { wifi } from "./wifi.ts";

const HEADER = Buffer.alloc(4);
const generic = (attributes: readonly Attribute[]): Buffer => Buffer.concat([HEADER, attributesOf(attributes)]);
const word = (value: number): Buffer => Buffer.from(Uint16Array.of(value).buffer);
const long = (value: bigint): Buffer => Buffer.from(BigUint64Array.of(value).buffer);
const MAC = Buffer.from("020000000001", "hex");

const INTERFACE = generic([
  [3, 7],
  [4, "wlan0"],
  [6, MAC],
  [38, 5180],
]);
const NAMELESS = generic([
  [3, 8],
  [38, 5180],
]);
const NEIGHBOUR_NETWORK = generic([[47, [[1, MAC]]]]);
const elements = Buffer.concat([Buffer.from([1, 1, 9, 0, 4]), Buffer.from("Café".slice(0, 3)), Buffer.from([0x21])]);
const NETWORK = generic([
  [
    47,
    [
      [1, Buffer.from("aabbccddeeff", "hex")],
      [6, elements],
      [9, 1],
    ],
  ],
]);
const STATION = generic([
  [6, Buffer.from("aabbccddeeff", "hex")],
  [
    21,
    [
      [1, 1500],
      [2, 11],
      [3, 12],
      [7, Buffer.from([256 - 61])],
      [
        8,
        [
          [1, word(60)],
          [5, 6000],
        ],
      ],
      [9, 13],
      [10, 14],
      [11, 15],
      [12, 16],
      [14, [[1, word(540)]]],
      [16, 42],
      [18, 17],
      [24, long(2n ** 40n)],
    ],
  ],
]);

/** Simulates a kernel in which nl80211 has the family number 30. */
const wireless =
  (answers: Readonly<Record<number, readonly Buffer[]>>): RecordedAnswers =>
  ({ type, body }, protocol) => {
    expect(protocol).toBe(NETLINK_GENERIC);
    if (type === 16)
      return [
        generic([
          [1, word(30)],
          [2, "nl80211"],
          [3, 1],
        ]),
      ];
    expect(type).toBe(30);
    return answers[body[0]!];
  };

async function wifiSeries(answers: RecordedAnswers): Promise<string[]> {
  using host = hostTree();
  return await seriesFrom(wifi, { ...host, own: { ...host.own, netlink: recordedNetlink(answers) } });
}

test("wifi shows a device, the network it joined and the station it talks to", async () => {
  const labels = '{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"}';
  const answers = { 5: [INTERFACE, NAMELESS], 32: [NEIGHBOUR_NETWORK, NETWORK], 17: [STATION] };
  expect(await wifiSeries(wireless(answers))).toEqual([
    'node_wifi_interface_frequency_hertz{device="wlan0"} 5.18e+09',
    `node_wifi_station_beacon_loss_total${labels} 17`,
    `node_wifi_station_connected_seconds_total${labels} 42`,
    `node_wifi_station_inactive_seconds${labels} 1.5`,
    'node_wifi_station_info{bssid="aa:bb:cc:dd:ee:ff",device="wlan0",mode="client",ssid="Caf!"} 1',
    `node_wifi_station_receive_bits_per_second${labels} 5.4e+07`,
    `node_wifi_station_receive_bytes_total${labels} 11`,
    `node_wifi_station_received_packets_total${labels} 13`,
    `node_wifi_station_signal_dbm${labels} -61`,
    `node_wifi_station_transmit_bits_per_second${labels} 6e+08`,
    `node_wifi_station_transmit_bytes_total${labels} 1.099511627776e+12`,
    `node_wifi_station_transmit_failed_total${labels} 16`,
    `node_wifi_station_transmit_retries_total${labels} 15`,
    `node_wifi_station_transmitted_packets_total${labels} 14`,
  ]);
});

test("wifi shows only the device if it joined no network and has no stations", async () => {
  expect(await wifiSeries(wireless({ 5: [INTERFACE], 32: [NEIGHBOUR_NETWORK] }))).toEqual([
    'node_wifi_interface_frequency_hertz{device="wlan0"} 5.18e+09',
  ]);
});

test("wifi has no data if the kernel has no nl80211", async () => {
  expect(await wifiSeries(() => undefined)).toEqual(['node_scrape_collector_success{collector="wifi"} 0']);
});

test("wifi reads recorded answers", async () => {
  using host = hostTree({
    "wifi/interfaces.json": '[{"name":"wlan0","frequency":2412},{"Name":"wlan1","frequency":2412},{"type":10}]',
    "wifi/wlan0/bss.json": '{"ssid":"Example","bssid":"ABEiM0RV","status":3}',
    "wifi/wlan0/stationinfo.json": '[{"hardwareaddr":"qrvM3e7/","connected":30000000000,"signal":-52}]',
  });
  const series = await seriesFrom(wifi, host, { "collector.wifi.fixtures": `${host.folder}/wifi` });
  expect(series).toHaveLength(15);
  expect(series).toContain(
    'node_wifi_station_info{bssid="00:11:22:33:44:55",device="wlan0",mode="ad-hoc",ssid="Example"} 1',
  );
  expect(series).toContain('node_wifi_station_signal_dbm{device="wlan0",mac_address="aa:bb:cc:dd:ee:ff"} -52');
});
