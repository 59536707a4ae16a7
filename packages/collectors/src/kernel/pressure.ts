import { defineCollector, NoData } from "../collector.ts";
import type { FileTree } from "../host-files.ts";
import { isMissing } from "../host-files.ts";
import { counter } from "../metric.ts";

/** Time lost to shortage of CPU, I/O, memory and to interrupts: /proc/pressure; Linux 4.20 and up, with PSI. */
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
    const io = read(proc, "io");
    const memory = read(proc, "memory");
    const irq = read(proc, "irq");
    if ([cpu, io, memory, irq].every((text) => text === undefined)) throw new NoData("no pressure information");
    if (cpu !== undefined) emit.cpuWaiting(seconds(cpu, "some"));
    if (io !== undefined) {
      emit.ioWaiting(seconds(io, "some"));
      emit.ioStalled(seconds(io, "full"));
    }
    if (memory !== undefined) {
      emit.memoryWaiting(seconds(memory, "some"));
      emit.memoryStalled(seconds(memory, "full"));
    }
    if (irq !== undefined) emit.irqStalled(seconds(irq, "full"));
  },
});

function read(proc: FileTree, resource: string): string | undefined {
  try {
    return proc.read(`pressure/${resource}`);
  } catch (error) {
    if (isMissing(error)) return undefined;
    // Compiled in but switched off: the files are there and refuse to be read.
    if (error instanceof Error && "code" in error && error.code === "ENOTSUP")
      throw new NoData("pressure information is off; add psi=1 to the kernel's command line", { cause: error });
    throw error;
  }
}

/** The total of a line such as `some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781`, which is in µs. */
function seconds(text: string, kind: "some" | "full"): number {
  const total = new Map(text.split("\n").map((line) => [line.slice(0, 4), /total=(\d+)/.exec(line)?.[1]])).get(kind);
  if (total === undefined) throw new NoData(`pressure information without a "${kind}" line`);
  return Number(total) / 1000 / 1000;
}
