import { defineCollector } from "../collector.ts";
import { fieldsOf, numberOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

/** Load averages: /proc/loadavg. */
export const loadavg = defineCollector({
  name: "loadavg",
  enabled: true,
  metrics: {
    load1: gauge("node_load1", "1m load average."),
    load5: gauge("node_load5", "5m load average."),
    load15: gauge("node_load15", "15m load average."),
  },
  collect({ proc }, emit) {
    const [one, five, fifteen] = fieldsOf(proc.read("loadavg"));
    emit.load1(numberOf(one, "loadavg"));
    emit.load5(numberOf(five, "loadavg"));
    emit.load15(numberOf(fifteen, "loadavg"));
  },
});
