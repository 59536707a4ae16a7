import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { isMissing } from "../host-files/host-files.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter } from "../metric.ts";

const NANOSECONDS = 1e9;
const CPU = ["cpu"];

/**
 * Exports the time that CPUs ran tasks and that tasks waited for CPUs, from /proc/schedstat. Some kernels are built
 * without this file.
 */
export const schedstat = defineCollector({
  name: "schedstat",
  enabled: true,
  metrics: {
    running: counter("node_schedstat_running_seconds_total", "Number of seconds CPU spent running a process.", CPU),
    waiting: counter(
      "node_schedstat_waiting_seconds_total",
      "Number of seconds spent by processing waiting for this CPU.",
      CPU,
    ),
    timeslices: counter("node_schedstat_timeslices_total", "Number of timeslices executed by CPU.", CPU),
  },
  collect({ proc }, emit) {
    for (const line of linesOf(readStat(() => proc.read("schedstat")))) {
      const cpu = /^cpu(\d+)(?: \d+){9}/.exec(line)?.[1];
      if (cpu === undefined) continue;
      const fields = fieldsOf(line);
      emit.running(Number(fields[7]) / NANOSECONDS, cpu);
      emit.waiting(Number(fields[8]) / NANOSECONDS, cpu);
      emit.timeslices(Number(fields[9]), cpu);
    }
  },
});

function readStat(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) throw new NoDataError("no schedstat", { cause: error });
    throw error;
  }
}
