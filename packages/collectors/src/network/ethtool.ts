import { flagKinds, type Logger } from "@narthex/runtime";
import { defineCollector, type Collector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { keepAndDrop, keepMatching, type NameFilter } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { gauge, type MetricSpec, unknown } from "../metric.ts";
import { type EthtoolCommand, ethtoolCommands, EthtoolError } from "../system-calls/ethtool-ioctl.ts";
import { cText, putUint32, uint32, uint64 } from "../system-calls/netlink-message.ts";

const FILTER = {
  include: "collector.ethtool.device-include",
  exclude: "collector.ethtool.device-exclude",
};
const METRICS = "collector.ethtool.metrics-include";

const DEVICE = ["device"];
const ofDevice = (name: string, help: string): MetricSpec => gauge(`node_network_${name}`, help, DEVICE);
const SPEED_LABELS = ["device", "duplex", "mode"];

const metrics = {
  port: gauge("node_network_supported_port_info", "Type of ports or PHYs supported by network device", [
    "device",
    "type",
  ]),
  supportedSpeed: gauge(
    "node_network_supported_speed_bytes",
    "Combination of speeds and features supported by network device",
    SPEED_LABELS,
  ),
  supportedAutonegotiate: ofDevice("autonegotiate_supported", "If this port device supports autonegotiate"),
  supportedPause: ofDevice("pause_supported", "If this port device supports pause frames"),
  supportedAsymmetricPause: ofDevice(
    "asymmetricpause_supported",
    "If this port device supports asymmetric pause frames",
  ),
  advertisedSpeed: gauge(
    "node_network_advertised_speed_bytes",
    "Combination of speeds and features offered by network device",
    SPEED_LABELS,
  ),
  advertisedAutonegotiate: ofDevice("autonegotiate_advertised", "If this port device offers autonegotiate"),
  advertisedPause: ofDevice("pause_advertised", "If this port device offers pause capability"),
  advertisedAsymmetricPause: ofDevice(
    "asymmetricpause_advertised",
    "If this port device offers asymmetric pause capability",
  ),
  autonegotiate: ofDevice("autonegotiate", "If this port is using autonegotiate"),
  info: gauge(
    "node_ethtool_info",
    "A metric with a constant '1' value labeled by bus_info, device, driver, expansion_rom_version, firmware_version, version.",
    ["bus_info", "device", "driver", "expansion_rom_version", "firmware_version", "version"],
  ),
};

type Emit = Emitter<typeof metrics>;

/**
 * Metrics of statistics that many drivers have, by the driver's name for the statistic. Every metric has its own name
 * and help text.
 */
const COMMON_STATISTICS: Readonly<Record<string, MetricSpec>> = {
  rx_bytes: unknown("node_ethtool_received_bytes_total", "Network interface bytes received", DEVICE),
  rx_dropped: unknown("node_ethtool_received_dropped_total", "Number of received frames dropped", DEVICE),
  rx_errors: unknown("node_ethtool_received_errors_total", "Number of received frames with errors", DEVICE),
  rx_packets: unknown("node_ethtool_received_packets_total", "Network interface packets received", DEVICE),
  tx_bytes: unknown("node_ethtool_transmitted_bytes_total", "Network interface bytes sent", DEVICE),
  tx_errors: unknown("node_ethtool_transmitted_errors_total", "Number of sent frames with errors", DEVICE),
  tx_packets: unknown("node_ethtool_transmitted_packets_total", "Network interface packets sent", DEVICE),
};

/** Returns the collector with a function that opens the kernel's ethtool commands. */
export function ethtoolCollector(openCommands: () => Promise<EthtoolCommand>): Collector {
  return defineCollector({
    name: "ethtool",
    enabled: false,
    flags: {
      [FILTER.include]: flagKinds.text(
        "",
        "Regexp of ethtool devices to include (mutually exclusive to device-exclude).",
      ),
      [FILTER.exclude]: flagKinds.text(
        "",
        "Regexp of ethtool devices to exclude (mutually exclusive to device-include).",
      ),
      [METRICS]: flagKinds.text(".*", "Regexp of ethtool stats to include."),
    },
    metrics,
    open({ settings, logger }) {
      const isWanted = keepAndDrop(settings, FILTER);
      const isWantedStatistic = keepMatching(settings, METRICS);
      const refusals = new Refusals(logger);
      let opening: Promise<EthtoolCommand> | undefined;
      return async ({ sys }, emit) => {
        const devices = devicesOf(sys);
        refusals.keep(devices);
        const command = await (opening ??= openCommands());
        for (const device of devices) {
          if (!isWanted(device)) continue;
          await refusals.attempt("link info", device, () => emitLink(emit, device, command));
          await refusals.attempt("driver info", device, () => emitDriver(emit, device, command));
          await refusals.attempt("stats", device, () => emitStatistics(emit, device, command, isWantedStatistic));
        }
      };
    },
  });
}

/**
 * Exports drivers, link modes and driver-specific statistics of network devices through the kernel's ethtool commands.
 */
export const ethtool = ethtoolCollector(ethtoolCommands);

function devicesOf(sys: FileTree): readonly string[] {
  const devices = sys.list("class/net").filter((name) => sys.isFolder(`class/net/${name}`));
  if (devices.length === 0) throw new NoDataError("no network devices");
  return devices;
}

/**
 * Logs which ethtool commands a device refuses, once per change. A feature that the device does not have is not logged.
 */
class Refusals {
  readonly #logger: Logger;
  readonly #known = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Forgets removed devices. */
  keep(devices: readonly string[]): void {
    const present = new Set(devices);
    for (const key of this.#known.keys()) if (!present.has(key.slice(0, key.indexOf(" ")))) this.#known.delete(key);
  }

  async attempt(what: string, device: string, run: () => Promise<void>): Promise<void> {
    const key = `${device} ${what}`;
    try {
      await run();
      this.#known.delete(key);
    } catch (error) {
      if (!(error instanceof EthtoolError)) throw error;
      if (this.#known.get(key) === error.errno) return;
      this.#known.set(key, error.errno);
      const fields = { err: error.message, device, errno: error.errno };
      if (error.code === "EOPNOTSUPP" || error.code === "ENOTSUP") this.#logger.debug(`ethtool ${what} error`, fields);
      else this.#logger.error(`ethtool ${what} error`, fields);
    }
  }
}

const ETHTOOL_GSET = 0x1;
/** Size in bytes of `struct ethtool_cmd`, and the offsets of its link modes and autonegotiation. */
const SETTINGS_BYTES = 44;
const SUPPORTED_AT = 4;
const ADVERTISED_AT = 8;
const AUTONEGOTIATION_AT = 18;

const commandBytes = (command: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  putUint32(bytes, 0, command);
  return bytes;
};

const isOn = (modes: number, bit: number): boolean => Math.floor(modes / 2 ** bit) % 2 === 1;

const AUTONEGOTIATION_BIT = 6;
const PAUSE_BIT = 13;
const ASYMMETRIC_PAUSE_BIT = 14;

/** Port types, each with the bit of its link mode. */
const PORTS: readonly (readonly [bit: number, type: string])[] = [
  [7, "TP"],
  [8, "AUI"],
  [9, "MII"],
  [10, "FIBRE"],
  [11, "BNC"],
  [16, "Backplane"],
];

/** Link modes by their bit in the kernel's answer, which has only the first 32 link modes. */
const SPEEDS: readonly (readonly [bit: number, megabits: number, duplex: string, medium: string])[] = [
  [0, 10, "half", "T"],
  [1, 10, "full", "T"],
  [2, 100, "half", "T"],
  [3, 100, "full", "T"],
  [4, 1000, "half", "T"],
  [5, 1000, "full", "T"],
  [12, 10_000, "full", "T"],
  [17, 1000, "full", "KX"],
  [18, 10_000, "full", "KX4"],
  [19, 10_000, "full", "KR"],
  [20, 10_000, "full", "R_FEC"],
  [21, 20_000, "full", "MLD2"],
  [22, 20_000, "full", "KR2"],
  [23, 40_000, "full", "KR4"],
  [24, 40_000, "full", "CR4"],
  [25, 40_000, "full", "SR4"],
  [26, 40_000, "full", "LR4"],
  [27, 56_000, "full", "KR4"],
  [28, 56_000, "full", "CR4"],
  [29, 56_000, "full", "SR4"],
  [30, 56_000, "full", "LR4"],
  [31, 25_000, "full", "CR"],
];

const BYTES_PER_MEGABIT = 1_000_000 / 8;

async function emitLink(emit: Emit, device: string, command: EthtoolCommand): Promise<void> {
  const settings = commandBytes(ETHTOOL_GSET, SETTINGS_BYTES);
  await command(device, settings);
  const supported = uint32(settings, SUPPORTED_AT);
  const advertised = uint32(settings, ADVERTISED_AT);
  const flagOf = (modes: number, bit: number): number => (isOn(modes, bit) ? 1 : 0);
  for (const [bit, megabits, duplex, medium] of SPEEDS) {
    const labels = [device, duplex, `${megabits}base${medium}`];
    if (isOn(supported, bit)) emit.supportedSpeed(megabits * BYTES_PER_MEGABIT, ...labels);
    if (isOn(advertised, bit)) emit.advertisedSpeed(megabits * BYTES_PER_MEGABIT, ...labels);
  }
  for (const [bit, type] of PORTS) if (isOn(supported, bit)) emit.port(1, device, type);
  emit.supportedAutonegotiate(flagOf(supported, AUTONEGOTIATION_BIT), device);
  emit.supportedPause(flagOf(supported, PAUSE_BIT), device);
  emit.supportedAsymmetricPause(flagOf(supported, ASYMMETRIC_PAUSE_BIT), device);
  emit.advertisedAutonegotiate(flagOf(advertised, AUTONEGOTIATION_BIT), device);
  emit.advertisedPause(flagOf(advertised, PAUSE_BIT), device);
  emit.advertisedAsymmetricPause(flagOf(advertised, ASYMMETRIC_PAUSE_BIT), device);
  emit.autonegotiate(settings[AUTONEGOTIATION_AT]!, device);
}

const ETHTOOL_GDRVINFO = 0x3;
/**
 * Size in bytes of `struct ethtool_drvinfo`, whose texts have 32 bytes each, and the offset of the number of
 * statistics.
 */
const DRIVER_BYTES = 196;
const TEXT_BYTES = 32;
const STATISTICS_AT = 180;

async function driverOf(device: string, command: EthtoolCommand): Promise<Buffer> {
  const driver = commandBytes(ETHTOOL_GDRVINFO, DRIVER_BYTES);
  await command(device, driver);
  return driver;
}

async function emitDriver(emit: Emit, device: string, command: EthtoolCommand): Promise<void> {
  const answer = await driverOf(device, command);
  const [driver, version, firmware, bus, rom] = [0, 1, 2, 3, 4].map((i) =>
    cText(answer, 4 + i * TEXT_BYTES, 4 + (i + 1) * TEXT_BYTES),
  );
  emit.info(1, bus!, device, driver!, rom!, firmware!, version!);
}

const ETHTOOL_GSTRINGS = 0x1b;
const ETHTOOL_GSTATS = 0x1d;
const ETH_SS_STATS = 1;
/**
 * Largest number of statistics of one device. The buffer has room for this number, because old kernels always write all
 * statistics.
 */
const MAX_STATISTICS = 32_768;
const NAMES_HEADER_BYTES = 12;
const VALUES_HEADER_BYTES = 8;

/**
 * Buffers that are reused for every device. Most of each buffer is never written, and the system uses no memory for
 * pages that are never written.
 */
let names: Buffer | undefined;
let values: Buffer | undefined;

async function statisticsOf(device: string, command: EthtoolCommand): Promise<Map<string, number>> {
  const count = uint32(await driverOf(device, command), STATISTICS_AT);
  if (count > MAX_STATISTICS)
    throw new Error(`ethtool: ${device} has ${count} statistics, more than the limit of ${MAX_STATISTICS}`);
  names ??= Buffer.allocUnsafeSlow(NAMES_HEADER_BYTES + MAX_STATISTICS * TEXT_BYTES);
  values ??= Buffer.allocUnsafeSlow(VALUES_HEADER_BYTES + MAX_STATISTICS * 8);
  putUint32(names, 0, ETHTOOL_GSTRINGS);
  putUint32(names, 4, ETH_SS_STATS);
  putUint32(names, 8, count);
  await command(device, names);
  putUint32(values, 0, ETHTOOL_GSTATS);
  putUint32(values, 4, count);
  await command(device, values);
  const statistics = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const at = NAMES_HEADER_BYTES + i * TEXT_BYTES;
    const name = cText(names, at, at + TEXT_BYTES);
    if (name !== "") statistics.set(name, uint64(values, VALUES_HEADER_BYTES + i * 8));
  }
  return statistics;
}

/** Replaces characters that a metric name cannot contain, and underscores around them, by one underscore. */
const sanitized = (name: string): string => name.replaceAll(/_*[^0-9A-Za-z_]+_*/g, "_");

/** Returns the metric name of a statistic: `rx_queue_0_bytes` → `node_ethtool_received_queue_0_bytes`. */
const metricName = (name: string): string =>
  `node_ethtool_${name
    .toLowerCase()
    .replace(/^_+/, "")
    .replaceAll(/(^|_)rx(_|$)/g, "$1received$2")
    .replaceAll(/(^|_)tx(_|$)/g, "$1transmitted$2")}`;

/** Metrics by the driver's name for the statistic, in sanitized form. Drivers have a few hundred such names. */
const specs = new Map<string, MetricSpec>(Object.entries(COMMON_STATISTICS));

function specFor(name: string): MetricSpec {
  let spec = specs.get(name);
  if (spec === undefined) {
    spec = unknown(metricName(name), `Network interface ${name}`, DEVICE);
    specs.set(name, spec);
  }
  return spec;
}

/** Emits the statistics of a device. Statistics that share a metric name are all omitted. */
async function emitStatistics(
  emit: Emit,
  device: string,
  command: EthtoolCommand,
  isWanted: NameFilter,
): Promise<void> {
  const chosen = new Map<string, { readonly name: string; readonly value: number } | undefined>();
  for (const [raw, value] of await statisticsOf(device, command)) {
    const name = sanitized(raw);
    if (!isWanted(name)) continue;
    const metric = metricName(name);
    chosen.set(metric, chosen.has(metric) ? undefined : { name, value });
  }
  for (const statistic of chosen.values())
    if (statistic !== undefined) emit.dynamic(specFor(statistic.name), statistic.value, device);
}
