import { closeSync, constants, type Dirent, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { gauge, type MetricSpec } from "../metric.ts";

const SERVICE_FOLDER = "collector.runit.servicedir";

/** Length of supervise/status as runsv writes it: TAI64N time (12 bytes), pid (4), paused, want, got TERM, state. */
const STATUS_BYTES = 20;
const WANT_AT = 17;
const STATE_AT = 19;
/** TAI64 label of 1970, plus ten leap seconds. */
const TAI_OF_1970 = 4_611_686_018_427_387_914n;
const UP = 1;

const serviceGauge = (name: string, help: string): MetricSpec => gauge(name, help, ["service", "supervisor"]);

/** Exports services under runit from the state files of their supervisors. */
export const runit = defineCollector({
  name: "runit",
  enabled: false,
  flags: { [SERVICE_FOLDER]: flagKinds.text("/etc/service", "Path to runit service directory.") },
  metrics: {
    state: serviceGauge("node_service_state", "State of runit service."),
    desired: serviceGauge("node_service_desired_state", "Desired state of runit service."),
    normal: serviceGauge("node_service_normal_state", "Normal state of runit service."),
    changed: serviceGauge(
      "node_service_state_last_change_timestamp_seconds",
      "Unix timestamp of the last runit service state change.",
    ),
  },
  open({ settings, logger }) {
    logger.warn("This collector is deprecated and will be removed in the next major version release.");
    const folder = settings.text(SERVICE_FOLDER) || "/etc/service";
    return (_files, emit) => {
      for (const name of serviceNames(folder)) {
        const supervise = join(folder, name, "supervise");
        const status = readStatus(join(supervise, "status"));
        if (status === undefined) {
          logger.debug("Couldn't get status", { service: name });
          continue;
        }
        const labels = [name, "runit"];
        emit.state(status[STATE_AT]!, ...labels);
        emit.desired(status[WANT_AT] === "u".charCodeAt(0) ? UP : 0, ...labels);
        emit.changed(Number(status.readBigInt64BE() - TAI_OF_1970), ...labels);
        emit.normal(existsSync(join(supervise, "down")) ? 0 : UP, ...labels);
      }
    };
  },
});

const isService = (entry: Dirent): boolean => entry.isDirectory() || entry.isSymbolicLink();

const serviceNames = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(isService)
    .map(({ name }) => name)
    .toSorted();

/** Returns the status, or undefined if no supervisor has written one. A short file is padded with zeros. */
function readStatus(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    // Opens without blocking, so that a pipe in place of the file does not block the scrape.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = Buffer.alloc(STATUS_BYTES);
    return readSync(file, status, 0, STATUS_BYTES, null) === 0 ? undefined : status;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
