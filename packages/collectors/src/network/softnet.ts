import { defineCollector } from "../collector.ts";
import { hexadecimalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge } from "../metric.ts";

const CPU = ["cpu"];

const COLUMN_LIMIT = 2 ** 32;

/** Minimum number of columns, as written by the oldest kernels. */
const FEWEST_COLUMNS = 9;

/**
 * Exports packet processing per CPU from /proc/net/softnet_stat, which has a line of hexadecimal numbers for each CPU.
 */
export const softnet = defineCollector({
  name: "softnet",
  enabled: true,
  metrics: {
    processed: counter("node_softnet_processed_total", "Number of processed packets", CPU),
    dropped: counter("node_softnet_dropped_total", "Number of dropped packets", CPU),
    squeezed: counter("node_softnet_times_squeezed_total", "Number of times processing packets ran out of quota", CPU),
    collision: counter(
      "node_softnet_cpu_collision_total",
      "Number of collision occur while obtaining device lock while transmitting",
      CPU,
    ),
    receivedRps: counter("node_softnet_received_rps_total", "Number of times cpu woken up received_rps", CPU),
    flowLimit: counter("node_softnet_flow_limit_count_total", "Number of times flow limit has been reached", CPU),
    backlog: gauge("node_softnet_backlog_len", "Softnet backlog status", CPU),
  },
  collect({ proc }, emit) {
    linesOf(proc.read("net/softnet_stat")).forEach((line, row) => {
      const columns = fieldsOf(line).map((hex) => hexadecimalOf(hex, "net/softnet_stat"));
      if (columns.some((count) => count >= COLUMN_LIMIT))
        throw new Error("net/softnet_stat: a count has more than 32 bits");
      if (columns.length < FEWEST_COLUMNS)
        throw new Error(`net/softnet_stat: ${columns.length} columns, expected at least ${FEWEST_COLUMNS}`);
      const at = (column: number): number => columns[column] ?? 0;
      // Uses the line number as the CPU number before Linux 5.14. Later kernels write the CPU number in the line.
      const cpu = String(columns[12] ?? row);
      emit.processed(at(0), cpu);
      emit.dropped(at(1), cpu);
      emit.squeezed(at(2), cpu);
      emit.collision(at(8), cpu);
      emit.receivedRps(at(9), cpu);
      emit.flowLimit(at(10), cpu);
      emit.backlog(columns.length > 12 ? at(11) : 0, cpu);
    });
  },
});
