import { defineCollector } from "../collector.ts";
import { unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge, type MetricSpec } from "../metric.ts";

/**
 * Fields that node_exporter knows. Other fields, which only some kernels have, are omitted, so that the names are the
 * same on all kernels.
 */
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

/** Returns the metric of a field: `Active(anon)` in kB is node_memory_Active_anon_bytes; a count has no suffix. */
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
    for (const { field, value, isBytes } of linesOf(proc.read("meminfo")).map(parse)) {
      if (KNOWN_FIELDS.has(field)) emit.dynamic(memoryMetric(field, isBytes), value);
    }
  },
});

/**
 * Parses a line such as `MemFree: 225472 kB`. An invalid line makes the whole file fail, even if its field is not
 * exported.
 */
function parse(line: string): { field: string; value: number; isBytes: boolean } {
  const words = fieldsOf(line);
  const [name = "", text = "", unit] = words;
  const value = unsignedOf(text, `meminfo: ${name}`);
  if (words.length > 3 || (unit !== undefined && unit !== "kB"))
    throw new Error(`meminfo: expected "Field: number kB", got "${line}"`);
  const field = name.endsWith(":") ? name.slice(0, -1) : "";
  return unit === undefined ? { field, value, isBytes: false } : { field, value: value * 1024, isBytes: true };
}
