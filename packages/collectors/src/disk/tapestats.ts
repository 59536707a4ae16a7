import { flagKinds } from "@narthex/runtime";
import { allOrNothing } from "../all-or-nothing.ts";
import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { keepMatching } from "../device-filter.ts";
import { type FileTree, isMissing } from "../host-files/host-files.ts";
import { unsignedLiteralOf } from "../host-files/kernel-number.ts";
import { byName, counter, gauge, type MetricSpec } from "../metric.ts";
import { attributeOf } from "../host-files/attribute.ts";

const DEVICE = ["device"];
/** Factor from ns to seconds. Multiplication instead of division gives exactly node_exporter's values. */
const SECONDS_PER_NANOSECOND = 1e-9;

const READINGS: Readonly<Record<string, readonly [metric: MetricSpec, factor?: number]>> = {
  in_flight: [gauge("node_tape_io_now", "The number of I/Os currently outstanding to this device.", DEVICE)],
  io_ns: [
    counter(
      "node_tape_io_time_seconds_total",
      "The amount of time spent waiting for all I/O to complete (including read and write). This includes tape movement " +
        "commands such as seeking between file or set marks and implicit tape movement such as when rewind on close " +
        "tape devices are used.",
      DEVICE,
    ),
    SECONDS_PER_NANOSECOND,
  ],
  other_cnt: [
    counter(
      "node_tape_io_others_total",
      "The number of I/Os issued to the tape drive other than read or write commands. The time taken to complete these " +
        "commands uses the following calculation io_time_seconds_total-read_time_seconds_total-write_time_seconds_total",
      DEVICE,
    ),
  ],
  read_byte_cnt: [counter("node_tape_read_bytes_total", "The number of bytes read from the tape drive.", DEVICE)],
  read_cnt: [
    counter("node_tape_reads_completed_total", "The number of read requests issued to the tape drive.", DEVICE),
  ],
  read_ns: [
    counter(
      "node_tape_read_time_seconds_total",
      "The amount of time spent waiting for read requests to complete.",
      DEVICE,
    ),
    SECONDS_PER_NANOSECOND,
  ],
  resid_cnt: [
    counter(
      "node_tape_residual_total",
      "The number of times during a read or write we found the residual amount to be non-zero. This should mean that a " +
        "program is issuing a read larger thean the block size on tape. For write not all data made it to tape.",
      DEVICE,
    ),
  ],
  write_byte_cnt: [counter("node_tape_written_bytes_total", "The number of bytes written to the tape drive.", DEVICE)],
  write_cnt: [
    counter("node_tape_writes_completed_total", "The number of write requests issued to the tape drive.", DEVICE),
  ],
  write_ns: [
    counter(
      "node_tape_write_time_seconds_total",
      "The amount of time spent waiting for write requests to complete.",
      DEVICE,
    ),
    SECONDS_PER_NANOSECOND,
  ],
};

const ROOT = "class/scsi_tape";
const IGNORED = "collector.tapestats.ignored-devices";

/** Tape drives: /sys/class/scsi_tape/st<n>/stats. */
export const tapestats = defineCollector({
  name: "tapestats",
  enabled: true,
  flags: { [IGNORED]: flagKinds.text("^$", "Regexp of devices to ignore for tapestats.") },
  metrics: byName(Object.values(READINGS).map(([metric]) => metric)),
  open({ settings }) {
    const isIgnored = keepMatching(settings, IGNORED);
    return ({ sys }, emit) => {
      try {
        allOrNothing(emit, (held) => {
          // Selects names such as st0. Other names are the same drives in other modes, for example without rewinding.
          const drives = sys.entries(ROOT).filter(({ name }) => /^st\d+$/.test(name));
          for (const { name } of drives) emitDrive(sys, name, isIgnored(name), held);
        });
      } catch (error) {
        if (isMissing(error)) throw new NoDataError("no tape drives", { cause: error });
        throw error;
      }
    };
  },
});

function emitDrive(sys: FileTree, drive: string, isIgnored: boolean, emit: DynamicEmitter): void {
  const files = new Set(sys.entries(`${ROOT}/${drive}/stats`).map(({ name }) => name));
  for (const [file, [metric, factor = 1]] of Object.entries(READINGS)) {
    const path = `${ROOT}/${drive}/stats/${file}`;
    const value = files.has(file) ? unsignedLiteralOf(attributeOf(sys, path), `tapestats ${path}`) : 0;
    if (!isIgnored) emit.dynamic(metric, value * factor, drive);
  }
}
