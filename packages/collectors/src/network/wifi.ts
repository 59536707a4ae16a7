import { flagKinds } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { isMissing } from "../host-files/host-files.ts";
import { counter, gauge } from "../metric.ts";
import { NETLINK_GENERIC } from "../system-calls/netlink.ts";
import { kernelWifi, recordedWifi, type WifiInterface, type WifiSource, type WifiStation } from "./wifi-source.ts";

const FIXTURES = "collector.wifi.fixtures";
const LABELS = ["device", "mac_address"];

const metrics = {
  frequency: gauge(
    "node_wifi_interface_frequency_hertz",
    "The current frequency a WiFi interface is operating at, in hertz.",
    ["device"],
  ),
  network: gauge(
    "node_wifi_station_info",
    "Labeled WiFi interface station information as provided by the operating system.",
    ["device", "bssid", "ssid", "mode"],
  ),
  connected: counter(
    "node_wifi_station_connected_seconds_total",
    "The total number of seconds a station has been connected to an access point.",
    LABELS,
  ),
  inactive: gauge(
    "node_wifi_station_inactive_seconds",
    "The number of seconds since any wireless activity has occurred on a station.",
    LABELS,
  ),
  receivedBits: gauge(
    "node_wifi_station_receive_bits_per_second",
    "The current WiFi receive bitrate of a station, in bits per second.",
    LABELS,
  ),
  transmittedBits: gauge(
    "node_wifi_station_transmit_bits_per_second",
    "The current WiFi transmit bitrate of a station, in bits per second.",
    LABELS,
  ),
  receivedBytes: counter(
    "node_wifi_station_receive_bytes_total",
    "The total number of bytes received by a WiFi station.",
    LABELS,
  ),
  transmittedBytes: counter(
    "node_wifi_station_transmit_bytes_total",
    "The total number of bytes transmitted by a WiFi station.",
    LABELS,
  ),
  signal: gauge(
    "node_wifi_station_signal_dbm",
    "The current WiFi signal strength, in decibel-milliwatts (dBm).",
    LABELS,
  ),
  retries: counter(
    "node_wifi_station_transmit_retries_total",
    "The total number of times a station has had to retry while sending a packet.",
    LABELS,
  ),
  failures: counter(
    "node_wifi_station_transmit_failed_total",
    "The total number of times a station has failed to send a packet.",
    LABELS,
  ),
  beaconLosses: counter(
    "node_wifi_station_beacon_loss_total",
    "The total number of times a station has detected a beacon loss.",
    LABELS,
  ),
  transmittedPackets: counter(
    "node_wifi_station_transmitted_packets_total",
    "The total number of packets transmitted by a station.",
    LABELS,
  ),
  receivedPackets: counter(
    "node_wifi_station_received_packets_total",
    "The total number of packets received by a station.",
    LABELS,
  ),
};

type Emit = Emitter<typeof metrics>;

/** Exports wireless devices and their stations from nl80211, or from recorded answers in JSON. */
export const wifi = defineCollector({
  name: "wifi",
  enabled: false,
  flags: { [FIXTURES]: flagKinds.text("", "test fixtures to use for wifi collector metrics") },
  metrics,
  open({ settings }) {
    const fixtures = settings.text(FIXTURES);
    return async ({ own }, emit) => {
      const source = fixtures === "" ? kernelWifi(await own.netlink(NETLINK_GENERIC)) : recordedWifi(fixtures);
      for (const device of interfacesOf(source)) {
        if (device.name === "") continue;
        emit.frequency(device.megahertz * 1e6, device.name);
        emitNetwork(emit, device, source);
        for (const station of source.stations(device) ?? []) emitStation(emit, device.name, station);
      }
    };
  },
});

function interfacesOf(source: WifiSource): WifiInterface[] {
  try {
    return source.interfaces();
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("no recorded interfaces", { cause: error });
    throw error;
  }
}

/** Returns an address as hexadecimal bytes separated by colons. */
const macText = (address: Uint8Array): string =>
  Array.from(address, (byte) => byte.toString(16).padStart(2, "0")).join(":");

/** Role of a device in a network, by the device's status in the network. */
const MODES: Readonly<Record<number, string>> = { 0: "client", 1: "client", 3: "ad-hoc" };

function emitNetwork(emit: Emit, device: WifiInterface, source: WifiSource): void {
  const network = source.network(device);
  if (network === undefined) return;
  emit.network(1, device.name, macText(network.address), network.name, MODES[network.status] ?? "unknown");
}

function emitStation(emit: Emit, device: string, station: WifiStation): void {
  const address = macText(station.address);
  emit.connected(station.connectedSeconds, device, address);
  emit.inactive(station.inactiveSeconds, device, address);
  emit.receivedBits(station.receivedBits, device, address);
  emit.transmittedBits(station.transmittedBits, device, address);
  emit.receivedBytes(station.receivedBytes, device, address);
  emit.transmittedBytes(station.transmittedBytes, device, address);
  emit.signal(station.signal, device, address);
  emit.retries(station.retries, device, address);
  emit.failures(station.failures, device, address);
  emit.beaconLosses(station.beaconLosses, device, address);
  emit.transmittedPackets(station.transmittedPackets, device, address);
  emit.receivedPackets(station.receivedPackets, device, address);
}
