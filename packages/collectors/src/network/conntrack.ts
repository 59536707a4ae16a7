import { defineCollector, NoData } from "../collector.ts";
import { type FileTree, isMissing } from "../host-files.ts";
import { fieldsOf, linesOf, numberOf } from "../kernel-text.ts";
import { gauge } from "../metric.ts";

const stat = (name: string, help: string): ReturnType<typeof gauge> => gauge(`node_nf_conntrack_stat_${name}`, help);

/** Connection tracking: /proc/sys/net/netfilter and /proc/net/stat/nf_conntrack; no data without the module. */
export const conntrack = defineCollector({
  name: "conntrack",
  enabled: true,
  metrics: {
    entries: gauge("node_nf_conntrack_entries", "Number of currently allocated flow entries for connection tracking."),
    limit: gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table."),
    found: stat("found", "Number of searched entries which were successful."),
    invalid: stat("invalid", "Number of packets seen which can not be tracked."),
    ignore: stat("ignore", "Number of packets seen which are already connected to a conntrack entry."),
    insert: stat("insert", "Number of entries inserted into the list."),
    insert_failed: stat("insert_failed", "Number of entries for which list insertion was attempted but failed."),
    drop: stat("drop", "Number of packets dropped due to conntrack failure."),
    early_drop: stat(
      "early_drop",
      "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
    ),
    search_restart: stat(
      "search_restart",
      "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
    ),
  },
  collect({ proc }, emit) {
    const read = (path: string): string => readOrNoData(proc, path);
    emit.entries(numberOf(read("sys/net/netfilter/nf_conntrack_count"), "nf_conntrack_count"));
    emit.limit(numberOf(read("sys/net/netfilter/nf_conntrack_max"), "nf_conntrack_max"));
    const sums = sumColumns(read("net/stat/nf_conntrack"));
    const keys = ["found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop"] as const;
    for (const key of keys) emit[key](sums.get(key) ?? 0);
    emit.search_restart(sums.get("search_restart") ?? sums.get("searchrestart") ?? 0);
  },
});

function readOrNoData(proc: FileTree, path: string): string {
  try {
    return proc.read(path);
  } catch (error) {
    if (isMissing(error)) throw new NoData("conntrack is not loaded", { cause: error });
    throw error;
  }
}

/** A heading line, then a line of hexadecimal numbers per CPU. */
function sumColumns(text: string): Map<string, number> {
  const [heading = "", ...rows] = linesOf(text);
  const sums = new Map<string, number>();
  const names = fieldsOf(heading);
  for (const row of rows) {
    const columns = fieldsOf(row);
    if (columns.length !== names.length)
      throw new Error(`nf_conntrack: ${columns.length} columns under ${names.length} names`);
    columns.forEach((hex, i) => {
      const name = names[i];
      if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + numberOf(`0x${hex}`, `nf_conntrack: ${name}`));
    });
  }
  return sums;
}
