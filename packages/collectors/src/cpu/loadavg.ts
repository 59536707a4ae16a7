import { defineCollector } from "../collector.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

export const LOAD_METRICS = {
  load1: gauge("node_load1", "1m load average."),
  load5: gauge("node_load5", "5m load average."),
  load15: gauge("node_load15", "15m load average."),
};

/** Load averages: /proc/loadavg. */
export const loadavg = defineCollector({
  name: "loadavg",
  enabled: true,
  metrics: LOAD_METRICS,
  collect({ proc }, emit) {
    const [one, five, fifteen] = fieldsOf(proc.read("loadavg"));
    emit.load1(floatOf(one, "loadavg"));
    emit.load5(floatOf(five, "loadavg"));
    emit.load15(floatOf(fifteen, "loadavg"));
  },
});
