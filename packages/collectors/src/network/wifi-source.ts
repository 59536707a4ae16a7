import { join } from "node:path";
import { NoDataError } from "../no-data-error.ts";
import { isMissing } from "../host-files/host-files.ts";
import {
  askGeneric,
  GENERIC_HEADER_BYTES,
  type GenericFamily,
  genericFamily,
} from "../system-calls/generic-netlink.ts";
import { NetlinkError, type NetlinkExchange } from "../system-calls/netlink.ts";
import { attributeBytes, AttributeTable, putUint32 } from "../system-calls/netlink-message.ts";
import { type RecordedObject, recordedNumber, recordedObjects, recordedText } from "./recorded-answer.ts";

/** A wireless network device. */
export interface WifiInterface {
  readonly index: number;
  /** Device name; empty for devices without a name, for example for peer-to-peer discovery. */
  readonly name: string;
  readonly address: Uint8Array | undefined;
  readonly megahertz: number;
}

/** The network that a wireless device has joined. */
interface WifiNetwork {
  readonly address: Uint8Array;
  readonly name: string;
  /** Status in the network: 0 authenticated, 1 associated, 3 joined without an access point. */
  readonly status: number;
}

/** A remote station with which a wireless device communicates. */
export interface WifiStation {
  readonly address: Uint8Array;
  readonly connectedSeconds: number;
  readonly inactiveSeconds: number;
  readonly receivedBits: number;
  readonly transmittedBits: number;
  readonly receivedBytes: number;
  readonly transmittedBytes: number;
  readonly receivedPackets: number;
  readonly transmittedPackets: number;
  readonly signal: number;
  readonly retries: number;
  readonly failures: number;
  readonly beaconLosses: number;
}

/** A source of data about wireless devices. Data that is missing in the source is undefined. */
export interface WifiSource {
  interfaces(): WifiInterface[];
  network(device: WifiInterface): WifiNetwork | undefined;
  stations(device: WifiInterface): WifiStation[] | undefined;
}

const NANOSECONDS = 1e9;

/** Reads recorded answers: interfaces.json, and a folder per device with bss.json and stationinfo.json. */
export function recordedWifi(folder: string): WifiSource {
  const objectsOf = (...path: string[]): RecordedObject[] | undefined => {
    try {
      return recordedObjects(join(folder, ...path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  const addressOf = (object: RecordedObject, key: string): Buffer => Buffer.from(recordedText(object, key), "base64");
  return {
    interfaces: () =>
      recordedObjects(join(folder, "interfaces.json")).map((object) => ({
        index: recordedNumber(object, "index"),
        name: recordedText(object, "name"),
        address: undefined,
        megahertz: recordedNumber(object, "frequency"),
      })),
    network: ({ name }) =>
      objectsOf(name, "bss.json")?.map((object) => ({
        address: addressOf(object, "bssid"),
        name: recordedText(object, "ssid"),
        status: recordedNumber(object, "status"),
      }))[0],
    stations: ({ name }) =>
      objectsOf(name, "stationinfo.json")?.map((object) => ({
        address: addressOf(object, "hardwareaddr"),
        connectedSeconds: recordedNumber(object, "connected") / NANOSECONDS,
        inactiveSeconds: recordedNumber(object, "inactive") / NANOSECONDS,
        receivedBits: recordedNumber(object, "receivebitrate"),
        transmittedBits: recordedNumber(object, "transmitbitrate"),
        receivedBytes: recordedNumber(object, "receivedbytes"),
        transmittedBytes: recordedNumber(object, "transmittedbytes"),
        receivedPackets: recordedNumber(object, "receivedpackets"),
        transmittedPackets: recordedNumber(object, "transmittedpackets"),
        signal: recordedNumber(object, "signal"),
        retries: recordedNumber(object, "transmitretries"),
        failures: recordedNumber(object, "transmitfailed"),
        beaconLosses: recordedNumber(object, "beaconloss"),
      })),
  };
}

const NL80211_CMD_GET_INTERFACE = 5;
const NL80211_CMD_GET_STATION = 17;
const NL80211_CMD_GET_SCAN = 32;
const NL80211_ATTR_IFINDEX = 3;
const NL80211_ATTR_IFNAME = 4;
const NL80211_ATTR_MAC = 6;
const NL80211_ATTR_STA_INFO = 21;
const NL80211_ATTR_WIPHY_FREQ = 38;
const NL80211_ATTR_BSS = 47;

const attributes = new AttributeTable(400);
const nest = new AttributeTable(64);
const rateNest = new AttributeTable(32);

/**
 * Reads Wi-Fi data from nl80211, the wireless part of the kernel. Throws NoDataError if the kernel does not have it or
 * refuses the request.
 */
export function kernelWifi(exchange: NetlinkExchange): WifiSource {
  const family = wirelessFamily(exchange);
  const dump = (command: number, device: WifiInterface | undefined, visit: () => void): void => {
    const request = { command, isDump: true, attributes: device === undefined ? Buffer.alloc(0) : requestOf(device) };
    askGeneric(exchange, family, request, (body) => {
      attributes.read(body, GENERIC_HEADER_BYTES);
      visit();
    });
  };
  return {
    interfaces: () => {
      const devices: WifiInterface[] = [];
      dump(NL80211_CMD_GET_INTERFACE, undefined, () => void devices.push(interfaceOf()));
      return devices;
    },
    network: (device) =>
      unlessMissing(() => {
        let network: WifiNetwork | undefined;
        dump(NL80211_CMD_GET_SCAN, device, () => void (network ??= networkOf()));
        return network;
      }),
    stations: (device) =>
      unlessMissing(() => {
        const stations: (WifiStation | undefined)[] = [];
        dump(NL80211_CMD_GET_STATION, device, () => void stations.push(stationOf()));
        // Returns no stations if one station has no data, as node_exporter does.
        return stations.every((station) => station !== undefined) ? stations : undefined;
      }),
  };
}

function wirelessFamily(exchange: NetlinkExchange): GenericFamily {
  try {
    return genericFamily(exchange, "nl80211");
  } catch (error) {
    if (error instanceof NetlinkError && ["ENOENT", "EPERM", "EACCES"].includes(error.code))
      throw new NoDataError("no wireless devices", { cause: error });
    throw error;
  }
}

function unlessMissing<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function requestOf({ index, address }: WifiInterface): Buffer {
  const bytes = Buffer.alloc(4);
  putUint32(bytes, 0, index);
  const byIndex = attributeBytes(NL80211_ATTR_IFINDEX, bytes);
  return address === undefined ? byIndex : Buffer.concat([byIndex, attributeBytes(NL80211_ATTR_MAC, address)]);
}

const copyOf = (bytes: Uint8Array | undefined): Uint8Array => Uint8Array.from(bytes ?? []);

function interfaceOf(): WifiInterface {
  const address = attributes.bytes(NL80211_ATTR_MAC);
  return {
    index: attributes.uint32(NL80211_ATTR_IFINDEX) ?? 0,
    name: attributes.text(NL80211_ATTR_IFNAME) ?? "",
    address: address === undefined ? undefined : copyOf(address),
    megahertz: attributes.uint32(NL80211_ATTR_WIPHY_FREQ) ?? 0,
  };
}

const NL80211_BSS_BSSID = 1;
const NL80211_BSS_INFORMATION_ELEMENTS = 6;
const NL80211_BSS_STATUS = 9;

/**
 * Parses the network that the device has joined. Returns undefined for a visible network without a status, which the
 * device has not joined.
 */
function networkOf(): WifiNetwork | undefined {
  const bytes = attributes.bytes(NL80211_ATTR_BSS);
  if (bytes === undefined) return undefined;
  nest.read(bytes, 0);
  const status = nest.uint32(NL80211_BSS_STATUS);
  if (status === undefined) return undefined;
  return {
    address: copyOf(nest.bytes(NL80211_BSS_BSSID)),
    name: networkName(nest.bytes(NL80211_BSS_INFORMATION_ELEMENTS)),
    status,
  };
}

/** Returns the network name: the content of the element with id 0. Each element consists of id, length and content. */
function networkName(elements: Buffer = Buffer.alloc(0)): string {
  let name = "";
  for (let at = 0; at < elements.length;) {
    const end = at + 2 + (elements[at + 1] ?? Infinity);
    if (end > elements.length) throw new Error("invalid 802.11 information element");
    if (elements[at] === 0) name = elements.toString("utf8", at + 2, end);
    at = end;
  }
  return name;
}

const INACTIVE_TIME = 1;
const RX_BYTES = 2;
const TX_BYTES = 3;
const SIGNAL = 7;
const TX_BITRATE = 8;
const RX_PACKETS = 9;
const TX_PACKETS = 10;
const TX_RETRIES = 11;
const TX_FAILED = 12;
const RX_BITRATE = 14;
const CONNECTED_TIME = 16;
const BEACON_LOSS = 18;
const RX_BYTES64 = 23;
const TX_BYTES64 = 24;

function stationOf(): WifiStation | undefined {
  const bytes = attributes.bytes(NL80211_ATTR_STA_INFO);
  if (bytes === undefined) return undefined;
  nest.read(bytes, 0);
  const count = (type: number): number => nest.uint32(type) ?? 0;
  const signal = nest.uint8(SIGNAL) ?? 0;
  return {
    address: copyOf(attributes.bytes(NL80211_ATTR_MAC)),
    connectedSeconds: count(CONNECTED_TIME),
    inactiveSeconds: count(INACTIVE_TIME) / 1000,
    receivedBits: bitsPerSecond(nest.bytes(RX_BITRATE)),
    transmittedBits: bitsPerSecond(nest.bytes(TX_BITRATE)),
    receivedBytes: nest.uint64(RX_BYTES64) ?? count(RX_BYTES),
    transmittedBytes: nest.uint64(TX_BYTES64) ?? count(TX_BYTES),
    receivedPackets: count(RX_PACKETS),
    transmittedPackets: count(TX_PACKETS),
    signal: signal > 127 ? signal - 256 : signal,
    retries: count(TX_RETRIES),
    failures: count(TX_FAILED),
    beaconLosses: count(BEACON_LOSS),
  };
}

const RATE_INFO_BITRATE = 1;
const RATE_INFO_BITRATE32 = 5;
/** Unit in which nl80211 reports bit rates (100 kbit/s), in bits per second. */
const BITS = 100_000;

function bitsPerSecond(bytes: Buffer | undefined): number {
  if (bytes === undefined) return 0;
  rateNest.read(bytes, 0);
  return (rateNest.uint32(RATE_INFO_BITRATE32) ?? rateNest.uint16(RATE_INFO_BITRATE) ?? 0) * BITS;
}
