import { defineCollector } from "../collector.ts";
import { isMissing } from "../host-files/host-files.ts";
import { signedOf, unsignedOf } from "../host-files/kernel-number.ts";
import { counter, gauge } from "../metric.ts";

const metrics = {
  full_scans: counter("node_ksmd_full_scans_total", "How many times all mergeable areas have been scanned."),
  general_profit: gauge(
    "node_ksmd_general_profit_bytes",
    "How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)",
  ),
  merge_across_nodes: gauge(
    "node_ksmd_merge_across_nodes",
    "Specifies if pages from different NUMA nodes can be merged.",
  ),
  pages_shared: gauge("node_ksmd_pages_shared", "How many shared pages are being used."),
  pages_sharing: gauge("node_ksmd_pages_sharing", "How many more sites are sharing them i.e. how much saved."),
  pages_to_scan: gauge("node_ksmd_pages_to_scan", "How many pages to scan before ksmd goes to sleep."),
  pages_unshared: gauge("node_ksmd_pages_unshared", "How many pages unique but repeatedly checked for merging."),
  pages_volatile: gauge("node_ksmd_pages_volatile", "How many pages changing too fast to be placed in a tree."),
  run: gauge("node_ksmd_run", "The status of ksmd. stopped = 0, running = 1"),
  sleep_millisecs: gauge("node_ksmd_sleep_seconds", "How many seconds ksmd should sleep before next scan."),
};

/** Exports the kernel thread that merges equal pages, from /sys/kernel/mm/ksm. Each file is one metric. */
export const ksmd = defineCollector({
  name: "ksmd",
  enabled: false,
  metrics,
  collect({ sys }, emit) {
    for (const file of Object.keys(metrics) as (keyof typeof metrics)[]) {
      let text: string;
      try {
        text = sys.read(`kernel/mm/ksm/${file}`).trim();
      } catch (error) {
        // Skips a missing file, because the set of files depends on the kernel.
        if (isMissing(error)) continue;
        throw error;
      }
      // The profit of KSM (merging of equal memory pages) can be negative, if bookkeeping costs more than merging
      // saves. node_exporter fails in this case.
      const value = file === "general_profit" ? signedOf(text, file) : unsignedOf(text, file);
      emit[file](file === "sleep_millisecs" ? value / 1000 : value);
    }
  },
});
