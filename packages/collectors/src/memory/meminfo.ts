import { defineCollector } from "../collector.ts";
import { fieldsOf, linesOf, numberOf } from "../kernel-text.ts";
import { gauge, type MetricSpec } from "../metric.ts";

/** Fields node_exporter knows; what other kernels add stays out, so that the names stay the same everywhere. */
const KNOWN_FIELDS = new Set(
  (
    "Active Active(anon) Active(file) AnonHugePages AnonPages Bounce Buffers Cached CmaFree CmaTotal CommitLimit " +
    "Committed_AS DirectMap1G DirectMap2M DirectMap4k Dirty HardwareCorrupted HugePages_Free HugePages_Rsvd " +
    "HugePages_Surp HugePages_Total Hugepagesize Inactive Inactive(anon) Inactive(file) KernelStack Mapped " +
    "MemAvailable MemFree MemTotal Mlocked NFS_Unstable PageTables Percpu SReclaimable SUnreclaim Shmem " +
    "ShmemHugePages ShmemPmdMapped Slab SwapCached SwapFree SwapTotal Unevictable VmallocChunk VmallocTotal " +
    "VmallocUsed Writeback WritebackTmp Zswap Zswapped"
  ).split(" "),
);

const specs = new Map<string, MetricSpec>();

/** `Active(anon)` in kB is node_memory_Active_anon_bytes, a count keeps its bare name. */
export function memoryMetric(field: string, isBytes: boolean): MetricSpec {
  let spec = specs.get(field);
  if (spec === undefined) {
    const name = field.replace("(", "_").replace(")", "") + (isBytes ? "_bytes" : "");
    spec = gauge(`node_memory_${name}`, `Memory information field ${name}.`);
    specs.set(field, spec);
  }
  return spec;
}

/** Memory of the host: /proc/meminfo. */
export const meminfo = defineCollector({
  name: "meminfo",
  enabled: true,
  metrics: {},
  collect({ proc }, emit) {
    for (const line of linesOf(proc.read("meminfo"))) {
      const colon = line.indexOf(":");
      if (colon === -1) throw new Error(`meminfo: malformed line "${line}"`);
      const field = line.slice(0, colon);
      if (!KNOWN_FIELDS.has(field)) continue;
      const [value, unit] = fieldsOf(line.slice(colon + 1));
      const number = numberOf(value, `meminfo: ${field}`);
      const isBytes = unit === "kB";
      emit.dynamic(memoryMetric(field, isBytes), isBytes ? number * 1024 : number);
    }
  },
});
