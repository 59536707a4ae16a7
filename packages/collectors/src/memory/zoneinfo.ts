import { defineCollector, type Emitter } from "../collector.ts";
import { signedOf, literalOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";

const LABELS = ["node", "zone"];
const state = (name: string, help: string): MetricSpec => gauge(`node_zoneinfo_${name}`, help, LABELS);
const total = (name: string, help: string): MetricSpec => counter(`node_zoneinfo_${name}_total`, help, LABELS);

/** Metrics by the first word of a line in /proc/zoneinfo. */
const metrics = {
  nr_free_pages: state("nr_free_pages", "Total number of free pages in the zone"),
  min: state("min_pages", "Zone watermark pages_min"),
  low: state("low_pages", "Zone watermark pages_low"),
  high: state("high_pages", "Zone watermark pages_high"),
  scanned: state("scanned_pages", "Pages scanned since last reclaim"),
  spanned: state("spanned_pages", "Total pages spanned by the zone, including holes"),
  present: state("present_pages", "Physical pages existing within the zone"),
  managed: state("managed_pages", "Present pages managed by the buddy system"),
  nr_active_anon: state("nr_active_anon_pages", "Number of anonymous pages recently more used"),
  nr_inactive_anon: state("nr_inactive_anon_pages", "Number of anonymous pages recently less used"),
  nr_isolated_anon: state("nr_isolated_anon_pages", "Temporary isolated pages from anon lru"),
  nr_anon_pages: state("nr_anon_pages", "Number of anonymous pages currently used by the system"),
  nr_anon_transparent_hugepages: state(
    "nr_anon_transparent_hugepages",
    "Number of anonymous transparent huge pages currently used by the system",
  ),
  nr_active_file: state("nr_active_file_pages", "Number of active pages with file-backing"),
  nr_inactive_file: state("nr_inactive_file_pages", "Number of inactive pages with file-backing"),
  nr_isolated_file: state("nr_isolated_file_pages", "Temporary isolated pages from file lru"),
  nr_file_pages: state("nr_file_pages", "Number of file pages"),
  nr_slab_reclaimable: state("nr_slab_reclaimable_pages", "Number of reclaimable slab pages"),
  nr_slab_unreclaimable: state("nr_slab_unreclaimable_pages", "Number of unreclaimable slab pages"),
  nr_mlock_stack: state("nr_mlock_stack_pages", "mlock()ed pages found and moved off LRU"),
  nr_kernel_stack: state("nr_kernel_stacks", "Number of kernel stacks"),
  nr_mapped: state("nr_mapped_pages", "Number of mapped pages"),
  nr_dirty: state("nr_dirty_pages", "Number of dirty pages"),
  nr_writeback: state("nr_writeback_pages", "Number of writeback pages"),
  nr_unevictable: state("nr_unevictable_pages", "Number of unevictable pages"),
  nr_shmem: state("nr_shmem_pages", "Number of shmem pages (included tmpfs/GEM pages)"),
  nr_dirtied: total("nr_dirtied", "Page dirtyings since bootup"),
  nr_written: total("nr_written", "Page writings since bootup"),
  numa_hit: total("numa_hit", "Allocated in intended node"),
  numa_miss: total("numa_miss", "Allocated in non intended node"),
  numa_foreign: total("numa_foreign", "Was intended here, hit elsewhere"),
  numa_interleave: total("numa_interleave", "Interleaver preferred this zone"),
  numa_local: total("numa_local", "Allocation from local node"),
  numa_other: total("numa_other", "Allocation from other node"),
};

type Field = keyof typeof metrics;

interface Zone {
  node: string;
  zone: string;
  readonly values: Map<Field, number>;
  /**
   * Numbers of pages in this zone that allocations for higher zones may not use. The list has one number for each zone
   * that an allocation may prefer.
   */
  protection: readonly number[];
}

/**
 * Exports memory zones with their watermarks from /proc/zoneinfo. Also exports the counters of each NUMA node, which
 * the file contains in the node's first zone.
 */
export const zoneinfo = defineCollector({
  name: "zoneinfo",
  enabled: false,
  metrics,
  open() {
    const protection: MetricSpec[] = [];
    const protectionAt = (i: number): MetricSpec =>
      (protection[i] ??= state(`protection_${i}`, `Protection array ${i}. field`));
    return ({ proc }, emit) => {
      for (const block of proc.read("zoneinfo").split("\nNode")) emitZone(emit, parse(block), protectionAt);
    };
  },
});

function emitZone(emit: Emitter<typeof metrics>, zone: Zone, protectionAt: (i: number) => MetricSpec): void {
  for (const [field, value] of zone.values) emit[field](value, zone.node, zone.zone);
  for (const [i, pages] of zone.protection.entries()) emit.dynamic(protectionAt(i), pages, zone.node, zone.zone);
}

function parse(block: string): Zone {
  const zone: Zone = { node: "", zone: "", values: new Map(), protection: [] };
  for (const line of linesOf(block)) {
    const heading = /(\d+), zone\s+(\w+)/.exec(line);
    if (heading !== null) {
      [, zone.node = "", zone.zone = ""] = heading;
      continue;
    }
    const [word = "", number] = fieldsOf(line);
    if (number === undefined) continue;
    // Uses 0 for an invalid number, as in node_exporter.
    if (Object.hasOwn(metrics, word)) zone.values.set(word as Field, literalOf(number) ?? 0);
    else if (word === "protection:") zone.protection = protectionOf(line) ?? zone.protection;
  }
  return zone;
}

/** Returns the numbers of a line such as `protection: (0, 2877, 7826)`, or undefined if one is invalid. */
function protectionOf(line: string): number[] | undefined {
  const list = (line.split(":")[1] ?? "").replace("(", "").replace(")", "").trim();
  try {
    return list.split(", ").map((text) => signedOf(text, "protection"));
  } catch {
    return undefined;
  }
}
