import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { counter, gauge } from "../metric.ts";

/** Names of the softirq line's numbers after the total, in order. */
const SOFTIRQ_VECTORS = [
  "hi",
  "timer",
  "net_tx",
  "net_rx",
  "block",
  "block_iopoll",
  "tasklet",
  "sched",
  "hrtimer",
  "rcu",
];

const WITH_SOFTIRQ = "collector.stat.softirq";

/**
 * Returns the words of the line that begins with `key` and a blank. Does not split other lines, because the interrupt
 * line is long.
 */
function wordsOf(stat: string, key: string, limit: number): string[] {
  const at = stat.indexOf(`\n${key} `);
  if (at === -1) return [];
  const newline = stat.indexOf("\n", at + 1);
  const line = stat.slice(at + key.length + 2, newline === -1 ? undefined : newline);
  return line.split(" ", limit);
}

/** Exports interrupts, context switches, forks, boot time, and runnable and blocked processes from /proc/stat. */
export const stat = defineCollector({
  name: "stat",
  enabled: true,
  flags: { [WITH_SOFTIRQ]: flagKinds.flag(false, "Export softirq calls per vector") },
  metrics: {
    intr: counter("node_intr_total", "Total number of interrupts serviced."),
    ctxt: counter("node_context_switches_total", "Total number of context switches."),
    processes: counter("node_forks_total", "Total number of forks."),
    btime: gauge("node_boot_time_seconds", "Node boot time, in unixtime."),
    running: gauge("node_procs_running", "Number of processes in runnable state."),
    blocked: gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete."),
    softirqs: counter("node_softirqs_total", "Number of softirq calls.", ["vector"]),
  },
  open({ settings }) {
    const withSoftirq = settings.boolean(WITH_SOFTIRQ);
    return ({ proc }, emit) => {
      const text = proc.read("stat");
      const first = (key: string): number => unsignedOf(wordsOf(text, key, 1)[0] ?? "0", `stat: ${key}`);
      emit.intr(first("intr"));
      emit.ctxt(first("ctxt"));
      emit.processes(first("processes"));
      emit.btime(first("btime"));
      emit.running(first("procs_running"));
      emit.blocked(first("procs_blocked"));
      if (!withSoftirq) return;
      const found = wordsOf(text, "softirq", SOFTIRQ_VECTORS.length + 1);
      const counts = found.length === 0 ? SOFTIRQ_VECTORS.map(() => "0").concat("0") : found;
      SOFTIRQ_VECTORS.forEach((vector, i) => emit.softirqs(unsignedOf(counts[i + 1], "stat: softirq"), vector));
    };
  },
});
