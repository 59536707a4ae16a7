import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { isMissing } from "../host-files/host-files.ts";
import { floatOf, unsignedOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { counter } from "../metric.ts";

/**
 * Exports the time lost to shortage of CPU, I/O and memory and to interrupts, from /proc/pressure. Requires Linux 4.20
 * with PSI.
 */
export const pressure = defineCollector({
  name: "pressure",
  enabled: true,
  metrics: {
    cpuWaiting: counter(
      "node_pressure_cpu_waiting_seconds_total",
      "Total time in seconds that processes have waited for CPU time",
    ),
    ioWaiting: counter(
      "node_pressure_io_waiting_seconds_total",
      "Total time in seconds that processes have waited due to IO congestion",
    ),
    ioStalled: counter(
      "node_pressure_io_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IO congestion",
    ),
    memoryWaiting: counter(
      "node_pressure_memory_waiting_seconds_total",
      "Total time in seconds that processes have waited for memory",
    ),
    memoryStalled: counter(
      "node_pressure_memory_stalled_seconds_total",
      "Total time in seconds no process could make progress due to memory congestion",
    ),
    irqStalled: counter(
      "node_pressure_irq_stalled_seconds_total",
      "Total time in seconds no process could make progress due to IRQ congestion",
    ),
  },
  collect({ proc }, emit) {
    const cpu = read(proc, "cpu");
    if (cpu !== undefined) emit.cpuWaiting(seconds(cpu, "some"));
    const io = read(proc, "io");
    if (io !== undefined) {
      const [waiting, stalled] = [seconds(io, "some"), seconds(io, "full")];
      emit.ioWaiting(waiting);
      emit.ioStalled(stalled);
    }
    const memory = read(proc, "memory");
    if (memory !== undefined) {
      const [waiting, stalled] = [seconds(memory, "some"), seconds(memory, "full")];
      emit.memoryWaiting(waiting);
      emit.memoryStalled(stalled);
    }
    const irq = read(proc, "irq");
    if (irq !== undefined) emit.irqStalled(seconds(irq, "full"));
    if ([cpu, io, memory, irq].every((totals) => totals === undefined))
      throw new NoDataError("no pressure information");
  },
});

function read(proc: FileTree, resource: string): ReadonlyMap<string, number> | undefined {
  try {
    return totalsOf(proc.read(`pressure/${resource}`), resource);
  } catch (error) {
    if (isMissing(error)) return undefined;
    // Reports no data if PSI is compiled into the kernel but disabled, because the files then exist but cannot be read.
    if (error instanceof Error && "code" in error && error.code === "ENOTSUP")
      throw new NoDataError("pressure information is off; add psi=1 to the kernel's command line", { cause: error });
    throw error;
  }
}

const LINE = /^(some|full) +avg10=(\S+) +avg60=(\S+) +avg300=(\S+) +total=([+-]?\d+)/;

/**
 * Returns the totals in µs of lines such as `some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781`. Other lines are
 * ignored.
 */
function totalsOf(text: string, resource: string): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const line of linesOf(text)) {
    const [word] = line.split(" ", 1);
    if (word !== "some" && word !== "full") continue;
    const found = LINE.exec(line);
    if (found === null) throw new Error(`pressure/${resource}: malformed line "${line}"`);
    const [, , ten, sixty, threeHundred, total] = found;
    for (const average of [ten, sixty, threeHundred]) floatOf(average, `pressure/${resource}`);
    totals.set(word, unsignedOf(total, `pressure/${resource}`));
  }
  return totals;
}

function seconds(totals: ReadonlyMap<string, number>, kind: "some" | "full"): number {
  const total = totals.get(kind);
  if (total === undefined) throw new NoDataError(`pressure information without a "${kind}" line`);
  return total / 1000 / 1000;
}
