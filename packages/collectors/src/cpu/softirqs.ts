import { defineCollector } from "../collector.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter } from "../metric.ts";

const TYPES = new Set("HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU".split(" "));

/** Exports soft interrupts by kind and CPU from /proc/softirqs. */
export const softirqs = defineCollector({
  name: "softirqs",
  enabled: false,
  metrics: {
    functions: counter("node_softirqs_functions_total", "Softirq counts per CPU.", ["cpu", "type"]),
  },
  collect({ proc }, emit) {
    const lines = linesOf(proc.read("softirqs"));
    if (lines.length === 0) throw new Error("softirqs: the file is empty");
    const counts = new Map<string, number[]>();
    for (const line of lines.slice(1)) {
      const [word = "", ...numbers] = fieldsOf(line);
      const type = word.endsWith(":") ? word.slice(0, -1) : "";
      if (!TYPES.has(type) || numbers.length === 0) continue;
      counts.set(
        type,
        numbers.map((text) => unsignedOf(text, `softirqs: ${type}`)),
      );
    }
    for (const [type, perCpu] of counts) {
      for (const [cpu, count] of perCpu.entries()) emit.functions(count, String(cpu), type);
    }
  },
});
