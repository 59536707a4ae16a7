import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type Emitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { type FileTree, isForbidden, isMissing } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";
import { attributeOf } from "../host-files/attribute.ts";

const SUBSYSTEM = ["subsystem"];

const metrics = {
  info: gauge("node_nvmesubsystem_info", "Non-numeric information about an NVMe subsystem.", [
    "subsystem",
    "nqn",
    "model",
    "serial",
    "iopolicy",
  ]),
  namespace: gauge("node_nvmesubsystem_namespace_info", "Maps an NVMe namespace block device to its subsystem.", [
    "subsystem",
    "device",
  ]),
  paths: gauge("node_nvmesubsystem_paths", "Number of controller paths for an NVMe subsystem.", SUBSYSTEM),
  pathsLive: gauge(
    "node_nvmesubsystem_paths_live",
    "Number of controller paths in live state for an NVMe subsystem.",
    SUBSYSTEM,
  ),
  pathState: gauge(
    "node_nvmesubsystem_path_state",
    "Current NVMe controller path state (1 for the current state, 0 for all others).",
    ["subsystem", "controller", "transport", "state"],
  ),
};

const STATES = ["connecting", "dead", "deleting", "live", "new", "resetting", "unknown"] as const;

/** Returns the state of a controller as one of STATES. */
function stateOf(text: string): (typeof STATES)[number] {
  const word = text === "deleting (no IO)" ? "deleting" : text;
  return STATES.find((state) => state === word) ?? "unknown";
}

const ROOT = "class/nvme-subsystem";

/** Exports paths to NVMe subsystems, mostly over fabrics, from /sys/class/nvme-subsystem. */
export const nvmesubsystem = defineCollector({
  name: "nvmesubsystem",
  enabled: false,
  metrics,
  collect({ sys }, emit) {
    try {
      allOrNothing(emit, (held) => {
        for (const { name } of sys.entries(ROOT)) if (name.startsWith("nvme-subsys")) emitSubsystem(sys, name, held);
      });
    } catch (error) {
      if (isMissing(error) || isForbidden(error)) throw new NoDataError("no NVMe subsystem to read", { cause: error });
      throw error;
    }
  },
});

function emitSubsystem(sys: FileTree, subsystem: string, emit: Emitter<typeof metrics>): void {
  const folder = `${ROOT}/${subsystem}`;
  const read = (file: string): string => attributeOf(sys, `${folder}/${file}`);
  emit.info(1, subsystem, read("subsysnqn"), read("model"), read("serial"), read("iopolicy"));
  let pathCount = 0;
  let liveCount = 0;
  for (const { name } of sys.entries(folder)) {
    if (/^nvme\d+n\d+$/.test(name)) emit.namespace(1, subsystem, name);
    if (!/^nvme\d+$/.test(name)) continue;
    const state = stateOf(read(`${name}/state`));
    const transport = read(`${name}/transport`);
    pathCount++;
    if (state === "live") liveCount++;
    for (const known of STATES) emit.pathState(known === state ? 1 : 0, subsystem, name, transport, known);
  }
  emit.paths(pathCount, subsystem);
  emit.pathsLive(liveCount, subsystem);
}
