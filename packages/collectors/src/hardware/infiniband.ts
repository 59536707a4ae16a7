import { flagKinds } from "@narthex/runtime";
import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { filterBy } from "../device-filter.ts";
import { type FileTree, isForbidden, isMissing } from "../host-files/host-files.ts";
import { floatOf, unsignedLiteralOf, unsignedOf } from "../host-files/kernel-number.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { byName, gauge } from "../metric.ts";
import { attributeOf, optionalAttribute } from "../host-files/attribute.ts";
import {
  HARDWARE_COUNTERS,
  LEGACY_COUNTERS,
  HW_COUNTERS_LIFESPAN,
  type PortCounter,
  PORT_COUNTERS,
} from "./infiniband-counters.ts";

const PORT = ["device", "port"];

const metrics = {
  info: gauge("node_infiniband_info", "Non-numeric data from /sys/class/infiniband/<device>, value is always 1.", [
    "device",
    "board_id",
    "firmware_version",
    "hca_type",
  ]),
  state: gauge(
    "node_infiniband_state_id",
    "State of the InfiniBand port (0: no change, 1: down, 2: init, 3: armed, 4: active, 5: act defer)",
    PORT,
  ),
  physicalState: gauge(
    "node_infiniband_physical_state_id",
    "Physical state of the InfiniBand port (0: no change, 1: sleep, 2: polling, 3: disable, 4: shift, 5: link up, 6: " +
      "link error recover, 7: phytest)",
    PORT,
  ),
  rate: gauge("node_infiniband_rate_bytes_per_second", "Maximum signal transfer rate", PORT),
};

type InfinibandEmitter = Emitter<typeof metrics>;

const FILTER = { include: "collector.infiniband.device-include", exclude: "collector.infiniband.device-exclude" };
const ROOT = "class/infiniband";

/** Exports InfiniBand and RDMA adapters with their ports from /sys/class/infiniband. */
export const infiniband = defineCollector({
  name: "infiniband",
  enabled: true,
  flags: {
    [FILTER.include]: flagKinds.text(
      "",
      "Regexp of infiniband devices to include (mutually exclusive to device-exclude).",
    ),
    [FILTER.exclude]: flagKinds.text(
      "",
      "Regexp of infiniband devices to exclude (mutually exclusive to device-include).",
    ),
  },
  metrics: {
    ...metrics,
    ...byName(
      [PORT_COUNTERS, LEGACY_COUNTERS, HARDWARE_COUNTERS].flatMap((counters) =>
        Object.values(counters).map(({ metric }) => metric),
      ),
    ),
  },
  open({ settings }) {
    const isWanted = filterBy(settings, FILTER);
    return ({ sys }, emit) => {
      const slow = sys.list(ROOT).flatMap((name) => (isWanted(name) ? counterFiles(sys, name) : []));
      return withDriverFiles(sys, slow, (ready) => {
        try {
          allOrNothing(emit, (held) => {
            for (const { name } of sys.entries(ROOT)) if (isWanted(name)) emitDevice(ready, name, held);
          });
        } catch (error) {
          if (isMissing(error)) throw new NoDataError("no InfiniBand devices", { cause: error });
          throw error;
        }
      });
    };
  },
});

/** Counters by folder of a port. The 64-bit counters are in `counters`, and before Linux 4.5 in `counters_ext`. */
const COUNTERS = [
  ["counters", PORT_COUNTERS],
  ["counters_ext", LEGACY_COUNTERS],
  ["hw_counters", HARDWARE_COUNTERS],
] as const;

/** Returns the paths of a device's counters. The driver may have to ask the firmware for them. */
const counterFiles = (sys: FileTree, device: string): readonly string[] =>
  sys.list(`${ROOT}/${device}/ports`).flatMap((port) =>
    COUNTERS.flatMap(([group, counters]) => {
      const folder = `${ROOT}/${device}/ports/${port}/${group}`;
      return sys.list(folder).flatMap((file) => (file in counters ? `${folder}/${file}` : []));
    }),
  );

function emitDevice(sys: FileTree, device: string, emit: InfinibandEmitter): void {
  const folder = `${ROOT}/${device}`;
  const firmware = attributeOf(sys, `${folder}/fw_ver`);
  const board = optionalAttribute(sys, `${folder}/board_id`) ?? "";
  emit.info(1, device, board, firmware, optionalAttribute(sys, `${folder}/hca_type`) ?? "");
  for (const { name } of sys.entries(`${folder}/ports`)) {
    const port = String(unsignedOf(name, `infiniband ${device} port`));
    emitPort(sys, `${folder}/ports/${name}`, [device, port], emit);
  }
}

function emitPort(sys: FileTree, folder: string, labels: readonly string[], emit: InfinibandEmitter): void {
  const names = new Set(sys.entries(folder).map(({ name }) => name));
  // Throws if the link layer is missing. Every driver reports the link layer, so a missing one means that the driver is
  // being unloaded.
  if (!names.has("link_layer")) throw new NoDataError(`${folder} is incomplete`);
  emit.state(stateIn(sys, `${folder}/state`), ...labels);
  emit.physicalState(stateIn(sys, `${folder}/phys_state`), ...labels);
  emit.rate(rateIn(sys, `${folder}/rate`), ...labels);
  for (const [group, counters] of COUNTERS)
    if (names.has(group)) emitCounters(sys, `${folder}/${group}`, counters, labels, emit);
}

function emitCounters(
  sys: FileTree,
  folder: string,
  counters: Readonly<Record<string, PortCounter>>,
  labels: readonly string[],
  emit: InfinibandEmitter,
): void {
  for (const { name, isFile } of sys.entries(folder)) {
    const counter = counters[name];
    if (!isFile || counter === undefined) continue;
    const value = counterIn(sys, `${folder}/${name}`);
    if (value === undefined) continue;
    emit.dynamic(
      counter.metric,
      counter === HW_COUNTERS_LIFESPAN ? Math.trunc(value / 1000) : value * counter.factor,
      ...labels,
    );
  }
}

/** Returns a port counter, or undefined if the driver or the adapter does not have it. */
function counterIn(sys: FileTree, path: string): number | undefined {
  let text: string;
  try {
    text = attributeOf(sys, path);
  } catch (error) {
    if (isMissing(error) || isForbidden(error) || isRefused(error)) return undefined;
    throw error;
  }
  // Returns undefined for the text that adapters without a performance manager print.
  return text.includes("N/A (no PMA)") ? undefined : unsignedLiteralOf(text, `infiniband ${path}`);
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error && "code" in error && ["EOPNOTSUPP", "ENOTSUP", "EINVAL"].includes(String(error.code));

/** Returns the number at the start of a state such as `4: ACTIVE`. */
function stateIn(sys: FileTree, path: string): number {
  const text = sys.read(path);
  const [id, name, ...others] = text.split(":");
  if (name === undefined || others.length > 0)
    throw new Error(`infiniband ${path}: expected a number and a name, got "${text}"`);
  return unsignedOf(id!.trim(), `infiniband ${path}`);
}

const BYTES_PER_GIGABIT = 125_000_000;

/**
 * Returns a rate such as `40 Gb/sec (4X QDR)` in bytes per second. The kernel's number has the precision of a 32-bit
 * float.
 */
function rateIn(sys: FileTree, path: string): number {
  const text = sys.read(path);
  const space = text.indexOf(" ");
  if (space === -1) throw new Error(`infiniband ${path}: expected a rate and a unit, got "${text}"`);
  return Math.trunc(Math.fround(floatOf(text.slice(0, space).trim(), `infiniband ${path}`)) * BYTES_PER_GIGABIT);
}
