import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, type FolderEntry, isMissing } from "../host-files/host-files.ts";
import { unsignedLiteralOf } from "../host-files/kernel-number.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { byName, counter, gauge, type MetricSpec } from "../metric.ts";
import { attributeOf, optionalAttribute } from "../host-files/attribute.ts";

const metrics = {
  info: gauge("node_fibrechannel_info", "Non-numeric data from /sys/class/fc_host/<host>, value is always 1.", [
    "fc_host",
    "speed",
    "port_state",
    "port_type",
    "port_id",
    "port_name",
    "fabric_name",
    "symbolic_name",
    "supported_classes",
    "supported_speeds",
    "dev_loss_tmo",
  ]),
};

const count = (name: string, help: string): MetricSpec => counter(`node_fibrechannel_${name}_total`, help, ["fc_host"]);

/** Metrics by the file of a port's statistics. */
const COUNTERS: Readonly<Record<string, MetricSpec>> = {
  dumped_frames: count("dumped_frames", "Number of dumped frames"),
  error_frames: count("error_frames", "Number of errors in frames"),
  invalid_crc_count: count("invalid_crc", "Invalid Cyclic Redundancy Check count"),
  rx_frames: count("rx_frames", "Number of frames received"),
  rx_words: count("rx_words", "Number of words received by host port"),
  tx_frames: count("tx_frames", "Number of frames transmitted by host port"),
  tx_words: count("tx_words", "Number of words transmitted by host port"),
  seconds_since_last_reset: count("seconds_since_last_reset", "Number of seconds since last host port reset"),
  invalid_tx_word_count: count("invalid_tx_words", "Number of invalid words transmitted by host port"),
  link_failure_count: count("link_failure", "Number of times the host port link has failed"),
  loss_of_sync_count: count("loss_of_sync", "Number of failures on either bit or transmission word boundaries"),
  loss_of_signal_count: count("loss_of_signal", "Number of times signal has been lost"),
  nos_count: count("nos", "Number Not_Operational Primitive Sequence received by host port"),
  fcp_packet_aborts: count("fcp_packet_aborts", "Number of aborted packets"),
};

/** Value that an adapter prints if its firmware does not count an event: all 64 bits set. */
const NOT_COUNTED = 2 ** 64;

const ROOT = "class/fc_host";

/** Exports Fibre Channel ports from /sys/class/fc_host. */
export const fibrechannel = defineCollector({
  name: "fibrechannel",
  enabled: true,
  metrics: { ...metrics, ...byName(Object.values(COUNTERS)) },
  collect({ sys }, emit) {
    const hosts = foldersIn(sys, ROOT);
    if (hosts === undefined) throw new NoDataError("no Fibre Channel ports");
    // Reads the port statistics on other threads, because the driver asks the adapter's firmware for each value.
    const slow = hosts.flatMap(({ name }) => {
      const folder = `${ROOT}/${name}/statistics`;
      return sys.list(folder).flatMap((file) => (file in COUNTERS ? `${folder}/${file}` : []));
    });
    return withDriverFiles(sys, slow, (ready) =>
      allOrNothing(emit, (held) => {
        for (const { name } of hosts) emitHost(ready, name, held);
      }),
    );
  },
});

function foldersIn(sys: FileTree, folder: string): readonly FolderEntry[] | undefined {
  try {
    return sys.entries(folder);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function emitHost(sys: FileTree, host: string, emit: Emitter<typeof metrics>): void {
  const read = (file: string): string | undefined => optionalAttribute(sys, `${ROOT}/${host}/${file}`);
  /** Returns a name without the leading 0x. */
  const name = (file: string): string => (read(file) ?? "").replace(/^..(?=.)/s, "");
  const state = read("port_state");
  emit.info(
    1,
    host,
    read("speed") ?? "",
    state ?? "",
    read("port_type") ?? "",
    name("port_id"),
    name("port_name"),
    name("fabric_name"),
    read("symbolic_name") ?? "",
    read("supported_classes") ?? "",
    read("supported_speeds") ?? "",
    read("dev_loss_tmo") ?? "",
  );
  const counts = readCounters(sys, `${ROOT}/${host}/statistics`);
  // Whether the port is switched off. It then has no statistics, and its counts are exported as 0.
  const isOff = state === undefined || state === "Unknown";
  for (const [file, metric] of Object.entries(COUNTERS)) {
    const value = counts.get(file) ?? (isOff ? 0 : undefined);
    if (value !== undefined && value !== NOT_COUNTED) emit.dynamic(metric, value, host);
  }
}

function readCounters(sys: FileTree, folder: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, isFile } of foldersIn(sys, folder) ?? []) {
    if (!isFile || !(name in COUNTERS)) continue;
    const text = readCounter(sys, `${folder}/${name}`);
    if (text !== undefined) counts.set(name, unsignedLiteralOf(text, `fibrechannel ${folder}/${name}`));
  }
  return counts;
}

function readCounter(sys: FileTree, path: string): string | undefined {
  try {
    return attributeOf(sys, path);
  } catch (error) {
    if (isMissing(error) || isUnsupported(error)) return undefined;
    throw error;
  }
}

const isUnsupported = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EOPNOTSUPP" || error.code === "ENOTSUP");
